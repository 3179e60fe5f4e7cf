"""Small records of what a router holds besides its configuration."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """An SNMPv3 user as typed; its keys are localised with ``engine_id``, the router's when it was made.

    ``auth`` and ``priv`` are IOS words: ``md5``, ``sha``, ``sha-2 256``, ``aes 128`` …; "" means none.
    """

    name: str
    group: str
    auth: str = ""
    auth_secret: str = field(default="", repr=False)
    priv: str = ""
    priv_secret: str = field(default="", repr=False)
    access: str = ""
    engine_id: bytes = b""


@dataclass(frozen=True, slots=True)
class PendingRevert:
    """A revert timer that runs: at ``deadline`` (lab seconds) the router goes back to ``target``."""

    user: str
    deadline: float
    minutes: int
    configured: float
    target: str = field(repr=False)
    idle: bool = False


@dataclass(slots=True)
class Faults:
    """What a test or ``lab break`` made wrong with the box itself. Commands are matched by how they begin."""

    hang: dict[str, int] = field(default_factory=dict)  # command -> bytes of its output before silence
    truncate: dict[str, int] = field(default_factory=dict)  # command -> bytes of its output that are sent
    stall: dict[str, tuple[str, float]] = field(default_factory=dict)  # command -> (text after which, real seconds)
    reject: list[str] = field(default_factory=list)  # configuration lines refused as invalid input
