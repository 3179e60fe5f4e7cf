"""CISCO-IPSEC-FLOW-MONITOR-MIB of one router: rows of tunnels that are up, and negotiations that failed.

As on real routers rows vanish with their tunnel, and an index belongs to one association: it is another one after
each negotiation. IKEv2 associations are in the table of IKE tunnels, with 3 as their mode, as recordings have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from agent.lab.journal.attempts import Failure, Spell
from agent.lab.net.ike import Suite
from agent.lab.net.reasons import Reason
from agent.lab.net.tunnels import Link
from agent.lab.shows.common import View, carried, stable
from agent.lab.shows.ikev2 import LIFE_S, associations, local, profile_of
from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.values import counter32, counter64, gauge, number, octets, text, ticks

Row = tuple[Oid, Callable[[], Value]]

_ROOT: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 171, 1)
_IKEV2, _ALIVE, _ACTIVE = 3, 1, 1
_OCTETS = 120  # in a packet, on average
_AES = 6
#: cikeFailReason where the failure alone does not say it: at the end that began, and at the other.
_REASONS = {
    Reason.NO_CERTIFICATE: (11, 11),
    Reason.OTHER_AUTHORITY: (12, 12),
    Reason.CERTIFICATE_EXPIRED: (13, 12),
    Reason.PEER_CERTIFICATE_EXPIRED: (12, 13),
}
_FAILURES = {Failure.AUTHENTICATION: 5, Failure.PROPOSAL: 10, Failure.SILENCE: 3}
#: What fails only after IKE itself has agreed: it stands in the table of IPsec failures.
_SECOND_PHASE = {Reason.TRANSFORM, Reason.TRANSFORM_MODE, Reason.PFS}
#: Several spells of failure in a row have indices apart from each other.
_SPELL = 100_000


def rows(look: Callable[[], View]) -> Iterator[Row]:
    """Every instance of this moment with what gives its value."""
    view = look()
    known = associations(view)
    yield (*_ROOT, 2, 1, 1, 0), lambda: gauge(len(associations(look())))
    yield from _globals(look)
    for link, suite in known:
        index = view.world.journal.negotiations.number(view.router.name, link, profile_of(view, link))
        index = index or stable(*link.key, view.since(link), octets=2) + 1000  # a shortcut between spokes
        yield from _ike(view, look, link, suite, index)
        yield from _ipsec(view, look, link, suite, index)
    yield (*_ROOT, 5, 1, 1, 0), lambda: number(200)
    for spell in view.world.journal.negotiations.spells(view.router.name):
        yield from _failed(view, spell)


def _globals(look: Callable[[], View]) -> Iterator[Row]:
    def failed(*wanted: tuple[bool, Failure]) -> Callable[[], Value]:
        def count() -> Value:
            view = look()
            found = view.world.journal.negotiations.failed(view.router.name, view.now)
            return counter32(sum(found[one] for one in wanted))

        return count

    began = [(True, failure) for failure in Failure]
    refused = [(False, failure) for failure in Failure]
    proofs = [(True, Failure.AUTHENTICATION), (False, Failure.AUTHENTICATION)]
    yield (*_ROOT, 2, 1, 20, 0), failed(*began)
    yield (*_ROOT, 2, 1, 21, 0), failed(*refused)
    yield (*_ROOT, 2, 1, 23, 0), failed(*proofs)
    yield (*_ROOT, 3, 1, 1, 0), lambda: gauge(len(associations(look())))


def _ike(view: View, look: Callable[[], View], link: Link, suite: Suite, index: int) -> Iterator[Row]:
    since, public = view.since(link), view.station.device.access.public
    table = (*_ROOT, 2, 3, 1)
    fixed = {
        2: _kind(suite.local_id),
        3: text(suite.local_id.partition(" ")[2]),
        4: _address(local(view)),
        5: text(view.router.hostname),
        6: _kind(suite.remote_id),
        7: text(suite.remote_id.partition(" ")[2]),
        8: _address(link.peer_nbma),
        9: text(""),
        10: number(_IKEV2),
        11: number(int(suite.group) if suite.group.isdigit() else 1),
        12: number(_AES),
        13: number(1 if not suite.integrity else 3),
        14: number(2 if suite.sign == "pre-share" else 3),
        15: number(LIFE_S),
        17: number(LIFE_S * 9 // 10),
        18: counter32(0),
        35: number(_ACTIVE),
    }
    for column, value in fixed.items():
        yield (*table, column, index), _always(value)
    yield (*table, 16, index), lambda: number(int((look().now - since) * 100))
    for column, each in ((19, 96), (20, 1), (27, 96), (28, 1)):
        yield (*table, column, index), _growing(look, since, each)
    for column in (21, 22, 23, 24, 25, 26, 29, 30, 31, 32, 33, 34):
        yield (*table, column, index), _always(counter32(1 if column in {22, 30} and public else 0))


def _growing(look: Callable[[], View], since: float, each: int) -> Callable[[], Value]:
    """IKE's own packets: four to begin with, and one every half minute."""
    return lambda: counter32((4 + int(look().now - since) // 30) * each)


def _ipsec(view: View, look: Callable[[], View], link: Link, suite: Suite, ike: int) -> Iterator[Row]:
    index, table, since = 2 * ike + 1, (*_ROOT, 3, 2, 1), view.since(link)
    fixed = {
        2: number(ike),
        3: number(_ALIVE),
        4: _address(local(view)),
        5: _address(link.peer_nbma),
        6: number(1),
        7: number(1 if suite.mode == "tunnel" else 2),
        8: number(4_608_000),
        9: number(3600),
        11: number(64),
        12: number(10),
        15: gauge(2),
        16: number(int(suite.pfs.removeprefix("group")) if suite.pfs else 1),
        17: number(_AES),
        51: number(_ACTIVE),
    }
    for column, value in fixed.items():
        yield (*table, column, index), _always(value)
    yield (*table, 10, index), lambda: number(int((look().now - since) * 100))
    for column in (13, 14, 28, 31, 33, 34, 36, 38, 41, 44, 46, 48, 50):
        yield (*table, column, index), _always(counter32(0))

    def moved(which: int, size: int, make: Callable[[float], Value]) -> Callable[[], Value]:
        return lambda: make(carried(look(), link)[which] * size)

    for column, which, size in ((26, 1, _OCTETS), (32, 1, 1), (35, 1, 1), (37, 1, 1), (39, 0, _OCTETS), (45, 0, 1)):
        yield (*table, column, index), moved(which, size, counter32)
    for column in (47, 49):
        yield (*table, column, index), moved(0, 1, counter32)
    yield (*table, 27, index), moved(1, _OCTETS, counter64)
    yield (*table, 40, index), moved(0, _OCTETS, counter64)


def _failed(view: View, spell: Spell) -> Iterator[Row]:
    began = spell.initiator == view.router.name
    here, there = spell.initiator_address, spell.responder_address
    mine, theirs = (here, there) if began else (there, here)
    for count, at in spell.moments(view.now):
        index = spell.serial * _SPELL + count
        when = ticks(at - view.router.booted_at)
        if spell.reason in _SECOND_PHASE:
            columns = {2: number(4), 3: when, 4: number(0), 5: number(0), 6: _address(mine), 7: _address(theirs)}
            table = (*_ROOT, 5, 3, 1, 1)
        else:
            both = _REASONS.get(spell.reason, (_FAILURES[spell.failure],) * 2)
            columns = {2: number(both[0] if began else both[1]), 3: when, 4: number(1), 5: text(mine)}
            columns |= {6: number(1), 7: text(theirs), 8: _address(mine), 9: _address(theirs)}
            table = (*_ROOT, 5, 2, 1, 1)
        for column, value in columns.items():
            yield (*table, column, index), _always(value)


def _kind(identity: str) -> Value:
    return number(1 if identity.startswith("address ") else 2)


def _address(address: IPv4Address | str | None) -> Value:
    """IPSIpAddress: the four octets."""
    try:
        return octets(IPv4Address(str(address)).packed)
    except ValueError:
        return octets(bytes(4))


def _always(value: Value) -> Callable[[], Value]:
    return lambda: value
