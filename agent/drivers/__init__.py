"""Device sessions: NAPALM and Netmiko behind small protocols, one folder a platform."""

from agent.drivers.devices import Limits, SshDevices

__all__ = ["Limits", "SshDevices"]
