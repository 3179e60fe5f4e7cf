"""Serves /metrics for Prometheus and /healthz for whoever watches the watcher."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from agent.errors import ConfigurationProblem

#: Gives (healthy, text).
Health = Callable[[], tuple[bool, str]]


log = logging.getLogger(__name__)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, _request: object, client_address: object) -> None:
        """A scrape that failed (the store was busy, the client left) is one line."""
        log.warning("a request from %s failed: %s", client_address, sys.exc_info()[1])


class Exposition:
    """The daemon's HTTP server, in a thread of its own; read-only, loopback unless the operator says otherwise."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry, health: Health) -> None:
        try:
            self._server = _Server((host, port), _handler(registry, health))
        except OSError as error:
            raise ConfigurationProblem(
                f"cannot serve /metrics on {host}:{port}: {error.strerror}",
                where="spokesman.toml: daemon",
                remedy="set daemon.listen and daemon.port to an address that is free here",
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """The port in use; 0 was asked for: the one the system gave."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Serve until ``close``."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(registry: CollectorRegistry, health: Health) -> type[BaseHTTPRequestHandler]:
    one_at_a_time = threading.Lock()  # many who scrape a large fleet at once must not cost the polls their processor

    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version = "spokesman"
        sys_version = ""

        def do_GET(self) -> None:
            path = self.path.split("?", 1)[0]
            if path == "/metrics":
                encode, content_type = choose_encoder(self.headers.get("Accept", ""))
                with one_at_a_time:
                    metrics = encode(registry)
                self._answer(HTTPStatus.OK, content_type, metrics)
            elif path == "/healthz":
                healthy, text = health()
                status = HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, "text/plain; charset=utf-8", text.encode() + b"\n")
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"/metrics or /healthz\n")

        def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Requests are not logged: a scrape every few seconds would be all the log."""

    return Handler
