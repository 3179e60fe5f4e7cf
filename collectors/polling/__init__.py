"""Polls devices: what is asked, what is remembered between polls, and the short way where nothing happened."""

from collectors.polling.order import Polled, PollOrder
from collectors.polling.poller import DevicePoller, full

__all__ = ["DevicePoller", "PollOrder", "Polled", "full"]
