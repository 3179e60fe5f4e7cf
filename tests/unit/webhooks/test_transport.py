"""Only a whole answer of the 200s, in time, from the right receiver, counts; a receiver's words go nowhere."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest

from agent.drivers.webhook import ANSWER_LIMIT, Endpoint, post, tls_context
from agent.requests.webhooks.schedule import Attempt, Ended
from tests.unit.webhooks.liar import NETWORK, OK, Conduct, hangs, liar, read_request, resets, says, tls_receiver

#: Something that no log, error or message may hold.
PLANTED = b"PLANTED-WORDS"
PLAIN = tls_context(None)


def sent(conduct: Conduct, timeout_s: float = 2) -> Attempt:
    with liar(conduct) as port:
        return post(Endpoint(f"http://{NETWORK}:{port}/x", timeout_s, PLAIN), {"webhook-id": "evt_1"}, b"{}")


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"content-length: 2\r\n\r\nok",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 202 x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"content-length: 0\r\n\r\n",
    ],
)
def test_a_whole_answer_of_the_200s_is_an_acknowledgement(answer: bytes) -> None:
    assert sent(says(answer)) == Attempt(Ended.TAKEN)


@pytest.mark.parametrize(
    ("answer", "ended", "words"),
    [
        (b"HTTP/1.1 500 PLANTED-WORDS\r\ncontent-length: 13\r\n\r\nPLANTED-WORDS", Ended.REFUSED, "it answers 500"),
        (b"HTTP/1.1 404 x\r\ncontent-length: 0\r\n\r\n", Ended.REFUSED, "404"),
        (b"HTTP/1.1 301 x\r\nlocation: http://PLANTED-WORDS/\r\ncontent-length: 0\r\n\r\n", Ended.BROKEN, "redirect"),
        (b"HTTP/1.1 304 x\r\n\r\n", Ended.BROKEN, "304"),
        (b"HTTP/1.1 410 x\r\ncontent-length: 0\r\n\r\n", Ended.BROKEN, "410"),
        (b"HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n", Ended.BROKEN, "503"),
        (OK + b"content-length: 100\r\n\r\nPLANTED-WORDS", Ended.BROKEN, "not whole"),
        (OK + b"transfer-encoding: chunked\r\n\r\nff\r\nPLANTED-WORDS", Ended.BROKEN, "not whole"),
        (OK + b"transfer-encoding: chunked\r\n\r\nPLANTED-WORDS\r\n", Ended.BROKEN, "not HTTP"),
        (OK + b"content-length: PLANTED-WORDS\r\n\r\n", Ended.BROKEN, "not HTTP"),
        (OK[:9], Ended.BROKEN, "not whole"),
        (b"", Ended.BROKEN, "not whole"),
        (b"PLANTED-WORDS\r\n\r\n", Ended.BROKEN, "not HTTP"),
        (b"SSH-2.0-PLANTED-WORDS\r\n", Ended.BROKEN, "not HTTP"),
        (OK + b"x: " + b"y" * 300_000 + b"\r\n\r\n", Ended.BROKEN, "HTTP"),
        (OK + b"".join(b"h%d: PLANTED-WORDS\r\n" % number for number in range(30_000)) + b"\r\n", Ended.BROKEN, "HTTP"),
        (OK + b"content-length: %d\r\n\r\n" % (ANSWER_LIMIT + 1) + b"x" * (ANSWER_LIMIT + 1), Ended.BROKEN, "64 KiB"),
    ],
)
def test_every_other_answer_is_a_failed_attempt_in_our_own_words(answer: bytes, ended: Ended, words: str) -> None:
    attempt = sent(says(answer))
    assert attempt.ended is ended
    assert words in attempt.why
    assert PLANTED.decode() not in attempt.why


@pytest.mark.parametrize(
    "conduct",
    [
        hangs,
        says(OK + b"content-length: 50\r\n\r\n" + b"x" * 50, drip_s=0.05),
        says(OK, endless=b"x: y\r\n" * 10),
        says(OK + b"content-length: 9999999\r\n\r\n", drip_s=0.01),
        says(b"", endless=b"HTTP/1.1 100 Continue\r\n\r\n"),
        says(OK + b"\r\n", endless=b"x" * 100),
    ],
    ids=["silent", "drips", "endless head", "drips the head", "endless 100", "endless body"],
)
def test_a_slow_or_endless_answer_is_cut_off_at_the_deadline(conduct: Conduct) -> None:
    began = time.monotonic()
    attempt = sent(conduct, timeout_s=1)
    assert attempt.ended is Ended.BROKEN
    assert time.monotonic() - began < 30  # not for ever; how fast is the machine's affair


def test_a_reset_is_a_failed_attempt() -> None:
    assert sent(resets).ended is Ended.BROKEN


def test_nobody_there_is_a_failed_attempt() -> None:
    with socket.create_server((NETWORK, 0)) as server:
        port = server.getsockname()[1]
    attempt = post(Endpoint(f"http://{NETWORK}:{port}/", 2, PLAIN), {}, b"{}")
    assert attempt == Attempt(Ended.BROKEN, "it cannot be reached: Connection refused")
    attempt = post(Endpoint("http://nobody.invalid/", 5, PLAIN), {}, b"{}")
    assert attempt == Attempt(Ended.BROKEN, "its name cannot be resolved")


@pytest.mark.parametrize(("text", "wait_s"), [("7", 7), ("soon", 0), ("-5", 0), ("9" * 30, 0), ("", 0)])
def test_a_pause_is_asked_for_in_seconds(text: str, wait_s: int) -> None:
    answer = f"HTTP/1.1 429 x\r\nretry-after: {text}\r\ncontent-length: 0\r\n\r\n"
    attempt = sent(says(answer.encode()))
    assert (attempt.ended, attempt.wait_s) == (Ended.BROKEN, wait_s)


def test_the_bytes_go_out_as_they_are_and_the_environment_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def conduct(connection: socket.socket, _stop: object) -> None:
        seen.append(read_request(connection))
        connection.sendall(OK + b"content-length: 0\r\n\r\n")

    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with liar(conduct) as port:
        endpoint = Endpoint(f"http://{NETWORK}:{port}/hooks?team=noc", 5, PLAIN)
        assert post(endpoint, {"webhook-id": "evt_1"}, b'{"a":1}').ended is Ended.TAKEN
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert body == b'{"a":1}'
    assert head.startswith(b"POST /hooks?team=noc HTTP/1.1\r\n")
    for line in (b"webhook-id: evt_1", b"content-type: application/json", b"accept-encoding: identity"):
        assert line in head.lower()
    assert b"authorization" not in head.lower()


@pytest.mark.usefixtures("localhost_is_ours")
@pytest.mark.parametrize(
    ("name", "days", "trusted", "words"),
    [
        ("desk.example", 1, True, ""),
        ("other.example", 1, True, "its certificate is refused: Hostname mismatch"),
        ("desk.example", -1, True, "its certificate is refused: certificate has expired"),
        ("desk.example", 1, False, "its certificate is refused: self"),
    ],
)
def test_only_the_right_certificate_is_spoken_to(
    tmp_path: Path, name: str, days: int, trusted: bool, words: str
) -> None:
    with tls_receiver(tmp_path, name, timedelta(days=days)) as (port, authority):
        context = tls_context(authority if trusted else None)
        attempt = post(Endpoint(f"https://desk.example:{port}/", 5, context), {}, b"{}")
    assert attempt.ended is (Ended.BROKEN if words else Ended.TAKEN)
    assert attempt.why.startswith(words)


def test_a_receiver_without_tls_is_not_spoken_to_in_the_clear() -> None:
    def conduct(connection: socket.socket, _stop: object) -> None:
        connection.recv(65536)
        connection.sendall(OK + b"content-length: 0\r\n\r\n")

    with liar(conduct) as port:
        attempt = post(Endpoint(f"https://{NETWORK}:{port}/", 5, PLAIN), {}, b"{}")
    assert attempt.ended is Ended.BROKEN
    assert attempt.why.startswith("TLS failed")
