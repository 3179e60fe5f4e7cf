"""Whom to ask, what to ask, and the answer: the values that go in and out of the SNMP client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address
from typing import Literal

from collectors.errors import BadTarget
from collectors.snmp.ber import Oid
from collectors.snmp.values import Value
from inventory.secret import Secret

#: What a user is authenticated and encrypted with.
AuthWord = Literal["sha", "sha224", "sha256", "sha384", "sha512"]
PrivWord = Literal["aes", "aes192", "aes256", "aes192-blumenthal", "aes256-blumenthal", "des"]


@dataclass(frozen=True, slots=True)
class Community:
    """SNMPv2c: a community, which travels in clear."""

    community: Secret


@dataclass(frozen=True, slots=True)
class V3User:
    """An SNMPv3 user: an HMAC of RFC 3414 or RFC 7860, and a cipher of RFC 3826 or, with a longer key, of a draft.

    ``aes192`` and ``aes256`` extend a hash that is too short as routers do, the others as net-snmp does; with a hash
    that is long enough the two are the same. Only who is asked for as ``weak`` may have DES, or no privacy or no
    authentication: an empty password.
    """

    name: str
    auth: Secret
    priv: Secret
    auth_protocol: AuthWord = "sha256"
    priv_protocol: PrivWord = "aes"
    weak: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.name.encode()) <= 32:
            raise BadTarget("an SNMPv3 user name has 1 to 32 octets: correct the credentials")
        auth, priv = len(self.auth.reveal().encode()), len(self.priv.reveal().encode())
        for what, octets in (("authentication", auth), ("privacy", priv)):
            if octets < 8 and not (self.weak and octets == 0):  # RFC 3414, section 11.2
                raise BadTarget(
                    f"SNMPv3 user {self.name}: the {what} password has fewer than 8 octets: set a longer one"
                )
        if priv and not auth:
            raise BadTarget(f"SNMPv3 user {self.name}: privacy needs authentication: set its password")
        if self.priv_protocol == "des" and not self.weak:
            raise BadTarget(f"SNMPv3 user {self.name}: DES is broken: use AES, or ask for a weak user")


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
