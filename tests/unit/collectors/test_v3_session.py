"""What a v3 session believes: discovery, the time window, reboots, clocks that go back, reports; time is a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.codec import ber
from collectors.codec.answer import Reply
from collectors.codec.pdu import Kind, Request
from collectors.errors import MalformedMessage
from collectors.security import v3message
from collectors.security.session import Again, Hint, Ignored, Sent, Verdict
from collectors.security.usm import KeyChain
from collectors.security.v3 import V3Session
from collectors.security.v3message import AUTH, PRIV, Engine
from collectors.snmp import Failure, V3User
from inventory import Secret

USER = V3User("watcher", Secret("authentication"), Secret("privacy-secret"))
REQUEST = Request.of(((1, 3, 6, 1, 2, 1, 1, 5, 0),))
STATISTICS = (1, 3, 6, 1, 6, 3, 15, 1, 1)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def pdu_bytes(kind: Kind, identifier: int, name: tuple[int, ...], value: bytes) -> bytes:
    variable = ber.field(ber.SEQUENCE, ber.field(ber.SEQUENCE, ber.oid_field(name) + value))
    return ber.field(kind, ber.integer(identifier) + ber.integer(0) + ber.integer(0) + variable)


class Device:
    """The authoritative engine, as far as these tests need one."""

    def __init__(self, identity: bytes = b"engine-one", boots: int = 3, time: int = 500) -> None:
        self.engine = Engine(identity, boots, time)
        self.chain = KeyChain(7)

    def moved(self, boots: int, time: int) -> Device:
        return Device(self.engine.identity, boots, time)

    def discovered(self, sent: Sent) -> bytes:
        """The unauthenticated report that answers a probe."""
        report = pdu_bytes(Kind.REPORT, sent.identifier, (*STATISTICS, 4, 0), b"\x41\x01\x01")
        return self.unauthenticated(sent, report)

    def unauthenticated(self, sent: Sent, pdu: bytes) -> bytes:
        fields = ber.field(ber.OCTETS, self.engine.identity) + ber.integer(self.engine.boots)
        fields += ber.integer(self.engine.time) + b"\x04\x00\x04\x00\x04\x00"
        security = ber.field(ber.OCTETS, ber.field(ber.SEQUENCE, fields))
        head = ber.integer(sent.identifier) + ber.integer(1472) + b"\x04\x01\x00" + ber.integer(3)
        scoped = v3message.encode_scoped(self.engine.identity, pdu)
        return ber.field(ber.SEQUENCE, ber.integer(3) + ber.field(ber.SEQUENCE, head) + security + scoped)

    def sealed(self, identifier: int, pdu: bytes, user: V3User = USER) -> bytes:
        keys = self.chain.localise(user, self.engine.identity)
        return v3message.encode_sealed(identifier, self.engine, user.name.encode(), keys, self.chain.salt(), pdu)

    def response(self, sent: Sent, identifier: int | None = None) -> bytes:
        number = sent.identifier if identifier is None else identifier
        pdu = pdu_bytes(Kind.RESPONSE, number, REQUEST.oids[0], b"\x04\x02ok")
        return self.sealed(sent.identifier, pdu)

    def report(self, sent: Sent, statistic: int) -> bytes:
        pdu = pdu_bytes(Kind.REPORT, sent.identifier, (*STATISTICS, statistic, 0), b"\x41\x01\x01")
        return self.sealed(sent.identifier, pdu)


def session(clock: Clock) -> V3Session:
    return V3Session(USER, KeyChain(0), clock)


def is_probe(sent: Sent) -> bool:
    return not v3message.V3Message(sent.datagram).flags & AUTH


def claimed(sent: Sent) -> Engine:
    """The engine and its clock as a message of ours states them."""
    return v3message.V3Message(sent.datagram).engine


def met(clock: Clock, device: Device) -> V3Session:
    """A session that has had an authentic answer from ``device``."""
    ours = session(clock)
    probe = ours.seal(REQUEST, 11)
    assert isinstance(ours.judge(device.discovered(probe), probe), Again)
    sent = ours.seal(REQUEST, 12)
    assert isinstance(ours.judge(device.response(sent), sent), Reply)
    return ours


def judged(ours: V3Session, device: Device, identifier: int = 20) -> Verdict:
    sent = ours.seal(REQUEST, identifier)
    return ours.judge(device.response(sent), sent)


def test_the_first_message_probes_and_tells_nothing_of_the_user() -> None:
    sent = session(Clock()).seal(REQUEST, 5)
    message = v3message.V3Message(sent.datagram)
    assert (message.flags & (AUTH | PRIV), message.user, message.engine) == (0, b"", Engine(b"", 0, 0))
    assert b"watcher" not in sent.datagram


def test_after_discovery_messages_carry_the_engines_running_clock() -> None:
    clock = Clock()
    ours = met(clock, Device(boots=3, time=500))
    clock.now += 77.6
    assert claimed(ours.seal(REQUEST, 21)) == Engine(b"engine-one", 3, 577)
    assert ber.oid_field(REQUEST.oids[0]) not in ours.seal(REQUEST, 22).datagram


def test_no_two_messages_share_a_salt() -> None:
    ours = met(Clock(), Device())
    salts = {v3message.V3Message(ours.seal(REQUEST, 30 + n).datagram).salt for n in range(50)}
    assert len(salts) == 50


def test_answers_move_the_clock_on_and_old_ones_are_outside_the_window() -> None:
    clock = Clock()
    ours = met(clock, Device(boots=3, time=500))
    clock.now += 1000
    assert isinstance(judged(ours, Device(boots=3, time=1490)), Reply)
    verdict = judged(ours, Device(boots=3, time=1490 - 151))
    assert isinstance(verdict, Ignored)
    assert "window" in verdict.reason
    assert isinstance(judged(ours, Device(boots=3, time=1490 - 149)), Reply)
    assert claimed(ours.seal(REQUEST, 40)).time == 1490


def test_a_device_with_a_slow_clock_is_followed() -> None:
    """RFC 3414, 3.2, 7b: later than the last one heard is recent, however far our own clock has run on."""
    clock = Clock()
    ours = met(clock, Device(boots=3, time=500))
    clock.now += 1000
    assert isinstance(judged(ours, Device(boots=3, time=501)), Reply)
    assert claimed(ours.seal(REQUEST, 40)).time == 501


def test_a_reboot_is_learned_from_the_authenticated_report() -> None:
    clock = Clock()
    ours = met(clock, Device(boots=3, time=500))
    sent = ours.seal(REQUEST, 20)
    rebooted = Device(boots=4, time=9)
    assert isinstance(ours.judge(rebooted.report(sent, 2), sent), Again)
    again = ours.seal(REQUEST, 21)
    assert claimed(again) == Engine(b"engine-one", 4, 9)
    assert isinstance(ours.judge(rebooted.response(again), again), Reply)


def test_after_a_reboot_answers_from_before_it_are_old() -> None:
    ours = met(Clock(), Device(boots=4, time=9))
    assert isinstance(judged(ours, Device(boots=3, time=10**6)), Ignored)


@pytest.mark.parametrize(("boots", "time"), [(1, 4), (3, 20)])
def test_a_clock_that_went_back_is_followed_by_a_report_that_answers_us(boots: int, time: int) -> None:
    ours = met(Clock(), Device(boots=3, time=5000))
    reset = Device(boots=boots, time=time)
    assert isinstance(judged(ours, reset), Ignored)
    sent = ours.seal(REQUEST, 20)
    assert isinstance(ours.judge(reset.report(sent, 2), sent), Again)
    assert isinstance(judged(ours, reset), Reply)


def test_an_unauthenticated_report_of_time_changes_nothing() -> None:
    ours = met(Clock(), Device(boots=3, time=500))
    sent = ours.seal(REQUEST, 20)
    forged = pdu_bytes(Kind.REPORT, 20, (*STATISTICS, 2, 0), b"\x41\x01\x01")
    assert isinstance(ours.judge(Device(boots=99).unauthenticated(sent, forged), sent), Ignored)
    assert claimed(ours.seal(REQUEST, 21)).boots == 3


def test_a_forged_discovery_does_not_lock_the_true_clock_out() -> None:
    """Hearsay of boots 99 addresses the next message; the true engine's answer then counts, with boots 3."""
    ours = session(Clock())
    probe = ours.seal(REQUEST, 11)
    ours.judge(Device(boots=99, time=1).discovered(probe), probe)
    sent = ours.seal(REQUEST, 12)
    assert claimed(sent).boots == 99
    true = Device(boots=3, time=500)
    assert isinstance(ours.judge(true.report(sent, 2), sent), Again)
    assert isinstance(judged(ours, true), Reply)


def test_a_forged_engine_does_not_replace_the_true_one() -> None:
    ours = met(Clock(), Device())
    sent = ours.seal(REQUEST, 20)
    disowned = pdu_bytes(Kind.REPORT, 20, (*STATISTICS, 4, 0), b"\x41\x01\x01")
    assert isinstance(ours.judge(Device().unauthenticated(sent, disowned), sent), Again)
    probe = ours.seal(REQUEST, 21)
    assert is_probe(probe)
    assert isinstance(ours.judge(Device(b"engine-evil").discovered(probe), probe), Again)
    assert claimed(ours.seal(REQUEST, 22)).identity == b"engine-evil"
    ours.gave_up()
    probe = ours.seal(REQUEST, 23)
    assert is_probe(probe)
    ours.judge(Device(boots=1, time=1).discovered(probe), probe)
    assert claimed(ours.seal(REQUEST, 24)) == Device().engine


def test_a_new_engine_replaces_the_old_one_once_it_has_authenticated_itself() -> None:
    ours = met(Clock(), Device())
    ours.gave_up()
    probe = ours.seal(REQUEST, 20)
    new = Device(b"engine-two", 1, 1)
    ours.judge(new.discovered(probe), probe)
    assert isinstance(judged(ours, new, 21), Reply)
    ours.gave_up()
    probe = ours.seal(REQUEST, 22)
    ours.judge(new.discovered(probe), probe)
    assert claimed(ours.seal(REQUEST, 23)) == new.engine


@pytest.mark.parametrize("identity", [b"", b"four", b"x" * 33])
def test_an_engine_identifier_out_of_bounds_is_not_taken(identity: bytes) -> None:
    ours = session(Clock())
    probe = ours.seal(REQUEST, 11)
    try:
        assert isinstance(ours.judge(Device(identity).discovered(probe), probe), Ignored)
    except MalformedMessage:
        assert len(identity) > 32
    assert is_probe(ours.seal(REQUEST, 12))


def test_a_response_must_be_to_this_request_from_this_engine_and_user() -> None:
    ours = met(Clock(), Device())
    sent = ours.seal(REQUEST, 20)
    stranger = V3User("stranger", USER.auth, USER.priv)
    body = pdu_bytes(Kind.RESPONSE, 20, REQUEST.oids[0], b"\x04\x02no")
    for datagram, reason in [
        (Device().response(sent, identifier=21), "another request"),
        (Device(b"engine-two").response(sent), "another engine"),
        (Device().sealed(20, body, stranger), "another engine or user"),
        (Device().unauthenticated(sent, body), "not authenticated"),
    ]:
        verdict = ours.judge(datagram, sent)
        assert isinstance(verdict, Ignored)
        assert reason in verdict.reason


@given(st.binary(max_size=120))
def test_an_authentic_agent_that_seals_noise_is_not_believed(noise: bytes) -> None:
    """A device may hold the right keys and still be broken."""
    ours = met(Clock(), Device())
    sent = ours.seal(REQUEST, 20)
    try:
        verdict = ours.judge(Device().sealed(20, noise), sent)
    except MalformedMessage:
        return
    assert isinstance(verdict, Ignored)


@given(st.data())
def test_any_damage_to_an_answer_is_noticed(data: st.DataObject) -> None:
    ours = met(Clock(), Device())
    sent = ours.seal(REQUEST, 20)
    whole = bytearray(Device().response(sent))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        verdict = ours.judge(bytes(whole), sent)
    except MalformedMessage:
        return
    assert isinstance(verdict, Ignored)


def test_an_answer_that_is_authentic_but_in_clear_is_refused() -> None:
    ours = met(Clock(), Device())
    sent = ours.seal(REQUEST, 20)
    device = Device()
    keys = device.chain.localise(USER, device.engine.identity)
    body = v3message.encode_scoped(device.engine.identity, pdu_bytes(Kind.RESPONSE, 20, REQUEST.oids[0], b"\x04\x02no"))
    fields = ber.field(ber.OCTETS, device.engine.identity) + ber.integer(3) + ber.integer(500)
    fields += ber.field(ber.OCTETS, b"watcher") + ber.field(ber.OCTETS, bytes(24)) + b"\x04\x00"
    head = ber.integer(20) + ber.integer(1472) + bytes((4, 1, AUTH)) + ber.integer(3)
    security = ber.field(ber.OCTETS, ber.field(ber.SEQUENCE, fields))
    whole = ber.field(ber.SEQUENCE, ber.integer(3) + ber.field(ber.SEQUENCE, head) + security + body)
    code_at = whole.index(bytes(24))
    signed = whole[:code_at] + keys.mac(whole) + whole[code_at + 24 :]
    verdict = ours.judge(signed, sent)
    assert isinstance(verdict, Ignored)
    assert "encrypted" in verdict.reason


@pytest.mark.parametrize(
    ("statistic", "failure"),
    [(1, Failure.WRONG_LEVEL), (3, Failure.UNKNOWN_USER), (5, Failure.WRONG_DIGEST), (6, Failure.WRONG_PRIVACY)],
)
def test_refusals_are_hints_and_a_true_answer_after_them_counts(statistic: int, failure: Failure) -> None:
    ours = met(Clock(), Device())
    sent = ours.seal(REQUEST, 20)
    refusal = pdu_bytes(Kind.REPORT, 20, (*STATISTICS, statistic, 0), b"\x41\x01\x01")
    for datagram in (Device().unauthenticated(sent, refusal), Device().report(sent, statistic)):
        verdict = ours.judge(datagram, sent)
        assert isinstance(verdict, Hint)
        assert verdict.failure is failure
    assert isinstance(ours.judge(Device().response(sent), sent), Reply)


def test_boots_at_their_end_are_never_in_the_window() -> None:
    """RFC 3414, 2.2.2: an engine whose boots have run out must be given new keys."""
    ours = met(Clock(), Device(boots=2**31 - 1))
    assert isinstance(judged(ours, Device(boots=2**31 - 1, time=501)), Ignored)


def test_a_clock_at_its_end_is_still_written() -> None:
    clock = Clock()
    ours = met(clock, Device(time=2**31 - 5))
    clock.now += 100
    assert claimed(ours.seal(REQUEST, 20)).time == 2**31 - 1
