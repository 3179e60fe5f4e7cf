"""Whatever comes: what reads heads, records and certificates gives a value or a MalformedMessage, nothing else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.clocks.reading import Asked
from collectors.errors import MalformedMessage
from collectors.services import https, sip
from collectors.tls.certificate import Certificate, read_certificate
from collectors.tls.heads import read_head
from collectors.tls.records import look
from tests.unit.services.certificates import Authority

NOW = datetime(2026, 7, 1, tzinfo=UTC)
HEAD = (
    "SIP/2.0 200 OK\r\nv: SIP/2.0/TLS x\r\nf: <sip:a>\r\nt: <sip:b>\r\n ;tag=folded\r\ni: call@x\r\n"
    "CSeq: 1 OPTIONS\r\nServer: RTC/5.0"
)


class Pieces:
    """Octets in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    async def receive(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def test_compact_and_folded_headers_are_read() -> None:
    assert sip.read_answer(HEAD, "call").status == 200


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_head_is_an_answer_or_malformed(text: str) -> None:
    for read in (partial(sip.read_answer, text, "call"), partial(https.read_answer, text, Asked(NOW, NOW))):
        try:
            said = read()
        except MalformedMessage:
            continue
        assert said.words.isprintable()


@given(st.integers(0, len(HEAD)), st.text(max_size=5))
def test_a_damaged_answer_is_an_answer_or_malformed(place: int, put: str) -> None:
    try:
        said = sip.read_answer(HEAD[:place] + put + HEAD[place + 1 :], "call")
    except MalformedMessage:
        return
    assert 100 <= said.status < 700


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8))
def test_any_pieces_are_a_head_or_an_end(pieces: list[bytes]) -> None:
    try:
        head = asyncio.run(read_head(Pieces(*pieces)))
    except (MalformedMessage, EOFError):
        return
    assert "\r\n\r\n" not in head


def test_a_head_in_pieces_is_one() -> None:
    octets = b"\r\n\r\n" + HEAD.encode() + b"\r\n\r\nbody"
    assert asyncio.run(read_head(Pieces(*(octets[at : at + 3] for at in range(0, len(octets), 3))))) == HEAD


@given(st.binary(max_size=300))
def test_any_records_are_looked_at(octets: bytes) -> None:
    seen = look(octets)
    assert len(seen.certificate) <= len(octets)


@given(st.binary(max_size=400))
def test_any_octets_are_a_certificate_or_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_certificate(octets)


def test_a_damaged_certificate_is_one_or_malformed(authority: Authority) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    path, _ = authority.issue("fe1.lync.test", names=("fe1.lync.test", "*.pool.test"))
    der = x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER)
    for place in range(len(der)):
        for value in (0x00, 0xFF, der[place] ^ 0x01):
            try:
                found = read_certificate(der[:place] + bytes((value,)) + der[place + 1 :])
            except MalformedMessage:
                continue
            assert isinstance(found, Certificate)
            assert found.subject.isprintable()
    found = read_certificate(der)
    assert found.is_for("a.pool.test")
    assert not found.is_for("a.b.pool.test")
    assert not found.is_for("pool.test")
