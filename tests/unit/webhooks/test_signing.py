"""Signatures are those of Standard Webhooks; a receiver believes nothing that is forged, altered, old or swapped."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ConfigurationProblem
from agent.requests.webhooks.event import DATA_LIMIT, RequestEvent, body_of
from agent.requests.webhooks.receiving import TOLERANCE, Inbox, Received, Rejected, Seen, verify
from agent.requests.webhooks.signing import ID, SIGNATURE, TIMESTAMP, headers, key_of, signature
from inventory import Secret
from tests.unit.webhooks.conftest import NOW, SECRET, request_event

KEY = key_of(Secret(SECRET), "test")
OTHER = bytes(range(32))
KEYS = st.binary(min_size=24, max_size=64)


def sent(event: RequestEvent, sequence: int = 1, at: datetime = NOW, *keys: bytes) -> tuple[dict[str, str], bytes]:
    body = body_of(event, sequence)
    return dict(headers(event.id, at, body, keys or (KEY,))), body


def test_the_signature_is_the_one_that_the_libraries_of_the_specification_compute() -> None:
    # The vector that the specification's libraries are tested with.
    assert (
        signature(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "whsec_",
        "whsec_!!!!",
        "whsec_ünicode",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
    ],
)
def test_a_secret_of_another_form_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ConfigurationProblem, match="no webhook secret") as refused:
        key_of(Secret(text), "webhooks.desk")
    assert text == "whsec_" or text not in f"{refused.value} {refused.value!r}"


@given(key=KEYS, data=st.dictionaries(st.text(max_size=9), st.integers() | st.text() | st.none(), max_size=5))
def test_what_was_signed_verifies_and_reads_back(key: bytes, data: Mapping[str, int | str | None]) -> None:
    event = request_event().model_copy(update={"data": data})
    got = verify(*sent(event, 7, NOW, key), [key], NOW)
    assert (got.id, got.sequence, got.request) == (event.id, 7, event.request)
    assert got.document["data"] == data


@given(place=st.integers(min_value=0), change=st.integers(min_value=1, max_value=255))
def test_one_changed_byte_of_the_body_is_noticed(place: int, change: int) -> None:
    head, body = sent(request_event())
    place %= len(body)
    altered = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    with pytest.raises(Rejected, match="signature"):
        verify(head, altered, [KEY], NOW)


@given(key=KEYS)
def test_a_forger_without_the_key_is_not_believed(key: bytes) -> None:
    head, body = sent(request_event(), 1, NOW, key + b"?"[: 64 - len(key)])
    with pytest.raises(Rejected, match="signature"):
        verify(head, body, [KEY], NOW)


def test_the_identity_of_one_event_does_not_go_with_the_body_of_another() -> None:
    head, _body = sent(request_event())
    other_head, other_body = sent(request_event())
    with pytest.raises(Rejected, match="signature"):
        verify({**head, ID: other_head[ID]}, other_body, [KEY], NOW)
    # Nor where a thief of the key's service signs a body under another identity.
    head = dict(headers("evt_else", NOW, other_body, [KEY]))
    with pytest.raises(Rejected, match="not the event"):
        verify(head, other_body, [KEY], NOW)


@pytest.mark.parametrize("away", [TOLERANCE + timedelta(seconds=1), -TOLERANCE - timedelta(seconds=1)])
def test_an_old_or_future_timestamp_is_refused(away: timedelta) -> None:
    head, body = sent(request_event())
    with pytest.raises(Rejected, match="timestamp"):
        verify(head, body, [KEY], NOW + away)
    assert verify(head, body, [KEY], NOW + away * 0.99)


def test_a_fresh_timestamp_on_an_old_signature_is_refused() -> None:
    head, body = sent(request_event())
    later = NOW + timedelta(hours=1)
    with pytest.raises(Rejected, match="signature"):
        verify({**head, TIMESTAMP: str(int(later.timestamp()))}, body, [KEY], later)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (SIGNATURE, ""),
        (SIGNATURE, "v1,"),
        (SIGNATURE, "v1a,AAAA"),
        (SIGNATURE, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        (SIGNATURE, "v1,é"),
        (TIMESTAMP, "soon"),
        (TIMESTAMP, "-1"),
        (TIMESTAMP, "١٢٣"),
        (TIMESTAMP, "9" * 5000),
        (TIMESTAMP, "1614265330.5"),
        (ID, ""),
        (ID, None),
        (SIGNATURE, None),
        (TIMESTAMP, None),
    ],
)
def test_headers_that_are_missing_or_malformed_are_refused(name: str, value: str | None) -> None:
    head, body = sent(request_event())
    wrong = {key: text for key, text in {**head, name: value}.items() if text is not None}
    with pytest.raises(Rejected):
        verify(wrong, body, [KEY], NOW)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"3", b'"x"', b'{"sequence": true, "request": "S"}', b"[" * 100_000]
)
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected, match="body"):
        verify(headers("evt_1", NOW, body, [KEY]), body, [KEY], NOW)


def test_while_a_secret_is_changed_both_sides_may_go_first() -> None:
    head, body = sent(request_event(), 1, NOW, OTHER, KEY)
    assert verify(head, body, [KEY], NOW) == verify(head, body, [OTHER], NOW)
    head, body = sent(request_event())
    assert verify(head, body, [OTHER, KEY], NOW)
    with pytest.raises(Rejected):
        verify(head, body, [OTHER], NOW)


def test_a_repeated_event_is_known_and_an_overtaken_one_is_told() -> None:
    inbox = Inbox()

    def arrives(identity: str, sequence: int, request: str = "SSR-1") -> Seen:
        return inbox.take(Received(identity, 0, sequence, request, {}))

    assert arrives("a", 1) is Seen.NEW
    assert arrives("a", 1) is Seen.REPEATED
    assert arrives("c", 3) is Seen.NEW
    assert arrives("x", 4, "SSR-2") is Seen.NEW
    assert arrives("b", 2) is Seen.OVERTAKEN
    assert arrives("y", 1, "SSR-3") is Seen.NEW
    assert arrives("c", 3) is Seen.REPEATED


def test_a_receiver_remembers_no_more_than_it_has_room_for() -> None:
    inbox = Inbox(limit=2)
    one, two, three = (Received(name, 0, 1, f"SSR-{name}", {}) for name in "abc")
    assert [inbox.take(event) for event in (one, two, three, two)] == [Seen.NEW] * 3 + [Seen.REPEATED]
    assert inbox.take(one) is Seen.NEW


def test_the_body_is_what_the_specification_recommends() -> None:
    event = request_event(state="applied").model_copy(
        update={"occurred_at": NOW.astimezone(UTC) + timedelta(microseconds=5)}
    )
    assert json.loads(body_of(event, 3)) == {
        "type": "request.applied",
        "timestamp": "2026-11-21T12:00:00.000005Z",
        "id": event.id,
        "sequence": 3,
        "request": "SSR-000001",
        "state": "applied",
        "customer": "acme",
        "site": "london",
        "data": {"reason": "why"},
    }


def test_a_state_is_told_however_much_data_there_is() -> None:
    fields = request_event().model_dump()
    event = RequestEvent.model_validate({**fields, "data": {"plan": "x" * DATA_LIMIT}})
    assert len(body_of(event, 1)) < 1000
    assert "left_out" in event.data
    assert RequestEvent.model_validate({**fields, "data": {"plan": "x" * (DATA_LIMIT - 100)}}).data["plan"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "evt.1"),
        ("id", ""),
        ("kind", "applied"),
        ("kind", "request.applied\r\nx: y"),
        ("occurred_at", datetime(2026, 1, 1)),  # noqa: DTZ001 - the naive moment is what is refused
        ("data", {"x": float("nan")}),
        ("more", 1),
    ],
)
def test_an_event_that_could_not_be_signed_or_read_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name if name != "data" else "JSON"):
        RequestEvent.model_validate({**request_event().model_dump(), name: value})
