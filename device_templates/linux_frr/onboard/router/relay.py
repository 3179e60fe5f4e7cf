"""The other end of the control socket: the SSH subsystem, and verbs for people."""

from __future__ import annotations

import os
import select
import socket

SOCKET = "/run/spokesman/control"
_NOBODY = b'{"ok": false, "kind": "failed", "message": "the resident program does not answer: %s"}\n'


def relay() -> int:
    """Carry lines between this process and the resident one until either ends."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        try:
            wire.connect(SOCKET)
        except OSError as error:
            _write(1, _NOBODY % (error.strerror or "").encode())
            return 1
        reads = [0, wire.fileno()]
        while True:
            ready, _, _ = select.select(reads, [], [])
            if wire.fileno() in ready:
                data = wire.recv(1 << 16)
                if not data:
                    return 0
                _write(1, data)
            if 0 in ready:
                data = os.read(0, 1 << 16)
                if data:
                    wire.sendall(data)
                else:
                    wire.shutdown(socket.SHUT_WR)
                    reads.remove(0)


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]
