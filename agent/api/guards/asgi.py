"""What guards share: the types of ASGI, a request's own notes, and its headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from agent.tokens import Role, Token

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Under this key of the scope's state a request's notes are kept.
NOTES = "spokesman"
#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass
class Notes:
    """What is known of a request while it is worked on."""

    id: str
    token: Token | None = None
    #: Why it was not done, for the audit.
    told: str = ""

    @property
    def trusted(self) -> bool:
        """Whether the caller runs the service, and is told what is wrong with it."""
        token = self.token
        return token is not None and not token.customer and token.role in (Role.ENGINEER, Role.OPERATOR)


def notes_of(scope: Scope) -> Notes:
    """The notes of a request that the outermost guard has let in."""
    notes: Notes = scope["state"][NOTES]
    return notes


def header(scope: Scope, name: bytes) -> tuple[str, ...]:
    """Every value of a header; ``name`` in lower case."""
    return tuple(value.decode("latin-1") for key, value in scope["headers"] if key == name)
