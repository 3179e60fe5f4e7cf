"""Cisco IOS-XE."""

from device_templates.cisco_iosxe.platform import PLATFORM

__all__ = ["PLATFORM"]
