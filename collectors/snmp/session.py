"""What the client asks of a security model: seal a request, judge what comes back. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from collectors.snmp.pdu import Pdu, Request
from collectors.snmp.target import Failure


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that went out; ``context`` is what its security model needs to judge the answer."""

    identifier: int
    datagram: bytes
    context: object = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Not an answer to what was sent; the true one may still come."""

    reason: str


@dataclass(frozen=True, slots=True)
class Again:
    """The session learned something: seal the request anew and send it at once."""

    reason: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class Hint:
    """An unauthenticated refusal: believed only if no true answer comes before the time-out, and not worth a retry."""

    failure: Failure
    detail: str


Verdict = Pdu | Ignored | Again | Hint


class Session(Protocol):
    """One target under one set of credentials."""

    def seal(self, request: Request, identifier: int) -> Sent:
        """The next message to send for ``request``."""

    def judge(self, datagram: bytes, sent: Sent) -> Verdict:
        """What to make of bytes from the target that carry ``sent``'s identifier.

        Raises:
            MalformedMessage: the protocol does not allow them; they count as ignored.
        """

    def gave_up(self) -> None:
        """The last try of a request got no answer."""
