"""A FRR daemon's own socket, on which vtysh asks it too: because starting vtysh takes a second on a small router.

A question ends with a zero byte; an answer ends with three of them and the status, 0 for success (FRR, lib/vty.c).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_END = b"\0\0\0"
_LARGEST = 64 * 1024 * 1024
_PATIENCE_S = 20.0
_HUNG_S = 6.0
"""A daemon that says nothing for so long is taken to hang."""


def ask(vpn: str, daemon: str, *questions: str) -> list[str]:
    """What a daemon of a VPN answers to each question; empty where it does not answer or does not know one."""
    answers: list[str] = []
    with suppress(OSError, ValueError), _asked(vpn, daemon, _PATIENCE_S) as wire:
        for question in questions:
            answers.append(_answer(wire, question))
    return answers + [""] * (len(questions) - len(answers))


def answers(vpn: str, daemon: str) -> bool:
    """Whether a daemon of a VPN says anything."""
    try:
        with _asked(vpn, daemon, _HUNG_S):
            return True
    except (OSError, ValueError):
        return False


@contextmanager
def _asked(vpn: str, daemon: str, patience_s: float) -> Iterator[socket.socket]:
    """A daemon that has answered already, and may be asked anything; raises OSError and ValueError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.settimeout(patience_s)
        wire.connect(f"/run/frr/{vpn}/{daemon}.vty")
        _answer(wire, "enable")
        yield wire


def _answer(wire: socket.socket, question: str) -> str:
    wire.sendall(question.encode() + b"\0")
    heard = bytearray()
    while heard[-4:-1] != _END:
        more = wire.recv(1 << 16)
        if not more or len(heard) > _LARGEST:
            raise ValueError("no answer of a daemon")
        heard += more
    return heard[:-4].decode(errors="replace") if heard[-1] == 0 else ""
