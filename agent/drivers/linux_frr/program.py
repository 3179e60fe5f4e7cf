"""The router's own program as it is asked over a session: one method a verb, each bounded in time.

Every method raises Refusal where the program says no, TimeoutError and EOFError where the session is over, and
ValueError for what is no answer; after these three nothing more is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from agent.drivers.linux_frr import wire
from agent.drivers.linux_frr.connection import SubsystemConnection
from agent.provisioning.ports import DeviceFacts, PingResult

T = TypeVar("T")


class Program:
    """``sent`` is set once a change was asked for: from then on only its outcome counts."""

    def __init__(self, connection: SubsystemConnection, quick_s: float, change_s: float) -> None:
        self.connection = connection
        self.sent = False
        self._quick_s = quick_s
        self._change_s = change_s

    def end(self) -> None:
        """Close the session, whatever state it is in."""
        self.connection.cut()
        self.connection.disconnect()

    def facts(self) -> DeviceFacts:
        """Host name, serial number, model, version and uptime."""
        return self._asked("facts", wire.facts, self._quick_s)

    def running(self) -> str:
        """The document of what runs."""
        return self._asked("running", wire.text, self._change_s)

    def startup(self) -> str:
        """The document that a restart applies; empty where none was confirmed."""
        return self._asked("startup", wire.text, self._change_s)

    def load(self, text: str, mode: str) -> str:
        """Put a document beside what runs, to ``replace`` it or to ``merge``; the digest of what was put there.

        ValueError: it did not arrive whole.
        """
        digest = self._asked("load", wire.digest, self._change_s, text=text, mode=mode)
        if mode == "replace" and digest != hashlib.sha256(text.encode()).hexdigest():
            raise ValueError("the candidate did not arrive whole")
        return digest

    def compare(self) -> str:
        """The unified difference from what runs to what was loaded."""
        return self._asked("compare", wire.text, self._change_s)

    def commit(self, revert_in_s: int, user: str, digest: str, message: str = "") -> None:
        """Apply what was loaded, all of it or nothing, and take it back unless it is confirmed in time.

        ``digest`` is what ``load`` told; a router that knows the argument refuses what somebody else loaded since.
        """
        self.sent = True
        asked = {"revert_in_s": revert_in_s, "user": user, "message": message, "sha256": digest}
        self._asked("commit", wire.anything, self._change_s, **asked)

    def pending(self) -> wire.Pending | None:
        """The change that waits for confirmation."""
        return self._asked("pending", wire.pending, self._quick_s)

    def confirm(self, user: str) -> None:
        """Keep the change that waits, now and after a restart."""
        self.sent = True
        self._asked("confirm", wire.anything, self._change_s, user=user)

    def revert(self) -> None:
        """Take the change that waits back at once."""
        self.sent = True
        self._asked("revert", wire.anything, self._change_s)

    def discard(self) -> None:
        """Remove what was loaded."""
        self._asked("discard", wire.anything, self._quick_s)

    def show(self, command: str) -> str:
        """What the router shows of ``topic [argument …]``: the text of a JSON object."""
        topic, *arguments = command.split() or [""]
        return self._asked("show", wire.text, self._quick_s, topic=topic, args=arguments)

    def ping(self, address: str, vpn: str, source: str, count: int) -> PingResult:
        """What became of ``count`` echoes to an address, from the front door or from inside a VPN."""
        limit_s = self._quick_s + 2 * count
        return self._asked("ping", wire.ping_result, limit_s, address=address, vpn=vpn, source=source, count=count)

    def _asked(self, verb: str, read: Callable[[object], T], limit_s: float, **arguments: object) -> T:
        try:
            return read(wire.result(self.connection.ask(wire.request(verb, arguments), limit_s)))
        except ValueError:
            self.connection.cut()
            raise
