"""What a router shows of itself, whatever its platform: neutral records, and the Protocol by which they are had.

No record holds a secret. Readers are tolerant: what does not fit is left out, nothing is guessed, nothing is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: Gives what the router shows for one read-only command of its platform; it may have hidden the secrets in it.
Show = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class VpnRef:
    """A VPN as platforms name things after it: its name in the inventory and its number."""

    name: str
    id: int


@dataclass(frozen=True, slots=True)
class Shown(Generic[T_co]):
    """What was read: the text as it was shown, to be kept as evidence, and its meaning."""

    text: str
    value: T_co


class TunnelState(StrEnum):
    """How far a tunnel to a peer has come: ``UP``, or what it is stuck in."""

    UP = "UP"
    #: The peer's WAN address is not resolved, or it did not register.
    NHRP = "NHRP"
    #: No IKE association with the peer.
    IKE = "IKE"
    #: IKE, and no IPsec association.
    IPSEC = "IPSEC"
    #: The tunnel's own interface is down, or something that the platform does not tell.
    DOWN = "DOWN"


class IkeState(StrEnum):
    """The state of an IKE association; where there is none, there is no row."""

    ESTABLISHED = "established"
    NEGOTIATING = "negotiating"
    ENDING = "ending"


#: The state of a BGP session that carries routes; the others are those of RFC 4271, as Idle, Active and OpenSent.
ESTABLISHED = "Established"


@dataclass(frozen=True, slots=True)
class TunnelPeer:
    """A peer of one VPN's tunnel: its WAN (NBMA) address where known, its tunnel address, and since when it is so.

    ``since`` is a time or a duration in the platform's words, "" where it does not tell.
    """

    nbma: str | None
    tunnel: str
    state: TunnelState
    since: str

    @property
    def up(self) -> bool:
        """Whether traffic can take it."""
        return self.state is TunnelState.UP


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A BGP neighbour; ``prefixes`` is None while the session is not established. ``since`` as of a TunnelPeer."""

    address: str
    since: str
    state: str
    prefixes: int | None


@dataclass(frozen=True, slots=True)
class NextHopServer:
    """A hub that a router registers with: whether it responds, and registrations sent, failed and answered.

    A count is None where the platform does not count.
    """

    address: str
    responds: bool
    sent: int | None
    failed: int | None
    answered: int | None


@dataclass(frozen=True, slots=True)
class IpsecCounters:
    """Packets and errors of the IPsec associations with one peer, all its associations together."""

    encaps: int
    decaps: int
    send_errors: int
    recv_errors: int


@dataclass(frozen=True, slots=True)
class IkeRequests:
    """IKE requests of one direction, ``incoming`` or ``outgoing``."""

    direction: str
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that a router has. ``own``: issued to the router, not an authority's and not self-signed.

    ``authority`` is the inventory's name of who issued it, in any case of letters, "" where it cannot be told. The
    moments are in UTC, None where they are not told or in a zone that this machine cannot tell.
    """

    own: bool
    status: str
    subject: str
    starts: datetime | None
    ends: datetime | None
    authority: str


@dataclass(frozen=True, slots=True)
class Load:
    """The processor's load in percent of all of it; ``busiest`` are processes by their share of the last minute."""

    one_minute: int
    five_minutes: int
    busiest: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One message of the log as the platform writes it; ``at`` is the router's own time, None where it is not in UTC.

    ``source`` is the facility or program, ``severity`` that of syslog (0 is worst), None where it is not told.
    """

    at: datetime | None
    source: str
    severity: int | None
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class InterfaceState:
    """An interface: ``enabled`` unless it was shut down, ``up`` if it carries traffic; ``words`` as it is shown."""

    enabled: bool
    up: bool
    words: str


@dataclass(frozen=True, slots=True)
class ClockSync:
    """Whether the router's clock follows a time server, and what it says of that."""

    synchronised: bool
    words: str


class Shows(Protocol):
    """What each topic's commands are on a platform and what they say; each method may ask ``show`` more than once.

    What ``show`` raises goes through. A text that says nothing gives an empty value, or None where that is allowed.
    """

    def tunnels(self, show: Show, vpn: VpnRef) -> Shown[tuple[TunnelPeer, ...]]:
        """The peers of a VPN's tunnel."""

    def nhrp(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, str]]:
        """WAN (NBMA) address by tunnel address, as NHRP knows them in a VPN."""

    def servers(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, NextHopServer]]:
        """The hubs of a VPN that the router registers with, by tunnel address."""

    def neighbors(self, show: Show, vpn: VpnRef) -> Shown[Mapping[str, Neighbor]]:
        """BGP neighbours of a VPN by address."""

    def ike(self, show: Show) -> Shown[Mapping[str, IkeState]]:
        """IKE associations by the peer's WAN address; of several with one peer the best state."""

    def ipsec(self, show: Show, remote: str) -> Shown[IpsecCounters | None]:
        """The IPsec associations with the peer at the WAN address ``remote``; None: there are none."""

    def ike_failures(self, show: Show) -> Shown[int | None]:
        """How often IKE failed since boot because one end did not prove who it is; None: the platform does not tell."""

    def ike_errors(self, show: Show) -> Shown[Mapping[str, int]]:
        """What else IKE counts as errors, by the platform's own words."""

    def ike_requests(self, show: Show) -> Shown[tuple[IkeRequests, ...]]:
        """IKE requests, accepted and rejected."""

    def keys(self, show: Show) -> Shown[Mapping[str, frozenset[str]]]:
        """The pre-shared keys of each keyring or secret, as ``texts.hidden`` gives them, never in clear.

        A key that its router alone can decipher is left out; so is one whose text may have been cut off.
        """

    def certificates(self, show: Show) -> Shown[tuple[Certificate, ...]]:
        """The certificates that the router has, in their order."""

    def clock(self, show: Show) -> Shown[datetime | None]:
        """The router's time in UTC; None where it cannot be told."""

    def load(self, show: Show) -> Shown[Load | None]:
        """The load of its processor."""

    def log(self, show: Show) -> Shown[tuple[LogLine, ...]]:
        """The last messages that tell of faults, oldest first, at most 40; the text is theirs alone."""

    def interfaces(self, show: Show) -> Shown[Mapping[str, InterfaceState]]:
        """Interfaces by the names that the platform's ``tunnel_of`` and ``lan_of`` give, and the inventory's ports."""

    def ntp(self, show: Show) -> Shown[ClockSync]:
        """Whether the clock follows a time server."""
