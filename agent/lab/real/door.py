"""Asks the inside of a lab: one JSON object a line, as ``agent.lab.real.inside.serve`` answers."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

from agent.lab.errors import LabError

#: How long a request that starts no command may take, in seconds.
PATIENCE_S = 60.0
#: Nobody is at home yet when a connection takes longer, in seconds.
_GREETING_S = 0.5


class Door:
    """The way to one inside: ``address`` is a TCP address, asked by ``device`` only, or the path of a UNIX socket."""

    def __init__(self, address: tuple[str, int] | str, device: str) -> None:
        self._address = address
        self._device = device
        self._held: socket.socket | None = None

    def ask(self, verb: str, patience_s: float = PATIENCE_S, **words: Any) -> Any:
        """One request and its result; LabError when the inside refuses it or does not answer."""
        try:
            with self._connect(patience_s) as client:
                return _exchange(client, {"do": verb, **words})
        except OSError as problem:
            raise LabError(f"the lab of real routers does not answer ({verb}): {problem}") from None

    def open(self, patience_s: float, alive: Callable[[], bool]) -> None:
        """Wait until the inside is built, and hold it: it ends when this process does.

        LabError when it does not get ready in time, or is no longer ``alive``.
        """
        until = time.monotonic() + patience_s
        while self._held is None:
            try:
                held = self._connect(_GREETING_S)
                held.settimeout(max(1.0, until - time.monotonic()))
                _exchange(held, {"do": "hold"})
                self._held = held
            except OSError as problem:
                if not alive() or time.monotonic() > until:
                    raise LabError(f"the lab of real routers did not get ready: {problem}") from None
                time.sleep(0.1)

    def close(self) -> None:
        """Let go: the inside ends."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def _connect(self, patience_s: float) -> socket.socket:
        client = socket.socket(socket.AF_UNIX if isinstance(self._address, str) else socket.AF_INET)
        client.settimeout(patience_s)
        try:
            if not isinstance(self._address, str):
                # Without it, a request to a guest that has ended would follow the default route to a stranger.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self._device.encode())
            client.connect(self._address)
        except OSError:
            client.close()
            raise
        return client


def _exchange(client: socket.socket, request: dict[str, Any]) -> Any:
    client.sendall(json.dumps(request).encode() + b"\n")
    with client.makefile("rb") as stream:
        line = stream.readline()
    if not line:
        raise ConnectionError("it closed the connection")
    reply = json.loads(line)
    if not reply["ok"]:
        raise LabError(f"lab of real routers: {reply['error']}")
    return reply["result"]
