"""The control socket: lines of JSON in, lines of JSON out; no client can block another, nor make the program grow."""

from __future__ import annotations

import json
import math
import os
import selectors
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .. import places
from ..system import uptime

LONGEST = 8 * 1024 * 1024
"""The longest request, in bytes."""
MOST_CLIENTS = 32
MOST_WAITING = 16
PATIENCE_S = 60.0
"""How long a client may take for the rest of a line, or to take an answer."""
IDLE_S = 900.0
"""How long one may ask nothing; many that do would keep others out."""

Answer = Callable[[dict[str, Any]], None]
Handle = Callable[[str, dict[str, Any], Answer], None]


@dataclass(eq=False)
class Client:
    """One connection; answers come in the order of its requests, one at a time."""

    connection: socket.socket
    heard: bytearray = field(default_factory=bytearray)
    to_say: bytearray = field(default_factory=bytearray)
    waiting: deque[bytes] = field(default_factory=deque)
    busy: bool = False
    ended: bool = False
    gone: bool = False
    since_s: float = 0.0
    watched: int = 0


class Server:
    """Takes connections and requests; ``handle`` gets verb, arguments and where the answer goes."""

    def __init__(self, selector: selectors.BaseSelector, handle: Handle) -> None:
        self._selector = selector
        self._handle = handle
        self._clients: set[Client] = set()
        self._listener = _listener()
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def drop_slow(self) -> None:
        """Close connections that neither finish a line nor take an answer, and those that ask nothing."""
        for client in list(self._clients):
            idle_s = math.inf if client.busy else IDLE_S
            patience_s = PATIENCE_S if client.heard or client.to_say else idle_s
            if uptime() - client.since_s > patience_s:
                self._close(client)

    def _accept(self, _listener: int) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if len(self._clients) >= MOST_CLIENTS:
            connection.close()
            return
        connection.setblocking(False)
        client = Client(connection, since_s=uptime())
        self._clients.add(client)
        self._watch(client)

    def _serve(self, client: Client) -> None:
        try:
            if client.to_say:
                self._send(client)
            heard = client.connection.recv(1 << 16) if client.watched & selectors.EVENT_READ else None
        except BlockingIOError:
            heard = None
        except OSError:
            self._close(client)
            return
        if heard:
            self._take(client, heard)
        elif heard is not None:
            client.ended = True
        self._go_on(client)

    def _take(self, client: Client, heard: bytes) -> None:
        client.since_s = client.since_s if client.heard else uptime()
        client.heard += heard
        while (end := client.heard.find(b"\n")) >= 0:
            client.waiting.append(bytes(client.heard[:end]))
            del client.heard[: end + 1]
        if len(client.heard) + sum(map(len, client.waiting)) > LONGEST or len(client.waiting) > MOST_WAITING:
            client.waiting.clear()
            client.gone = True
            self._say(client, {"ok": False, "kind": "refused", "message": "that is more than is taken at once"})

    def _go_on(self, client: Client) -> None:
        while client.waiting and not client.busy and not client.gone:
            client.busy = True
            self._request(client, client.waiting.popleft())
        if (client.gone or (client.ended and not client.busy)) and not client.to_say:
            self._close(client)
        if client in self._clients:
            self._watch(client)

    def _request(self, client: Client, line: bytes) -> None:
        answered = False

        def answer(outcome: dict[str, Any]) -> None:
            nonlocal answered
            if answered or client not in self._clients:
                return
            answered = True
            client.busy = False
            self._say(client, outcome)
            self._go_on(client)

        request = _read(line)
        if request is None:
            answer({"ok": False, "kind": "refused", "message": 'a request is one line: {"verb": "…", "args": {…}}'})
            return
        self._handle(*request, answer)

    def _say(self, client: Client, outcome: dict[str, Any]) -> None:
        client.since_s = uptime()
        client.to_say += json.dumps(outcome).encode() + b"\n"
        with suppress(OSError):
            self._send(client)

    def _send(self, client: Client) -> None:
        sent = client.connection.send(memoryview(client.to_say)[: 1 << 18].tobytes())
        if sent:
            del client.to_say[:sent]
            client.since_s = uptime()

    def _watch(self, client: Client) -> None:
        wanted = selectors.EVENT_WRITE if client.to_say else 0
        wanted |= 0 if client.to_say or client.ended or client.gone else selectors.EVENT_READ
        if wanted and client.watched:
            self._selector.modify(client.connection, wanted, lambda _: self._serve(client))
        elif wanted:
            self._selector.register(client.connection, wanted, lambda _: self._serve(client))
        elif client.watched:
            self._selector.unregister(client.connection)
        client.watched = wanted

    def _close(self, client: Client) -> None:
        if client in self._clients:
            self._clients.discard(client)
            if client.watched:
                self._selector.unregister(client.connection)
            client.watched = 0
            client.connection.close()


def _read(line: bytes) -> tuple[str, dict[str, Any]] | None:
    """Verb and arguments of a request; None where it is none."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict):
        return None
    verb, arguments = request.get("verb"), request.get("args", {})
    return (verb, arguments) if isinstance(verb, str) and isinstance(arguments, dict) else None


def _listener() -> socket.socket:
    places.SOCKET.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o177)
    try:
        listener.bind(str(places.SOCKET))
    finally:
        os.umask(before)
    places.share_socket()
    listener.listen(64)
    listener.setblocking(False)
    return listener
