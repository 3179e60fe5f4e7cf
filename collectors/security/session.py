"""What the client asks of a security model: seal a request, judge what comes back. No I/O."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol

from collectors.codec.answer import Reply
from collectors.codec.pdu import NOTHING, Request


class Failure(StrEnum):
    """Why there is no full answer."""

    TIMEOUT = "no answer"
    UNUSABLE = "unusable answer"
    REFUSED = "refused by the agent"
    NOT_SENT = "could not be sent"
    UNKNOWN_USER = "unknown user"
    WRONG_DIGEST = "wrong authentication key or protocol"
    WRONG_PRIVACY = "wrong privacy key or protocol"
    WRONG_LEVEL = "security level not allowed"
    NOT_IN_TIME = "engine time could not be agreed"
    CLOSED = "the client was closed"


class Sent:
    """A message that went out for ``request``; ``context`` is what its security model needs to judge the answer."""

    __slots__ = ("context", "datagram", "identifier", "request")

    def __init__(self, identifier: int, datagram: bytes, context: object = None, request: Request = NOTHING) -> None:
        self.identifier = identifier
        self.datagram = datagram
        self.context = context
        self.request = request

    def __repr__(self) -> str:
        """Without the datagram: a community travels in clear."""
        return f"Sent({self.identifier})"


class Ignored(NamedTuple):
    """Not an answer to what was sent; the true one may still come."""

    reason: str


class Again(NamedTuple):
    """The session learned something: seal the request anew and send it at once."""

    reason: str
    failure: Failure


class Hint(NamedTuple):
    """An unauthenticated refusal: believed only if no true answer comes before the time-out, and not worth a retry."""

    failure: Failure
    detail: str


Verdict = Reply | Ignored | Again | Hint


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
