"""A white-box router: Debian with FRRouting, strongSwan, nftables and net-snmp."""

from device_templates.linux_frr.platform import PLATFORM

__all__ = ["PLATFORM"]
