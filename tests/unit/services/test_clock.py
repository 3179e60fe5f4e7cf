"""What a server's clock is said to be: offsets, how sure they are, and zones that are in doubt."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lab.lync import talking
from collectors.clocks import ntp
from collectors.clocks.reading import Asked, Source, from_http, from_snmp

NOON = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)
ASKED = Asked(NOON, NOON + timedelta(milliseconds=100))
LONDON = ZoneInfo("Europe/London")


def octets(moment: datetime, zone: bytes = b"") -> bytes:
    """DateAndTime of the time that is read off ``moment``."""
    parts = (moment.month, moment.day, moment.hour, moment.minute, moment.second, 0)
    return moment.year.to_bytes(2, "big") + bytes(parts) + zone


def test_http_is_utc_and_two_seconds_wide() -> None:
    found = from_http("Wed, 01 Jul 2026 12:00:42 GMT", ASKED)
    assert found is not None
    assert found.source is Source.HTTP
    assert abs(found.offset_s - 43) < 0.1
    assert found.within_s == pytest.approx(1.05)


def test_eleven_octets_name_their_zone() -> None:
    found = from_snmp(octets(NOON.replace(hour=14), b"+\x02\x00"), ASKED, LONDON)
    assert found is not None
    assert found.source is Source.SNMP
    assert abs(found.offset_s) < 1


@pytest.mark.parametrize(("off_s", "told"), [(0, True), (42, True), (-300, True), (3600, False), (-5400, False)])
def test_eight_octets_are_local_time_unless_the_zone_may_be_wrong(off_s: int, told: bool) -> None:
    local = (NOON + timedelta(seconds=off_s)).astimezone(LONDON)
    found = from_snmp(octets(local), ASKED, LONDON)
    assert (found is not None) is told
    if found is not None:
        assert found.source is Source.SNMP_LOCAL
        assert abs(found.offset_s - off_s) < 1


@given(st.binary(max_size=14))
def test_any_octets_are_a_moment_or_none(data: bytes) -> None:
    found = from_snmp(data, ASKED, LONDON)
    assert found is None or found.within_s > 0


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = from_http(text, ASKED)
    assert found is None or found.within_s > 0


@given(st.floats(-50_000, 50_000), st.floats(0, 2), st.integers(0, 2**64 - 1))
def test_sntp_tells_the_offset_within_what_it_says(off_s: float, trip_s: float, nonce: int) -> None:
    """The lab's server is another implementation: its answer is read as it meant it."""
    received = NOON + timedelta(seconds=trip_s)
    server = NOON + timedelta(seconds=off_s + trip_s / 3)
    answer = talking.sntp(ntp.question(nonce), server)
    assert answer is not None
    if nonce == 0:
        return
    found = ntp.read_answer(answer, nonce, Asked(NOON, received))
    assert found.clock is not None
    assert found.synchronised
    assert abs(found.clock.offset_s - off_s) <= found.clock.within_s + 1e-4


@given(st.binary(max_size=80), st.integers(0, 2**64 - 1))
def test_sntp_of_any_octets_is_an_answer_or_malformed(data: bytes, nonce: int) -> None:
    from collectors.errors import MalformedMessage

    try:
        found = ntp.read_answer(data, nonce, ASKED)
    except MalformedMessage:
        return
    assert found.heard


def test_the_next_era_of_ntp_is_read() -> None:
    later = datetime(2040, 1, 1, tzinfo=UTC)
    answer = talking.sntp(ntp.question(7), later)
    assert answer is not None
    found = ntp.read_answer(answer, 7, Asked(later, later))
    assert found.clock is not None
    assert abs(found.clock.offset_s) < 0.01


def test_a_server_that_refuses_or_is_not_synchronised_says_so() -> None:
    good = talking.sntp(ntp.question(7), NOON)
    assert good is not None
    refused = ntp.read_answer(good[:1] + b"\x00" + good[2:], 7, ASKED)
    assert refused.clock is None
    assert "refuses" in refused.problem
    alone = ntp.read_answer(bytes((0xE4,)) + good[1:], 7, ASKED)
    assert alone.clock is not None
    assert not alone.synchronised


def test_nobody_answers_on_the_port() -> None:
    from tests.unit.collectors.snmpd import free_port

    found = asyncio.run(ntp.ask("127.0.0.1", free_port(), lambda: datetime.now(UTC)))
    assert found.clock is None
    assert found.heard
    assert "refused" in found.problem
