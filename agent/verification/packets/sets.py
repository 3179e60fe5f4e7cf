"""Sets of packets: unions of boxes over what a packet's header says, with intersection, difference and a witness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from agent.verification.finding import Flow

#: First and last value, both included.
Span = tuple[int, int]
#: One span for each field of a packet, in the order of ``Packet``.
Box = tuple[Span, ...]

ICMP, TCP, UDP, GRE, ESP = 1, 6, 17, 47, 50
#: The type of ICMP that asks whether somebody is there.
ECHO = 8
#: A packet of a new connection, one of a connection that is there already, and a later fragment of one.
NEW, ESTABLISHED, FRAGMENT = 0, 1, 2
LAST_ADDRESS = 2**32 - 1
_LAST_PORT = 65535
_FULL: Box = (
    (0, 255), (0, _LAST_PORT), (0, LAST_ADDRESS), (0, LAST_ADDRESS), (0, _LAST_PORT), (0, _LAST_PORT), (0, 2), (0, 63),
)  # fmt: skip
#: ICMP, the type and codes of an echo, of the reply to it; what comes of a connection that is there.
_PING, _ASKED, _ECHOED, _THERE = (ICMP, ICMP), (ECHO << 8, ECHO << 8), (0, 0), (ESTABLISHED, ESTABLISHED)
#: More boxes than this in one set are not reckoned with: a list of a few hundred lines stays far below.
MOST_BOXES = 4096
#: What a witness has where it may have anything: an address for documentation, a port that programs take.
USUAL_ADDRESSES = tuple(int(IPv4Address(text)) for text in ("203.0.113.80", "198.51.100.80", "192.0.2.80"))
_USUAL_PORT = 49152
#: The places of hosts in a network, the likeliest first.
_HOSTS = (50, 10, 2, 1)
_USUAL_PROTOCOLS = (TCP, UDP, ICMP)
_USUAL_SERVICES = (443, 80, 22)


class TooManyPackets(Exception):
    """A set falls into more boxes than are reckoned with: what was asked of it is not proved."""


class Packet(NamedTuple):
    """One packet; the fields that decide most often come first. ``icmp`` is the type times 256 and the code."""

    protocol: int
    destination_port: int
    destination: int
    source: int
    source_port: int
    icmp: int
    kind: int
    dscp: int

    def flow(self) -> Flow:
        """As a finding shows it: ports only where the protocol has them."""
        ports = (self.source_port, self.destination_port) if self.protocol in (TCP, UDP) else (0, 0)
        return Flow(IPv4Address(self.source), IPv4Address(self.destination), self.protocol, *ports, self.dscp)


@dataclass(frozen=True, slots=True)
class Packets:
    """A set of packets; its boxes may overlap."""

    boxes: tuple[Box, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.boxes)

    def __contains__(self, packet: Packet) -> bool:
        return any(all(lo <= value <= hi for value, (lo, hi) in zip(packet, box, strict=True)) for box in self.boxes)

    def __or__(self, other: Packets) -> Packets:
        return _bounded(dict.fromkeys((*self.boxes, *other.boxes)))

    def __and__(self, other: Packets) -> Packets:
        if self == ALL or other == ALL:
            return other if self == ALL else self
        return _bounded(found for one in self.boxes for two in other.boxes if (found := _meet(one, two)) is not None)

    def __sub__(self, other: Packets) -> Packets:
        if other == ALL:
            return NONE
        left = self.boxes
        for box in other.boxes:
            if cut := [one for one in left if not _apart(one, box)]:
                pieces = (piece for one in cut for piece in _carve(one, box))
                left = _bounded((*(one for one in left if _apart(one, box)), *pieces)).boxes
        return Packets(left)

    def __le__(self, other: Packets) -> bool:
        return other == ALL or not self - other

    def swapped(self) -> Packets:
        """The same packets the other way: sources and destinations change places."""
        return _bounded((one[0], one[4], one[3], one[2], one[1], *one[5:]) for one in self.boxes)

    def answers(self) -> Packets:
        """What is answered to these packets: the other way, an echo by its reply, in a connection that is there."""
        return Packets(
            tuple((*box[:5], _ECHOED if box[0] == _PING else box[5], _THERE, box[7]) for box in self.swapped().boxes)
        )

    def asked(self) -> Packets:
        """The packets whose answers these are."""
        answers = (box for box in self.swapped().boxes if box[6][0] <= ESTABLISHED <= box[6][1])
        usual = (box for box in answers if box[0] != _PING or box[5][0] <= _ECHOED[0] <= box[5][1])
        return _bounded(
            (*box[:5], box[5] if box[5] == _FULL[5] or box[0] != _PING else _ASKED, (NEW, ESTABLISHED), box[7])
            for box in usual
        )

    def to(self, address: int | None) -> Packets:
        """What of these goes to an address, None for one that is not known, as if it went to any."""
        fits = (box for box in self.boxes if address is None or box[2][0] <= address <= box[2][1])
        return _bounded((*box[:2], _FULL[2], *box[3:]) for box in fits)

    def towards(self, address: int | None) -> Packets:
        """Those of these that go to an address, all where it is not known or none do."""
        found = self & packets(destinations=[(address, address)]) if address is not None else NONE
        return found or self

    def witness(self, *likely: int) -> Packet:
        """A packet of the set, as usual as it can be, with two of the ``likely`` addresses where they fit.

        The first that fits is its source, another one its destination. Raises IndexError for an empty set.
        """
        wanted = (*likely, *USUAL_ADDRESSES)
        return _witness(min(self.boxes, key=lambda box: _oddness(box, wanted)), likely)


def _bounded(boxes: Iterable[Box]) -> Packets:
    found = tuple(boxes)
    if len(found) > MOST_BOXES:
        raise TooManyPackets(f"a set of packets falls into more than {MOST_BOXES} pieces")
    return Packets(found)


def _meet(one: Box, two: Box) -> Box | None:
    found = []
    for (first, last), (lo, hi) in zip(one, two, strict=True):
        low, high = (first if first > lo else lo), (last if last < hi else hi)
        if low > high:
            return None
        found.append((low, high))
    return tuple(found)


def _apart(one: Box, two: Box) -> bool:
    for (first, last), (lo, hi) in zip(one, two, strict=True):  # noqa: SIM110 - asked most often; any() takes twice as long
        if first > hi or lo > last:
            return True
    return False


def _carve(one: Box, two: Box) -> Iterator[Box]:
    """What of ``one`` is not in ``two``, which it meets, as boxes that do not overlap."""
    left = list(one)
    for place, (lo, hi) in enumerate(two):
        first, last = left[place]
        if first < lo:
            yield (*left[:place], (first, lo - 1), *left[place + 1 :])
            first = lo
        if last > hi:
            yield (*left[:place], (hi + 1, last), *left[place + 1 :])
            last = hi
        left[place] = (first, last)


def _oddness(box: Box, wanted: tuple[int, ...]) -> int:
    """How far a box is from packets as everybody knows them: new connections of TCP, UDP or ICMP between hosts."""
    usual = any(box[0][0] <= one <= box[0][1] for one in _USUAL_PROTOCOLS)
    hosts = sum(any(lo <= one <= hi for one in wanted) for lo, hi in (box[2], box[3]))
    port = box[4][0] <= _USUAL_PORT <= box[4][1]
    return (0 if usual else 8) + (0 if box[6][0] == NEW else 4) + (2 - hosts) * 2 - port


def _witness(box: Box, likely: tuple[int, ...]) -> Packet:
    source = _host(box[3], likely)
    return Packet(
        protocol=_pick(box[0], *_USUAL_PROTOCOLS),
        destination_port=_pick(box[1], *_USUAL_SERVICES),
        destination=_host(box[2], likely, source),
        source=source,
        source_port=_pick(box[4], _USUAL_PORT),
        icmp=_pick(box[5], *_ASKED),
        kind=box[6][0],
        dscp=box[7][0],
    )


def _host(span: Span, likely: tuple[int, ...], taken: int | None = None) -> int:
    """An address that a host may have: no network's, no router's, and not the ``taken`` one, where there is another."""
    known = (*likely, *USUAL_ADDRESSES, *(span[0] + one for one in _HOSTS))
    return _pick(span, *(one for one in known if one != taken))


def _pick(span: Span, *usual: int) -> int:
    return next((one for one in usual if span[0] <= one <= span[1]), span[0])


ALL = Packets((_FULL,))
NONE = Packets()


def packets(
    *,
    protocols: Iterable[int] = (),
    sources: Iterable[Span] = (),
    destinations: Iterable[Span] = (),
    source_ports: Iterable[Span] = (),
    destination_ports: Iterable[Span] = (),
    icmp: Iterable[Span] = (),
    kinds: Span = (NEW, FRAGMENT),
    dscp: Iterable[int] = (),
) -> Packets:
    """The packets that fit in every given field, in one of its values; a field without values is any."""
    fields = (
        [(one, one) for one in protocols],
        list(destination_ports),
        list(destinations),
        list(sources),
        list(source_ports),
        list(icmp),
        [kinds],
        [(one, one) for one in dscp],
    )
    boxes: list[Box] = [()]
    for spans, full in zip(fields, _FULL, strict=True):
        boxes = [(*box, span) for box in boxes for span in (spans or [full])]
    return _bounded(boxes)


def span_of(network: IPv4Network) -> Span:
    """A network as its first and last address."""
    return int(network.network_address), int(network.broadcast_address)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same values as few spans, in order."""
    found: list[Span] = []
    for lo, hi in sorted(spans):
        if found and lo <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(hi, found[-1][1]))
        else:
            found.append((lo, hi))
    return tuple(found)


def icmp_span(kind: int, code: int | None = None) -> Span:
    """A type of ICMP, with all its codes or one."""
    return (kind << 8, kind << 8 | 255) if code is None else (kind << 8 | code, kind << 8 | code)


def oddity(span: Span) -> int:
    """For sorting: spans with an address that is known for an example come first, those of hardly a host last."""
    return 0 if any(span[0] <= one <= span[1] for one in USUAL_ADDRESSES) else 1 + is_narrow(span)


def is_narrow(span: Span) -> bool:
    """Whether a span is too narrow for a host that looks like one."""
    return span[1] - span[0] < _HOSTS[0]


def beyond(span: Span, spans: Iterable[Span]) -> Iterator[Span]:
    """The parts of a span that are in none of others, which are in order and do not overlap."""
    first = span[0]
    for lo, hi in spans:
        if lo > span[1]:
            break
        if lo > first:
            yield first, lo - 1
        first = max(first, hi + 1)
    if first <= span[1]:
        yield first, span[1]
