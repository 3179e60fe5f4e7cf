"""What the archive needs of the world: the text functions of a platform, and a place that keeps versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.archive.cipher import Sealed
from agent.archive.retention import Pin, Shelf


class Platform(Protocol):
    """What a platform knows of its own configuration texts."""

    @property
    def name(self) -> str:
        """As the inventory names it."""

    def is_complete(self, text: str) -> str | None:
        """Why ``text`` is not a whole configuration; None: it is."""

    def restorable(self, text: str) -> str:
        """The form that the device takes back."""

    def lasting(self, text: str) -> str:
        """``text`` without what changes although nobody changes the configuration."""

    def redact(self, text: str, known_secrets: Iterable[str], mark: Callable[[str], str]) -> str:
        """``text`` with ``mark(value)`` in place of each secret, and of each known one wherever it stands."""

    def hostname(self, text: str) -> str:
        """The router's name in a configuration; "" where it has none."""

    def has_vpn(self, text: str) -> bool:
        """Whether a configuration has a tunnel of a VPN."""


#: The platform that a text is a configuration of, by the text itself, whole or not; None: of no known one.
Recognised = Callable[[str], Platform | None]


@dataclass(frozen=True, slots=True)
class Version:
    """One archived configuration, without its text: ``size`` in bytes; ``ranked`` if it is one of the three.

    ``taken_at`` is when it was first read from the router, ``seen_at`` when it was last found running.
    """

    router: str
    number: int
    digest: str
    taken_at: datetime
    seen_at: datetime
    reason: str
    author: str
    size: int
    ranked: bool
    pins: frozenset[Pin]


@dataclass(frozen=True, slots=True)
class Capture:
    """A configuration as read just now, sealed."""

    router: str
    digest: str
    at: datetime
    reason: str
    author: str
    size: int
    sealed: Sealed


class Versions(Protocol):
    """Keeps versions; each call is one transaction, durable when it returns."""

    def routers(self) -> tuple[str, ...]:
        """Every router that has a version, by name."""

    def versions(self, router: str) -> tuple[Version, ...]:
        """A router's versions: the three, newest first, then the pinned ones."""

    def sealed(self, router: str, number: int) -> Sealed | None:
        """The encrypted text of a version."""

    def record(self, capture: Capture, step: Callable[[Shelf], tuple[Shelf, int]]) -> int:
        """Apply ``step`` to the router's shelf, keep ``capture`` if it is new there, and return its number."""

    def rearrange(self, router: str, step: Callable[[Shelf], Shelf]) -> None:
        """Apply ``step`` to the router's shelf; what is no longer on it is deleted."""
