"""Device sessions: NAPALM and Netmiko behind small protocols."""

from agent.drivers.devices import Limits, NapalmDevices

__all__ = ["Limits", "NapalmDevices"]
