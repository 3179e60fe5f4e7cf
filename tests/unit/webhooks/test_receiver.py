"""The lab's receiver over real HTTP: what is forged, altered, old, repeated, reordered or not an event at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlsplit

import pytest

from agent.app.app import App
from agent.app.watching import Watching
from agent.lab.receiver import MOST_BYTES, WebhookReceiver
from agent.requests.webhooks.event import RequestEvent, body_of
from agent.requests.webhooks.receiving import Seen
from agent.requests.webhooks.signing import ID, headers, key_of
from inventory import Secret
from tests.unit.webhooks.conftest import SECRET, request_event

KEY = key_of(Secret(SECRET), "")


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver(SECRET) as receiver:
        yield receiver


def ask(receiver: WebhookReceiver, method: str, body: bytes, head: dict[str, str]) -> int:
    connection = HTTPConnection(urlsplit(receiver.url).netloc, timeout=10)
    try:
        connection.request(method, "/hooks", body, head)
        return connection.getresponse().status
    finally:
        connection.close()


def signed(event: RequestEvent, sequence: int, age_s: float = 0, key: bytes = KEY) -> tuple[bytes, dict[str, str]]:
    body = body_of(event, sequence)
    return body, dict(headers(event.id, datetime.now(UTC) - timedelta(seconds=age_s), body, [key]))


def test_only_what_is_genuine_and_fresh_is_taken(receiver: WebhookReceiver) -> None:
    body, head = signed(request_event(), 1)
    assert ask(receiver, "POST", *signed(request_event(), 1, key=bytes(24))) == 401
    assert ask(receiver, "POST", body.replace(b"planned", b"applied"), head) == 401
    assert ask(receiver, "POST", body, {**head, ID: "evt_other"}) == 401
    assert ask(receiver, "POST", body, {}) == 401
    assert ask(receiver, "POST", *signed(request_event(), 1, age_s=301)) == 401
    assert ask(receiver, "POST", *signed(request_event(), 1, age_s=-301)) == 401
    assert not receiver.events
    assert len(receiver.rejected) == 6
    assert ask(receiver, "POST", body, head) == 204
    assert [one["state"] for one in receiver.events] == ["planned"]


def test_a_replay_is_acknowledged_and_nothing_happens_twice(receiver: WebhookReceiver) -> None:
    body, head = signed(request_event(), 1)
    assert [ask(receiver, "POST", body, head) for _ in range(3)] == [204] * 3
    assert len(receiver.events) == 1
    assert [one.seen for one in receiver.arrived] == [Seen.NEW, Seen.REPEATED, Seen.REPEATED]


def test_an_event_that_was_overtaken_is_told_as_such(receiver: WebhookReceiver) -> None:
    first, second = signed(request_event(state="planned"), 1), signed(request_event(state="applied"), 2)
    assert ask(receiver, "POST", *second) == 204
    assert ask(receiver, "POST", *first) == 204
    assert [one.seen for one in receiver.arrived] == [Seen.NEW, Seen.OVERTAKEN]


def test_a_receiver_can_be_waited_for(receiver: WebhookReceiver) -> None:
    Thread(target=ask, args=(receiver, "POST", *signed(request_event(state="applied"), 1))).start()
    assert receiver.wait_for(lambda events: any(one["state"] == "applied" for one in events), 30)
    assert not receiver.wait_for(lambda events: len(events) > 1, 0.05)


@pytest.mark.parametrize(
    ("method", "body", "head", "status"),
    [
        ("GET", b"", {}, 501),
        ("POST", b"", {"content-length": str(MOST_BYTES + 1)}, 413),
        ("POST", b"", {"content-length": "9" * 40}, 413),
        ("POST", b"", {"content-length": "-1"}, 411),
        ("POST", b"0\r\n\r\n", {"transfer-encoding": "chunked"}, 411),
    ],
)
def test_what_is_no_event_is_refused_before_it_is_read(
    receiver: WebhookReceiver, method: str, body: bytes, head: dict[str, str], status: int
) -> None:
    assert ask(receiver, method, body, head) == status
    assert not receiver.arrived


def test_the_daemon_has_the_duty(app: App) -> None:
    duties = {duty.name: duty for duty in Watching(app).duties}
    duties["webhooks"].run(app.inventory)
    assert 0 < duties["webhooks"].period_s <= 2
