"""The other end of the control socket: the SSH subsystem, and verbs for people."""

from __future__ import annotations

import os
import select
import socket
import sys
import time

SOCKET = "/run/spokesman/control"
PATIENCE_S = 15.0


def relay() -> int:
    """Carry lines between this process and the resident one until either ends; 1 where that one does not answer.

    Nothing is answered in its stead: who asks sees a session that ends, and asks again.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        if not _connected(wire):
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


def _connected(wire: socket.socket) -> bool:
    """Whether the resident program took the connection; while the machine starts, logins are there before it is."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            wire.connect(SOCKET)
        except OSError as error:
            if time.monotonic() > until:
                sys.stderr.write(f"the resident program does not answer: {error.strerror}\n")
                return False
            time.sleep(0.2)
        else:
            return True


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]
