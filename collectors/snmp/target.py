"""Whom to ask, what to ask, and the answer: the values that go in and out of the SNMP client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address

from collectors.codec.ber import Oid
from collectors.codec.values import Value
from collectors.errors import BadTarget
from collectors.security.credentials import Community, V3User
from collectors.security.session import Failure


@dataclass(frozen=True, slots=True)
class Target:
    """An agent to ask: IPv4 address and UDP port as this machine reaches them.

    A request is sent ``retries + 1`` times at most, each time with ``timeout_s`` seconds to answer.
    """

    address: str
    port: int
    credentials: Community | V3User
    timeout_s: float = 2.0
    retries: int = 2

    def __post_init__(self) -> None:
        try:
            IPv4Address(self.address)
        except AddressValueError as error:
            raise BadTarget(f"{self.address!r} is no IPv4 address: give one") from error
        if not 1 <= self.port <= 65535:
            raise BadTarget(f"{self.address}: port {self.port} is not in 1 to 65535")
        if not 0 < self.timeout_s <= 60 or not 0 <= self.retries <= 10:
            raise BadTarget(f"{self.address}: the time-out must be in (0, 60] seconds and the retries in 0 to 10")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target said: without a failure ``values`` holds every object asked for, missing ones as ``Missing``.

    With a failure ``values`` is what was read before it, and ``detail`` says more. No secret is in it.
    ``round_trip_s`` is the last packet's, from its sending to its answer, in seconds. ``requests`` were answered, and
    ``lost`` of the tries before went unanswered: ``requests + lost`` is what was sent.
    """

    target: Target
    values: Mapping[Oid, Value] = field(default_factory=dict)
    failure: Failure | None = None
    detail: str = ""
    round_trip_s: float | None = None
    requests: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class PollRequest:
    """One target's part of a poll: instances to GET, columns to walk by GETBULK. ``key`` comes back in the answer."""

    key: str
    target: Target
    oids: tuple[Oid, ...] = ()
    columns: tuple[Oid, ...] = ()


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """The answer to the request with the same ``key``."""

    key: str
    answer: Answer
