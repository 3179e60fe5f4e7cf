"""What devices send unasked: a socket that hears them, how much each may send, and what became of it."""

from collectors.hearing.allowance import Allowance
from collectors.hearing.listener import Address
from collectors.hearing.receiver import Receiver

__all__ = ["Address", "Allowance", "Receiver"]
