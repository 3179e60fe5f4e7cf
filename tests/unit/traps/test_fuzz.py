"""Any packet is judged, counted once and forgotten; of SNMPv3 none is believed that was changed on its way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest

from collectors.hearing import Allowance
from collectors.security import v3message
from collectors.security.usm import KeyChain
from collectors.security.v3message import Engine
from collectors.snmp import Community, V3User
from collectors.traps import DISCOVERY, Notification, Refusal, TrapKind, TrapReceiver
from collectors.traps.own_engine import OwnEngine
from tests.fuzzing import changed, packets
from tests.unit.traps.conftest import COMMUNITY, USER
from tests.unit.traps.test_judge import v1_trap, v2c_trap

MILLION = 1_000_000
KNOWN = {*TrapKind, *Refusal, DISCOVERY}
AT = ("192.0.2.1", 162)
CHAIN = KeyChain(7)
DEVICE = Engine(b"\x80\0\0\0\1\2\3\4", 3, 1000)
LINK_DOWN = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)


def pdu_of(trap: bytes) -> bytes:
    """The PDU in a v2c trap of the test's codec: what follows version and community."""
    return trap[trap.index(b"a-community") + len(b"a-community") :]


PDU = pdu_of(v2c_trap(LINK_DOWN))
INFORM = b"\xa6" + PDU[1:]
PLAIN = [v1_trap(2), v1_trap(6), v2c_trap(LINK_DOWN), v2c_trap((1, 3, 6, 1, 4, 1, 9, 9, 41, 2, 0, 1))]


def sealed(engine: Engine, pdu: bytes) -> bytes:
    """A v3 message that proves itself to be the user's, whatever is in it."""
    keys = CHAIN.localise(USER, engine.identity)
    return v3message.encode_response(77, engine, USER.name.encode(), keys, CHAIN.salt(), engine.identity, pdu)


class Judging:
    """A receiver without a socket and without limits, whose clock stands still."""

    def __init__(self, credentials: Community | V3User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("time.monotonic", lambda: 500.0)
        self.heard: list[Notification] = []
        self.receiver = TrapReceiver(*AT, "a test", lambda _device, found: self.heard.append(found))
        self.receiver.admit({AT[0]: ("r1", credentials)})
        sender = self.receiver._senders[AT[0]]
        sender.judged = sender.strange = sender.believed = Allowance(1e12, 1e12)

    def take(self, datagram: bytes) -> str:
        result = self.receiver._result(datagram, AT)
        assert result in KNOWN
        return result

    @property
    def own(self) -> Engine:
        own: OwnEngine = self.receiver._judge._own
        return own.at(500.0)


def of_communities(number: int, judging: Judging) -> Iterator[str]:
    for packet in packets(1, number, PLAIN):
        yield judging.take(packet)


def of_liars(number: int, judging: Judging) -> Iterator[str]:
    """Valid v3 messages, changed: the original alone is ever believed."""
    judging.receiver.learn("r1", DEVICE.identity, DEVICE.boots, DEVICE.time)
    discovery = v3message.encode_probe(5, b"\xa0" + PDU[1:])
    valid = [sealed(DEVICE, PDU), sealed(judging.own, INFORM), discovery]
    for packet in packets(2, number, valid):
        result = judging.take(packet)
        assert packet in valid or result in {*Refusal, DISCOVERY}
        yield result


def of_strange_devices(number: int, judging: Judging) -> Iterator[str]:
    """Messages that prove to be the router's, and hold what no router should send."""
    judging.receiver.learn("r1", DEVICE.identity, DEVICE.boots, DEVICE.time)
    chance, own = Random(3), judging.own
    for turn in range(number):
        engine, whole = (own, INFORM) if turn % 2 else (DEVICE, PDU)
        yield judging.take(sealed(engine, changed(chance, whole, (PDU, INFORM, *PLAIN))))


Told = Callable[[int, Judging], Iterator[str]]
#: Whose packets, how they are made, and how many of them in the gate and in make soak; sealing takes its time.
STORIES: dict[str, tuple[Community | V3User, Told, int, int]] = {
    "v1 and v2c": (COMMUNITY, of_communities, 3_000, MILLION),
    "v3, changed": (USER, of_liars, 3_000, MILLION),
    "v3, sealed": (USER, of_strange_devices, 1_500, MILLION // 4),
}


@pytest.mark.parametrize("story", STORIES)
def test_whatever_comes_is_judged(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials, told, few, _ = STORIES[story]
    judging = Judging(credentials, monkeypatch)
    results = set(told(few, judging))
    assert {TrapKind.LINK_DOWN, Refusal.MALFORMED} <= results, "both valid and broken packets were among them"
    assert judging.heard


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("story", STORIES)
def test_of_a_million_packets_and_more_none_does_harm(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials, told, _, many = STORIES[story]
    judging, seen = Judging(credentials, monkeypatch), Counter[str]()
    began = time.perf_counter()
    for result in told(many, judging):
        seen[str(result)] += 1
        judging.heard.clear()
    took = time.perf_counter() - began
    assert seen.total() == many
    print(f"{story}: {many:,} packets, {many / took:,.0f} a second made and judged; {dict(seen)}")
