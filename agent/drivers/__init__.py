"""Device sessions: NAPALM and Netmiko behind small protocols."""

from agent.drivers.devices import NapalmDevices
from agent.drivers.session import Limits

__all__ = ["Limits", "NapalmDevices"]
