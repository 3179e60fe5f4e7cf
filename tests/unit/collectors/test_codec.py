"""The codec against pysnmp's, and against bytes that nobody should send."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import rfc1902
from pysnmp.proto.api import v2c

from collectors.codec import ber, pdu
from collectors.codec.answer import Reply
from collectors.codec.pdu import Request
from collectors.errors import MalformedMessage
from collectors.security import v3message
from collectors.security.session import Ignored, Sent
from collectors.security.v2c import V2cSession
from collectors.snmp import Counter32, Counter64, Gauge32, Missing, Oid, Opaque, TimeTicks
from collectors.snmp.asker import read_identifier
from tests.unit.collectors.agents import COMMUNITY

ARC = st.integers(0, 2**32 - 1)
OID = st.builds(
    lambda head, tail: (*head, *tail),
    st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), st.integers(0, 2**32 - 81)),
    st.lists(ARC, max_size=126).map(tuple),
)

#: Without -2**31, which pyasn1 writes in five octets where X.690 wants four.
INT = st.integers(-(2**31) + 1, 2**31 - 1)

#: A value as pysnmp has it, and as we do.
VALUE = st.one_of(
    INT.map(lambda n: (v2c.Integer32(n), n)),
    st.binary(max_size=300).map(lambda b: (v2c.OctetString(b), b)),
    OID.map(lambda o: (v2c.ObjectIdentifier(o), o)),
    st.binary(min_size=4, max_size=4).map(lambda b: (v2c.IpAddress(b), IPv4Address(b))),
    st.integers(0, 2**32 - 1).map(lambda n: (v2c.Counter32(n), Counter32(n))),
    st.integers(0, 2**32 - 1).map(lambda n: (v2c.Gauge32(n), Gauge32(n))),
    st.integers(0, 2**32 - 1).map(lambda n: (v2c.TimeTicks(n), TimeTicks(n))),
    st.integers(0, 2**64 - 1).map(lambda n: (v2c.Counter64(n), Counter64(n))),
    st.binary(max_size=20).map(lambda b: (v2c.Opaque(b), Opaque(b))),
    st.just((v2c.NoSuchObject(""), Missing.NO_SUCH_OBJECT)),
    st.just((v2c.NoSuchInstance(""), Missing.NO_SUCH_INSTANCE)),
    st.just((v2c.EndOfMibView(""), Missing.END_OF_MIB)),
    st.just((v2c.Null(""), None)),
)


def response(identifier: int, rows: list[tuple[Oid, Any]], status: int = 0, index: int = 0) -> bytes:
    answer = v2c.GetResponsePDU()
    v2c.apiPDU.set_defaults(answer)
    v2c.apiPDU.set_request_id(answer, identifier)
    v2c.apiPDU.set_error_status(answer, status)
    v2c.apiPDU.set_error_index(answer, index)
    v2c.apiPDU.set_varbinds(answer, [(v2c.ObjectIdentifier(name), value) for name, value in rows])
    return bytes(encoder.encode(answer))


def message(body: bytes) -> bytes:
    return ber.field(ber.SEQUENCE, ber.integer(1) + ber.field(ber.OCTETS, b"lab") + body)


@given(INT, st.lists(st.tuples(OID, VALUE), max_size=8))
def test_what_pysnmp_writes_is_read_the_same(identifier: int, rows: list[tuple[Oid, tuple[Any, Any]]]) -> None:
    data = response(identifier, [(name, theirs) for name, (theirs, _) in rows])
    read = pdu.decode(data, 0, len(data))
    assert read.request_id == identifier
    assert read.varbinds == tuple((name, ours) for name, (_, ours) in rows)
    assert [type(value) for _, value in read.varbinds] == [type(ours) for _, (_, ours) in rows]


@given(st.integers(0, 2**31 - 1), st.lists(OID, max_size=8), st.integers(0, 200))
def test_what_we_write_pysnmp_reads_the_same(identifier: int, names: list[Oid], repetitions: int) -> None:
    kind = v2c.GetBulkRequestPDU() if repetitions else v2c.GetRequestPDU()
    data = Request.of(tuple(names), repetitions).encode(identifier)
    read, rest = decoder.decode(data, asn1Spec=kind)
    assert rest == b""
    assert v2c.apiPDU.get_request_id(read) == identifier
    assert [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(read)] == names
    if repetitions:
        assert v2c.apiBulkPDU.get_max_repetitions(read) == repetitions
        assert v2c.apiBulkPDU.get_non_repeaters(read) == 0


@given(st.integers(0, 2**31 - 1))
def test_integers_as_pyasn1_writes_them(number: int) -> None:
    assert ber.integer(number) == encoder.encode(rfc1902.Integer32(number))


@given(OID)
def test_object_identifiers_round_trip(oid: Oid) -> None:
    field = ber.oid_field(oid)
    assert field == encoder.encode(v2c.ObjectIdentifier(oid))
    start, stop = ber.expect(field, 0, len(field), ber.OBJECT_ID)
    assert ber.object_id(field[start:stop]) == oid


@pytest.mark.parametrize("oid", [(), (1,), (3, 1), (1, 40), (2, 2**32), (1, 3, -1), (1, 3, 2**32), (1, 3, *range(127))])
def test_what_is_no_object_identifier_is_not_written(oid: Oid) -> None:
    with pytest.raises(ValueError, match="not an object identifier"):
        ber.oid_field(oid)


@given(st.binary(max_size=200))
@example(b"")
@example(b"\x30\x84\xff\xff\xff\xff")
@example(b"\x30\x80\x00\x00")
def test_random_bytes_are_refused_and_nothing_else(data: bytes) -> None:
    for read in (read_identifier, v3message.V3Message, v3message.scoped, lambda d: pdu.decode(d, 0, len(d))):
        try:
            read(data)
        except MalformedMessage:
            continue


@given(st.lists(st.tuples(OID, VALUE), min_size=1, max_size=4), st.data())
def test_damaged_answers_are_refused_or_read_but_never_raise_otherwise(
    rows: list[tuple[Oid, tuple[Any, Any]]], data: st.DataObject
) -> None:
    whole = bytearray(message(response(77, [(name, theirs) for name, (theirs, _) in rows])))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    session = V2cSession(COMMUNITY)
    try:
        verdict = session.judge(bytes(whole), Sent(77, b""))
    except MalformedMessage:
        return
    assert isinstance(verdict, Reply | Ignored)


@given(st.lists(st.tuples(OID, VALUE), min_size=1, max_size=3), st.data())
def test_every_cut_answer_is_refused(rows: list[tuple[Oid, tuple[Any, Any]]], data: st.DataObject) -> None:
    whole = message(response(77, [(name, theirs) for name, (theirs, _) in rows]))
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(MalformedMessage):
        V2cSession(COMMUNITY).judge(cut, Sent(77, b""))


NAME = ber.oid_field((1, 3, 6))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"\x02\x00", id="integer without octets"),
        pytest.param(b"\x02\x05\x01\x02\x03\x04\x05", id="integer of 40 bits"),
        pytest.param(b"\x41\x05\x01\x00\x00\x00\x00", id="counter above 32 bits"),
        pytest.param(b"\x41\x01\xff", id="negative counter"),
        pytest.param(b"\x43\x00", id="ticks without octets"),
        pytest.param(b"\x46\x09\x01\x00\x00\x00\x00\x00\x00\x00\x00", id="counter above 64 bits"),
        pytest.param(b"\x40\x03\x01\x02\x03", id="address of three octets"),
        pytest.param(b"\x05\x01\x00", id="null with content"),
        pytest.param(b"\x81\x01\x00", id="noSuchInstance with content"),
        pytest.param(b"\x06\x00", id="empty object identifier"),
        pytest.param(b"\x06\x02\x2b\x86", id="object identifier cut in a number"),
        pytest.param(b"\x06\x03\x2b\x80\x01", id="object identifier with a padded number"),
        pytest.param(b"\x06\x06\x2b\x90\x80\x80\x80\x00", id="number above 32 bits"),
        pytest.param(b"\x06\x81\x80" + b"\x01" * 128, id="too many numbers"),
        pytest.param(b"\x45\x01\x00", id="a type that SNMPv2 does not have"),
        pytest.param(b"\x30\x00", id="a sequence as value"),
        pytest.param(b"\x24\x80\x00\x00", id="constructed string of indefinite length"),
        pytest.param(b"\x02\x01\x01\x00", id="octets after the value"),
        pytest.param(b"", id="no value"),
    ],
)
def test_values_out_of_bounds_are_refused(value: bytes) -> None:
    variables = ber.field(ber.SEQUENCE, ber.field(ber.SEQUENCE, NAME + value))
    data = ber.field(pdu.Kind.RESPONSE, ber.integer(1) + ber.integer(0) + ber.integer(0) + variables)
    with pytest.raises(MalformedMessage):
        pdu.decode(data, 0, len(data))


def test_a_counter_without_its_leading_zero_is_read_as_unsigned() -> None:
    variables = ber.field(ber.SEQUENCE, ber.field(ber.SEQUENCE, NAME + b"\x41\x04\xff\xff\xff\xff"))
    data = ber.field(pdu.Kind.RESPONSE, ber.integer(1) + ber.integer(0) + ber.integer(0) + variables)
    assert pdu.decode(data, 0, len(data)).varbinds == (((1, 3, 6), Counter32(2**32 - 1)),)


def test_lengths_in_more_octets_than_needed_are_read() -> None:
    """net-snmp writes them."""
    assert ber.header(b"\x30\x82\x00\x01\x07", 0, 5) == (0x30, 4, 5)
