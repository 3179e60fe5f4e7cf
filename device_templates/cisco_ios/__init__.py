"""Cisco IOS 15, the classic one: what it shares with IOS-XE is in that folder, and only what differs in this one."""

from device_templates.cisco_ios.platform import PLATFORM

__all__ = ["PLATFORM"]
