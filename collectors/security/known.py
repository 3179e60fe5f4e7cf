"""What is known of an SNMPv3 engine that is not ours: our keys for it, and our notion of its clock. Pure."""

from __future__ import annotations

from collectors.security.usm import Keys
from collectors.security.v3message import MAX_INT, Engine

#: RFC 3414, section 2.2.3: seconds that a message may be older than our notion of the engine's time.
TIME_WINDOW_S = 150


class KnownEngine:
    """An engine, our keys for it, and our notion of its clock. Until ``verified`` the clock is hearsay."""

    __slots__ = ("boots", "heard_at", "identity", "keys", "time", "verified")

    def __init__(self, heard: Engine, keys: Keys, now: float) -> None:
        self.identity = heard.identity
        self.keys = keys
        self.boots = heard.boots
        self.time = heard.time
        self.heard_at = now
        self.verified = False

    def clock(self, now: float) -> Engine:
        """What the engine's boots and time should be at ``now``."""
        return Engine(self.identity, self.boots, self._time(now))

    def _time(self, now: float) -> int:
        return min(self.time + int(now - self.heard_at), MAX_INT)

    def in_window(self, boots: int, time: int, now: float) -> bool:
        """RFC 3414, section 3.2, 7b: an authenticated message of these boots and time is recent enough."""
        if not self.verified or boots > self.boots:
            return True
        if boots < self.boots or self.boots == MAX_INT:
            return False
        return time > self.time or time >= self._time(now) - TIME_WINDOW_S

    def follow(self, boots: int, time: int, now: float) -> None:
        """Move the clock on to what an authenticated message in the window says."""
        if not self.verified or boots > self.boots or (boots == self.boots and time > self.time):
            self.set(boots, time, now)

    def set(self, boots: int, time: int, now: float) -> None:
        """Take the clock from an authenticated message, even backwards."""
        self.boots, self.time, self.heard_at, self.verified = boots, time, now, True
