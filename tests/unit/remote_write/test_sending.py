"""Whatever the receiver does: polls are taken at once, what can be sent is sent in order, the rest is counted."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.errors import ConfigurationProblem
from agent.remote_write import Counts, Pace, Place, Queue, RemoteWrite, Result, Transport
from agent.remote_write.samples import Samples
from agent.remote_write.transport import Answered, Ended, judged
from tests.unit.history.fleet import Router
from tests.unit.remote_write.receiver import Receiver

QUICK = Pace(polls=10, flush_s=0.05, again_s=0.01, longest_s=0.05)
SERIES = 13
Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def sending(send: Callable[[bytes], Answered], most: int = 10_000) -> Iterator[RemoteWrite]:
    counts = Counts()
    samples = Samples(lambda router: f"acme/{router}", 1000)
    one = RemoteWrite(Queue(most, counts), samples, send, counts, lambda: 0.5, QUICK)
    one.start()
    try:
        yield one
    finally:
        one.close(5)


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.01)


def place(url: str, authorization: str = "", tls: ssl.SSLContext | bool = True) -> Place:
    return Place(url, lambda: authorization, tls, timeout_s=2.0)


def test_all_polls_arrive_once_and_in_order() -> None:
    routers = [Router(f"r{number}") for number in range(7)]
    with Receiver() as receiver, sending(Transport(place(receiver.url))) as remote:
        for cycle in range(20):
            remote.put([router.poll(cycle) for router in routers])
        until(lambda: remote.counts.samples[Result.SENT] == 20 * 7 * SERIES)
    assert len(receiver.samples) == 20 * 7 * SERIES
    for router in routers:
        at = [one.at_ms for one in receiver.samples if one.labels[1:2] == (("router", router.name),)]
        assert at == sorted(at)
    assert len({(one.labels, one.at_ms) for one in receiver.samples}) == len(receiver.samples)
    headers = receiver.headers[0]
    assert headers["content-type"] == "application/x-protobuf"
    assert headers["content-encoding"] == "snappy"
    assert headers["x-prometheus-remote-write-version"] == "0.1.0"
    assert "authorization" not in headers


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_is_to_be_sent_later_is_sent_again_until_it_is_taken(status: int) -> None:
    answers: Iterator[Reply] = iter([(status, {}, b"not now")] * 3)
    with Receiver() as receiver:
        receiver.answer = lambda: next(answers, (204, {}, b""))
        with sending(Transport(place(receiver.url))) as remote:
            remote.put([Router("r1").poll(0)])
            until(lambda: remote.counts.samples[Result.SENT] == SERIES)
        assert len(receiver.headers) == 4
    assert remote.counts.retries == 3
    assert len(receiver.samples) == SERIES


def test_what_is_refused_is_lost_and_counted_and_what_follows_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    answers: Iterator[Reply] = iter([(400, {}, b"out of order\nsecond line")])
    router = Router("r1")
    with Receiver() as receiver:
        receiver.answer = lambda: next(answers, (204, {}, b""))
        with sending(Transport(place(receiver.url))) as remote:
            remote.put([router.poll(0)])
            until(lambda: remote.counts.samples[Result.REFUSED] == SERIES)
            remote.put([router.poll(1)])
            until(lambda: remote.counts.samples[Result.SENT] == SERIES)
    assert remote.counts.retries == 0
    assert "are lost: HTTP 400: out of order" in caplog.text
    assert "second line" not in caplog.text


def test_a_receiver_that_is_down_keeps_nobody_waiting_and_costs_the_oldest(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    down, taken = [True], []

    def send(message: bytes) -> Answered:
        if down[0]:
            return Answered(Ended.LATER, "ConnectError: refused")
        taken.append(message)
        return Answered(Ended.TAKEN)

    router = Router("r1")
    with sending(send, most=100) as remote:
        for cycle in range(400):
            remote.put([router.poll(cycle)])
        until(lambda: remote.counts.retries > 3)
        assert remote.counts.waiting_polls <= 100
        down[0] = False
        until(lambda: remote.counts.waiting_polls == 0)
    sent = remote.counts.samples[Result.SENT] // SERIES
    assert 100 <= sent <= 110
    assert remote.counts.dropped_polls == 400 - sent
    assert caplog.text.count("nothing can be sent for now") == 1
    assert caplog.text.count("samples are taken again") == 1
    assert caplog.text.count("100 polls wait, which is all that may: the oldest are dropped") == 1


def test_a_receiver_that_never_answers_is_given_up_and_asked_again() -> None:
    released = threading.Event()

    def slow() -> tuple[int, dict[str, str], bytes]:
        released.wait(0.6)
        return 204, {}, b""

    with Receiver() as receiver:
        receiver.answer = slow
        hasty = Place(receiver.url, str, timeout_s=0.2)
        with sending(Transport(hasty)) as remote:
            remote.put([Router("r1").poll(0)])
            until(lambda: remote.counts.retries >= 1)
            released.set()
            until(lambda: remote.counts.samples[Result.SENT] == SERIES)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", b""], ids=["its body", "its head"])
def test_a_receiver_that_drips_its_answer_is_given_up_in_time(head: bytes) -> None:
    over = threading.Event()

    def drips(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(head)
        for octet in b"HTTP/1.1 200 " + b"x" * 37:  # ten seconds of it
            if over.wait(0.2):
                return
            connection.sendall(bytes([octet]))

    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread = threading.Thread(target=lambda: drips(server.accept()[0]))
        thread.start()
        answered = Transport(Place(url, str, timeout_s=0.7))(b"")
        dripped = thread.is_alive()
        over.set()
        thread.join()
    assert answered == Answered(Ended.LATER, "no answer within 0.7 s")
    assert dripped


def test_who_stops_sends_what_waits_and_waits_for_nobody_who_does_not_answer() -> None:
    with Receiver() as receiver:
        with sending(Transport(place(receiver.url))) as remote:
            remote.put([Router("r1").poll(0)])
        assert len(receiver.samples) == SERIES
    with sending(lambda _: Answered(Ended.LATER)) as remote:
        remote.put([Router("r1").poll(0)])
        remote.close(0.2)
        assert not any(one.name == "remote write" for one in threading.enumerate())


def test_polls_that_cannot_be_encoded_cost_no_others(caplog: pytest.LogCaptureFixture) -> None:
    with Receiver() as receiver, sending(Transport(place(receiver.url))) as remote:
        remote.put([Router("r1").poll(0)._replace(at=float("nan"))])
        until(lambda: "could not be made of polls" in caplog.text)
        remote.put([Router("r2").poll(0)])
        until(lambda: len(receiver.samples) == SERIES)


def test_secrets_authenticate_and_are_never_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Receiver() as receiver:
        Transport(place(receiver.url, "Bearer Planted-Token-1"))(b"")
        assert receiver.headers[0]["authorization"] == "Bearer Planted-Token-1"
        bad = Transport(place(receiver.url, "Bearer Planted\nToken"))(b"")
    assert bad.ended is Ended.LATER

    def missing() -> str:
        raise ConfigurationProblem("there is no variable TOKEN", where="spokesman.toml")

    assert "no variable TOKEN" in Transport(Place("http://localhost:1/", missing))(b"").why
    assert "Planted" not in caplog.text + bad.why


def test_a_certificate_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from agent.lab.lync.authority import LyncAuthority

    authority = LyncAuthority(tmp_path, tmp_path)
    issued = authority.issue("localhost", ("localhost",), datetime.now(UTC), 30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    with Receiver(context) as receiver:
        assert Transport(place(receiver.url))(b"").ended is Ended.LATER
        assert receiver.headers == []
        trusted = ssl.create_default_context(cafile=str(tmp_path / "lync-ca.pem"))
        assert Transport(place(receiver.url, tls=trusted))(b"").ended is Ended.TAKEN


@pytest.mark.parametrize(
    ("status", "after", "ended", "seconds"),
    [
        (200, "", Ended.TAKEN, 0.0),
        (429, "7", Ended.LATER, 7.0),
        (503, "99999", Ended.LATER, 300.0),
        (500, "Wed, 21 Oct 2026 07:28:00 GMT", Ended.LATER, 0.0),
        (302, "", Ended.REFUSED, 0.0),
        (404, "", Ended.REFUSED, 0.0),
    ],
)
def test_what_an_answer_means(status: int, after: str, ended: Ended, seconds: float) -> None:
    found = judged(status, b"why\x1b[2J", after)
    assert (found.ended, found.after_s) == (ended, seconds)
    assert "\x1b" not in found.why
