"""A receiver of webhooks on this machine, as a customer's system would be: verifies, remembers, and shows what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from types import TracebackType
from typing import Any, Self

from agent.requests.webhooks.receiving import Inbox, Received, Rejected, Seen, verify
from agent.requests.webhooks.signing import key_of
from inventory import Secret

#: What an event may have, in bytes; more is not read.
MOST_BYTES = 65_536
#: A sender that says nothing is hung up on after this long, in seconds.
PATIENCE_S = 10


@dataclass(frozen=True, slots=True)
class Arrived:
    """A genuine event and what it was to this receiver."""

    event: Received
    seen: Seen


class WebhookReceiver:
    """Listens as long as the block: ``with WebhookReceiver(secret) as receiver: ... receiver.url``.

    ``secret`` is ``whsec_`` and Base64, as the sender has it; ``port`` 0 takes a free one. ``told`` is called with each
    genuine event as it comes.
    """

    def __init__(
        self, secret: str, port: int = 0, host: str = "127.0.0.1", told: Callable[[Arrived], None] | None = None
    ) -> None:
        self._keys = (key_of(Secret(secret), "the receiver's secret"),)
        self._inbox, self._told = Inbox(), told
        self._changed = Condition()
        self._arrived: list[Arrived] = []
        self._rejected: list[str] = []
        self._server = _Server((host, port), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/hooks"

    @property
    def events(self) -> tuple[Mapping[str, Any], ...]:
        """The bodies of genuine events, each once, in the order in which they came."""
        return tuple(one.event.document for one in self.arrived if one.seen is not Seen.REPEATED)

    @property
    def arrived(self) -> tuple[Arrived, ...]:
        """Everything genuine that came, repetitions as well."""
        with self._changed:
            return tuple(self._arrived)

    @property
    def rejected(self) -> tuple[str, ...]:
        """Why other requests were refused."""
        with self._changed:
            return tuple(self._rejected)

    def wait_for(self, enough: Callable[[tuple[Mapping[str, Any], ...]], bool], timeout_s: float = 30) -> bool:
        """Wait until ``enough(events)``; False where it does not come true in time."""
        with self._changed:
            return self._changed.wait_for(lambda: enough(self.events), timeout_s)

    def receive(self, headers: Mapping[str, str], body: bytes) -> int:
        """The HTTP status for what came."""
        try:
            event = verify(headers, body, self._keys, datetime.now(UTC))
        except Rejected as why:
            with self._changed:
                self._rejected.append(str(why))
            return 401
        with self._changed:
            arrived = Arrived(event, self._inbox.take(event))
            self._arrived.append(arrived)
            if self._told is not None:
                self._told(arrived)
            self._changed.notify_all()
        return 204

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def _handler(receiver: WebhookReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_S
        protocol_version = "HTTP/1.1"
        server_version, sys_version = "receiver", ""

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not (length.isascii() and length.isdigit() and len(length) <= 6 and int(length) <= MOST_BYTES):
                self._answer(413 if length.isdigit() else 411)
                return
            body = self.rfile.read(int(length))
            self._answer(receiver.receive({name.lower(): value for name, value in self.headers.items()}, body))

        def _answer(self, status: int) -> None:
            self.close_connection = status >= 400
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what came is shown by the receiver itself."""

    return Handler
