"""Serves the API with uvicorn: where it may listen, TLS, and what a slow or silent client is allowed."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from agent.api.application import guarded
from agent.app.api_tls import PLACE, refuse_clear_text, tls
from agent.app.serving import Serving
from agent.errors import ConfigurationProblem
from inventory.settings import Api

log = logging.getLogger(__name__)

#: A connection without a request is closed after this, in seconds.
IDLE_S = 15
#: How long requests may take to end after SIGTERM, in seconds.
STOP_WITHIN_S = 10


def serve(root: Path) -> None:
    """Serve a workspace until SIGTERM or SIGINT; ConfigurationProblem where it may not or cannot listen."""
    serving = Serving(root)
    settings = serving.settings.api
    context = tls(settings, root)
    refuse_clear_text(settings, encrypted=context is not None)
    listener = listening(settings)
    host, port = listener.getsockname()[:2]
    log.info("the API listens on %s://%s:%d", "https" if context else "http", host, port)
    _Server(configuration(serving, context)).run(sockets=[listener])
    log.info("the API has stopped")


def listening(settings: Api) -> socket.socket:
    """The socket, bound before anything is served; ConfigurationProblem for an address that cannot be used."""
    family = socket.AF_INET6 if ":" in settings.listen else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.listen, settings.port))
        listener.listen(_backlog(settings))
    except OSError as error:
        listener.close()
        raise ConfigurationProblem(
            f"cannot listen on {settings.listen} port {settings.port}: {error.strerror}",
            where=PLACE,
            remedy="set listen and port to an address that is free here",
        ) from None
    return listener


def _backlog(settings: Api) -> int:
    """How many connections may wait to be accepted."""
    return min(settings.connections, 1_024)


def configuration(serving: Serving, context: ssl.SSLContext | None) -> uvicorn.Config:
    """uvicorn, told to say nothing of itself, to believe no header about who asks, and to wait for nobody."""
    settings = serving.settings.api
    config = uvicorn.Config(
        guarded(serving),
        http=_protocol(settings.receive_timeout_s),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # what anybody may provoke from outside must not fill the log
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=settings.connections,
        backlog=_backlog(settings),
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_WITHIN_S,
        h11_max_incomplete_event_size=settings.max_header_bytes,
        ssl_context_factory=_given(context) if context else None,
    )
    if context:
        config.load()
    return config


def _given(context: ssl.SSLContext) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]:
    return lambda _config, _default: context


class _Server(uvicorn.Server):
    """uvicorn's server; a signal that ends it has done its work, and is not raised again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end it in good order while it runs."""
        former = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)


def _protocol(within_s: float) -> type[H11Protocol]:
    """uvicorn's HTTP/1.1, for clients that send a request's head within ``within_s`` seconds or are cut off."""

    class Impatient(H11Protocol):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._head_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait_for_head()

        def data_received(self, data: bytes) -> None:
            before = self.cycle
            super().data_received(data)
            if self.cycle is not before:
                self._stop_waiting()
            elif self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
                self._wait_for_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def _wait_for_head(self) -> None:
            self._head_timer = self.loop.call_later(within_s, self._cut)

        def _stop_waiting(self) -> None:
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None

        def _cut(self) -> None:
            self.transport.abort()

    return Impatient
