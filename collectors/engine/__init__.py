"""Polls a fleet: many devices in flight over one socket by callbacks, what each can bear learned and remembered."""

from collectors.engine.device import Device
from collectors.engine.engine import Engine, Errand
from collectors.engine.polled import Polled, Script, Values, instances

__all__ = ["Device", "Engine", "Errand", "Polled", "Script", "Values", "instances"]
