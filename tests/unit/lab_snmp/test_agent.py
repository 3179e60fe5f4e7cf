"""The lab's SNMP agent, datagram by datagram: security in the order of RFC 3414, views, and malformed input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lab.clock import LabClock
from agent.lab.config import ConfigTree
from agent.lab.models import Chassis
from agent.lab.router import SnmpUser, VirtualRouter
from agent.lab.snmp import agent as reports
from agent.lab.snmp.agent import SnmpAgent
from agent.lab.snmp.ber import END_OF_MIB_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT, BerError, Oid, Value
from agent.lab.snmp.message import (
    AUTHORIZATION_ERROR,
    GET,
    GET_BULK,
    GET_NEXT,
    NO_ACCESS,
    NOTHING,
    REPORT,
    SET,
    TOO_BIG,
    Pdu,
    Security,
    V2Message,
    V3Message,
    read_message,
    read_scoped,
    scoped,
)
from agent.lab.snmp.usm import Keys, localised, private_key
from agent.lab.snmp.values import number, text

MANAGER = IPv4Address("10.254.255.30")
NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
CONTACT: Oid = (1, 3, 6, 1, 2, 1, 1, 4, 0)
SECRET: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1, 1, 0)
RUNNING = """
snmp-server community open RO
snmp-server community listed RO MANAGERS
snmp-server community foreign RO OTHERS
snmp-server community narrow view SYSTEM RO
snmp-server community lost view NOWHERE RO
snmp-server group OPS v3 priv read ALL access MANAGERS
snmp-server group WEAK v3 auth read ALL
snmp-server group CLOSED v3 priv read ALL access OTHERS
snmp-server group BLIND v3 priv read NOWHERE
snmp-server view ALL iso included
snmp-server view ALL snmpUsmMIB excluded
snmp-server view SYSTEM system included
ip access-list standard MANAGERS
 10 permit 10.254.255.30
ip access-list standard OTHERS
 10 permit 192.0.2.1
"""


class Objects:
    """Three objects, one of them excluded by the view ALL."""

    def __init__(self) -> None:
        self.rows = {CONTACT: text("desk"), NAME: text("r1"), SECRET: number(7)}
        self.rows.update({(1, 3, 6, 1, 4, 1, 9, 9, 1, row): text("x" * 200) for row in range(1, 20)})

    def oids(self) -> list[Oid]:
        return sorted(self.rows)

    def value(self, oid: Oid) -> Value | None:
        return self.rows.get(oid)

    def has_object(self, oid: Oid) -> bool:
        return any(one[:-1] == oid[:-1] for one in self.rows)


class Bench:
    """An agent with its router, and what a manager needs to ask it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        clock = LabClock(real=lambda: self.now)
        self.router = VirtualRouter("r1", Chassis("C1111-8P", "FCZ0000A0B1", "17.9"), clock=clock)
        self.router.powered, self.router.ready_at, self.router.boots = True, self.now - 1000, 4
        self.router.running = ConfigTree.parse(RUNNING)
        self.agent = SnmpAgent(self.router, Objects, MANAGER)
        for name, group, auth in (
            ("ops", "OPS", "sha-2 256"),
            ("old", "OPS", "sha"),
            ("weak", "WEAK", "sha"),
            ("closed", "CLOSED", "sha"),
            ("blind", "BLIND", "sha"),
            ("lost", "NOGROUP", "sha"),
        ):
            self.router.snmp_users[name] = SnmpUser(
                name, group, auth, "auth-secret", "aes 128", "priv-secret", engine_id=self.router.engine_id
            )

    def v2(self, community: str, pdu: Pdu) -> Pdu | None:
        said = self.agent.answer(V2Message(1, community.encode(), pdu).encoded())
        if said is None:
            return None
        message = read_message(said)
        assert isinstance(message, V2Message)
        return message.pdu

    def message(self, user: str, pdu: Pdu, *, private: bool = True, auth: str = "auth-secret") -> bytes:
        """A request as a manager that is in step would send it."""
        engine, algorithm = self.router.engine_id, self.router.snmp_users[user].auth
        keys = Keys(
            algorithm, localised(algorithm, auth, engine), private_key(algorithm, "aes 128", "priv-secret", engine)
        )
        boots, time, salt = self.router.boots, self.router.engine_time, b"\x00" * 8
        data = scoped(engine, b"", pdu)
        if private:
            data = keys.encrypt(data, boots, time, salt)
        security = Security(engine, boots, time, user.encode(), bytes(keys.mac_size), salt if private else b"")
        message = V3Message(9, 65507, True, private, True, security, data)
        return replace(message, security=replace(security, mac=keys.mac(message.encoded()))).encoded()

    def answer(self, data: bytes, user: str = "ops") -> Pdu | None:
        """What the manager reads in the answer; it checks the digest of what claims to be authentic."""
        said = self.agent.answer(data)
        if said is None:
            return None
        message = read_message(said)
        assert isinstance(message, V3Message)
        body = message.data
        if message.authenticated:
            engine, algorithm = self.router.engine_id, self.router.snmp_users[user].auth
            keys = Keys(
                algorithm,
                localised(algorithm, "auth-secret", engine),
                private_key(algorithm, "aes 128", "priv-secret", engine),
            )
            at = message.security.mac_at
            bare = said[:at] + bytes(keys.mac_size) + said[at + keys.mac_size :]
            assert keys.mac(bare) == message.security.mac
            if message.private:
                body = keys.decrypt(body, message.security.boots, message.security.time, message.security.salt)
        return read_scoped(body)[2]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def ask(kind: int, oids: Iterable[Oid], status: int = 0, index: int = 0) -> Pdu:
    return Pdu(kind, 77, status, index, tuple((oid, NOTHING) for oid in oids))


def report(pdu: Pdu | None) -> int:
    """Which usmStats counter a report names."""
    assert pdu is not None
    assert pdu.kind == REPORT
    ((oid, _),) = pdu.bindings
    return oid[-2]


@pytest.mark.parametrize("user", ["ops", "old"])
def test_authentic_and_private(bench: Bench, user: str) -> None:
    pdu = bench.answer(bench.message(user, ask(GET, [NAME])), user)
    assert pdu is not None
    assert pdu.request_id == 77
    assert pdu.bindings == ((NAME, text("r1")),)


def test_a_manager_learns_the_engine_and_its_time(bench: Bench) -> None:
    blank = V3Message(1, 65507, False, False, True, Security(b"", 0, 0, b""), scoped(b"", b"", ask(GET, [])))
    said = bench.agent.answer(blank.encoded())
    assert said is not None
    message = read_message(said)
    assert isinstance(message, V3Message)
    assert message.security.engine_id == bench.router.engine_id
    assert (message.security.boots, message.security.time) == (4, 1000)
    assert report(read_scoped(message.data)[2]) == reports.UNKNOWN_ENGINE


def test_out_of_the_time_window_after_a_reload(bench: Bench) -> None:
    late = bench.message("ops", ask(GET, [NAME]))
    bench.now += 200
    assert report(bench.answer(late)) == reports.NOT_IN_WINDOW
    before = bench.message("ops", ask(GET, [NAME]))
    bench.router.boots += 1
    assert report(bench.answer(before)) == reports.NOT_IN_WINDOW
    assert bench.answer(bench.message("ops", ask(GET, [NAME]))) is not None


def test_reports_name_what_is_wrong(bench: Bench) -> None:
    assert report(bench.answer(bench.message("ops", ask(GET, [NAME]), auth="wrong-secret"))) == reports.WRONG_DIGEST
    stranger = bench.message("ops", ask(GET, [NAME])).replace(b"ops", b"nob")
    assert report(bench.answer(stranger)) == reports.UNKNOWN_USER
    bench.router.snmp_users["ops"] = replace(bench.router.snmp_users["ops"], priv="", priv_secret="")
    assert report(bench.answer(bench.message("ops", ask(GET, [NAME])))) == reports.UNSUPPORTED_LEVEL


def test_keys_belong_to_the_engine_that_they_were_made_for(bench: Bench) -> None:
    bench.router.running = ConfigTree.parse(RUNNING + "snmp-server engineID local 800000090300AABBCCDDEE\n")
    assert report(bench.answer(bench.message("ops", ask(GET, [NAME])))) == reports.WRONG_DIGEST


def test_groups_views_and_access_lists_decide(bench: Bench) -> None:
    def status(user: str, *, private: bool = True) -> int | None:
        pdu = bench.answer(bench.message(user, ask(GET, [NAME]), private=private), user)
        return None if pdu is None else pdu.status

    assert status("ops") == status("weak", private=False) == status("weak") == 0
    assert status("ops", private=False) == AUTHORIZATION_ERROR, "the group wants privacy"
    assert status("lost") == status("blind") == AUTHORIZATION_ERROR, "no such group, no such view"
    assert status("closed") is None, "the access list drops the request"


def test_communities(bench: Bench) -> None:
    for community in ("open", "listed"):
        pdu = bench.v2(community, ask(GET, [NAME]))
        assert pdu is not None
        assert pdu.bindings == ((NAME, text("r1")),)
    assert bench.v2("foreign", ask(GET, [NAME])) is None
    assert bench.v2("unknown", ask(GET, [NAME])) is None
    lost = bench.v2("lost", ask(GET, [NAME]))
    assert lost is not None
    assert lost.status == AUTHORIZATION_ERROR
    walked = bench.v2("narrow", ask(GET_NEXT, [NAME]))
    assert walked is not None
    assert walked.bindings[0][1].tag == END_OF_MIB_VIEW


def test_what_is_missing_or_hidden(bench: Bench) -> None:
    pdu = bench.answer(bench.message("ops", ask(GET, [(*NAME[:-1], 9), (1, 3, 9, 9), SECRET])))
    assert pdu is not None
    assert [value.tag for _, value in pdu.bindings] == [NO_SUCH_INSTANCE, NO_SUCH_OBJECT, NO_SUCH_OBJECT]
    pdu = bench.answer(bench.message("ops", ask(GET_NEXT, [(1, 3, 6, 1, 4, 1, 9, 9, 1, 19)])))
    assert pdu is not None
    assert pdu.bindings[0][1].tag == END_OF_MIB_VIEW, "the excluded object is not walked into"


def test_bulk_stops_at_the_size_of_a_message_and_get_says_too_big(bench: Bench) -> None:
    data = bench.message("ops", ask(GET_BULK, [NAME, (1, 3, 6, 1, 4)], status=1, index=50))
    said = bench.agent.answer(data)
    assert said is not None
    assert len(said) <= reports.MAX_SIZE
    pdu = bench.answer(data)
    assert pdu is not None
    assert 3 <= len(pdu.bindings) <= 8
    assert bench.v2("open", ask(GET_BULK, [], index=10)) is not None
    many = bench.v2("open", ask(GET, [(1, 3, 6, 1, 4, 1, 9, 9, 1, row) for row in range(1, 20)]))
    assert many is not None
    assert many.status == TOO_BIG


def test_nothing_is_written(bench: Bench) -> None:
    pdu = bench.v2("open", Pdu(SET, 1, 0, 0, ((NAME, text("mine")),)))
    assert pdu is not None
    assert pdu.status == NO_ACCESS


@given(st.binary(max_size=200))
def test_noise_gets_no_answer(noise: bytes) -> None:
    assert Bench().agent.answer(noise) is None


@given(st.data())
def test_a_damaged_request_never_raises_and_never_passes_as_authentic(data: st.DataObject) -> None:
    bench = Bench()
    good = bench.message("ops", ask(GET, [NAME]))
    at = data.draw(st.integers(0, len(good) - 1))
    flipped = good[:at] + bytes((good[at] ^ data.draw(st.integers(1, 255)),)) + good[at + 1 :]
    said = bench.agent.answer(flipped)
    if said is not None:
        try:
            message = read_message(said)
        except BerError:
            pytest.fail("the agent sent something malformed")
        assert isinstance(message, V3Message)
        assert not message.private, "an answer with data to a request that was changed on its way"


@given(st.binary(min_size=0, max_size=120))
def test_cut_requests_are_dropped(tail: bytes) -> None:
    bench = Bench()
    good = bench.message("ops", ask(GET, [NAME]))
    assert bench.agent.answer(good[: len(tail)]) is None
