"""Whatever arrives is judged without an exception; what a sender is, and may send, outlives a reload."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import encoder
from pysnmp.proto.api import v1, v2c

from collectors.codec import pdu
from collectors.codec.pdu import NOTIFICATIONS, Request
from collectors.errors import MalformedMessage
from collectors.hearing import Allowance
from collectors.oids import SYS_UPTIME
from collectors.security import v3message
from collectors.security.usm import KeyChain
from collectors.security.v3message import Engine
from collectors.snmp import V3User
from collectors.traps import TrapKind, TrapReceiver
from collectors.traps.judge import MAX_OCTETS, Judge, Refusal
from collectors.traps.notification import notification
from collectors.traps.own_engine import OwnEngine
from collectors.traps.sender import MOST_ENGINES, STRANGE_BURST, Sender
from inventory import Secret
from tests.unit.traps.conftest import COMMUNITY, USER

OWN = OwnEngine.of("a test", 1_795_000_000, 0.0)


def judge(now: float = 100.0) -> Judge:
    return Judge(OWN, KeyChain(1), lambda: now)


def v2c_trap(name: tuple[int, ...], community: bytes = b"a-community") -> bytes:
    """A trap by pysnmp's codec."""
    trap = v2c.TrapPDU()
    v2c.apiTrapPDU.set_defaults(trap)
    v2c.apiTrapPDU.set_request_id(trap, 77)  # the same packet in every process
    variables: list[Any] = [((1, 3, 6, 1, 2, 1, 1, 3, 0), v2c.TimeTicks(12))]
    variables.append(((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), v2c.ObjectIdentifier(name)))
    v2c.apiTrapPDU.set_varbinds(trap, variables)
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, community)
    v2c.apiMessage.set_pdu(message, trap)
    return bytes(encoder.encode(message))


def v1_trap(generic: int) -> bytes:
    trap = v1.TrapPDU()
    v1.apiTrapPDU.set_defaults(trap)
    v1.apiTrapPDU.set_generic_trap(trap, generic)
    message = v1.Message()
    v1.apiMessage.set_defaults(message)
    v1.apiMessage.set_community(message, b"a-community")
    v1.apiMessage.set_pdu(message, trap)
    return bytes(encoder.encode(message))


@pytest.mark.parametrize(("number", "kind"), list(enumerate(("coldStart", "warmStart", "linkDown", "linkUp"), start=1)))
def test_both_versions_mean_the_same(number: int, kind: str) -> None:
    for datagram in (v2c_trap((1, 3, 6, 1, 6, 3, 1, 1, 5, number)), v1_trap(number - 1)):
        found = judge()(Sender("r1", COMMUNITY), datagram).notification
        assert found is not None
        assert found.kind == TrapKind(kind)


def test_a_trap_without_uptime_and_name_is_malformed() -> None:
    body = bytes.fromhex("020101020100020100") + bytes.fromhex("3000")
    whole = bytes((0xA7, len(body))) + body
    with pytest.raises(MalformedMessage):
        notification(pdu.decode(whole, 0, len(whole), NOTIFICATIONS))


def test_a_datagram_that_is_too_long_is_not_read() -> None:
    assert judge()(Sender("r1", COMMUNITY), bytes(MAX_OCTETS + 1)).refusal is Refusal.MALFORMED


def test_who_asks_for_our_engine_with_a_number_below_zero_is_malformed() -> None:
    question = v3message.encode_probe(0x24, Request.of((SYS_UPTIME,)).encode(7))
    assert judge()(Sender("r1", USER), question).reply
    below = question.replace(b"\x02\x01\x24", b"\x02\x01\xa4", 1)
    assert judge()(Sender("r1", USER), below).refusal is Refusal.MALFORMED


WHOLE = v2c_trap((1, 3, 6, 1, 6, 3, 1, 1, 5, 3))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(datagram: bytes) -> None:
    for credentials in (COMMUNITY, USER):
        verdict = judge()(Sender("r1", credentials), datagram)
        assert verdict.refusal is not None or verdict.reply


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_trap_with_any_octet_changed_is_judged(place: int, octet: int) -> None:
    datagram = WHOLE[:place] + bytes((octet,)) + WHOLE[place + 1 :]
    verdict = judge()(Sender("r1", COMMUNITY), datagram)
    assert (verdict.notification is None) != (verdict.refusal is None)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_trap_cut_short_is_malformed(length: int) -> None:
    assert judge()(Sender("r1", COMMUNITY), WHOLE[:length]).refusal is Refusal.MALFORMED


def test_an_allowance_grows_again_and_no_further_than_it_began() -> None:
    allowance = Allowance(2.0, 20)
    assert [allowance.take(1000.0) for _ in range(21)] == [True] * 20 + [False]
    assert allowance.wait_s(1000.0) == 0.5
    assert allowance.take(1000.5)
    assert not allowance.take(900.0), "a clock that goes back gives nothing"
    assert [allowance.take(9000.0) for _ in range(21)] == [True] * 20 + [False]


def sealed(user: V3User, engine: Engine, chain: KeyChain) -> bytes:
    """A trap that proves to be the user's."""
    trap = v2c_trap((1, 3, 6, 1, 6, 3, 1, 1, 5, 3))
    pdu_at = trap.index(b"a-community") + len(b"a-community")
    keys = chain.localise(user, engine.identity)
    named = user.name.encode()
    return v3message.encode_response(5, engine, named, keys, chain.salt(), engine.identity, trap[pdu_at:])


def test_invented_engines_cost_little_and_take_nothing_from_the_known_one() -> None:
    sender, chain, judging = Sender("r1", USER), KeyChain(1), judge()
    own = Engine(b"\x80\0\0\0\1", 1, 50)
    assert judging(sender, sealed(USER, own, chain)).notification is not None
    liar = V3User(USER.name, Secret("not-the-secret"), Secret("not-the-secret"))
    invented = [Engine(b"\x80\0\0\1" + bytes((number,)), 1, 50) for number in range(2 * int(STRANGE_BURST))]
    found = [judging(sender, sealed(liar, engine, chain)).refusal for engine in invented]
    assert found.count(Refusal.TOO_MANY) == STRANGE_BURST + 1
    assert found.count(Refusal.NOT_AUTHENTIC) == STRANGE_BURST - 1
    assert judging(sender, sealed(USER, own, chain)).notification is not None


@pytest.mark.parametrize("auth", ["", "auth-secret-1"])
def test_a_user_without_keys_proves_nothing(auth: str) -> None:
    weak = V3User(USER.name, Secret(auth), Secret(""), weak=True)
    forged = sealed(replace(USER, auth=Secret(auth or "12345678")), Engine(b"\x80\0\0\0\1", 1, 50), KeyChain(1))
    assert judge()(Sender("r1", weak), forged).refusal is Refusal.NOT_AUTHENTIC


@pytest.mark.parametrize(
    ("auth", "priv"), [("sha", "aes"), ("sha384", "aes192"), ("sha512", "aes256"), ("sha", "aes256-blumenthal")]
)
def test_all_algorithms_of_polls_are_those_of_traps(auth: Any, priv: Any) -> None:
    user = replace(USER, auth_protocol=auth, priv_protocol=priv)
    found = judge()(Sender("r1", user), sealed(user, Engine(b"\x80\0\0\0\1", 1, 50), KeyChain(1))).notification
    assert found is not None
    assert found.kind is TrapKind.LINK_DOWN


def test_few_engines_are_remembered() -> None:
    sender, chain = Sender("r1", USER), KeyChain(1)
    for number in range(20):
        sender.learn(Engine(bytes((0x80, 0, 0, 0, number)), 1, 1), chain, 10.0)
    assert len(sender._engines) == MOST_ENGINES


def test_a_reload_keeps_what_is_known_of_those_who_stay() -> None:
    receiver = TrapReceiver("127.0.0.1", 0, "a test", lambda *_: None)
    receiver.admit({"192.0.2.1": ("r1", USER), "192.0.2.2": ("r2", USER)})
    before = dict(receiver._senders)
    receiver.admit({"192.0.2.1": ("r1", USER), "192.0.2.2": ("r2", COMMUNITY)})
    assert receiver._senders["192.0.2.1"] is before["192.0.2.1"]
    assert receiver._senders["192.0.2.2"] is not before["192.0.2.2"]
    receiver.learn("gone", b"\x80\0\0\0\1", 1, 1)


def test_our_engine_is_the_same_after_a_restart_and_its_boots_rise() -> None:
    later = OwnEngine.of("a test", 1_795_000_003, 0.0)
    assert later.identity == OWN.identity
    assert 5 <= len(OWN.identity) <= 32
    assert later.boots > OWN.boots
    assert OwnEngine.of("another", 1_795_000_000, 0.0).identity != OWN.identity
