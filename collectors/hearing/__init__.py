"""What devices send unasked: a socket that hears them, and how much each may send."""

from collectors.hearing.allowance import Allowance
from collectors.hearing.listener import Listener

__all__ = ["Allowance", "Listener"]
