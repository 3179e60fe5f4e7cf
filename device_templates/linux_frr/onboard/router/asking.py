"""A verb for a person at the router's own console: arguments by name, the answer as text."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from .relay import SOCKET


def ask(verb: str, words: list[str]) -> int:
    """Send one verb and write its answer; 0 where it was done."""
    try:
        given = dict(_argument(word) for word in words)
        answer = _exchange({"verb": verb, "args": given})
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not answer.get("ok"):
        sys.stderr.write(f"{answer.get('kind')}: {answer.get('message')}\n")
        return 1
    result = answer.get("result")
    text = result["text"] if isinstance(result, dict) and set(result) == {"text"} else json.dumps(result, indent=1)
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
    return 0


def tell_lease(arguments: list[str]) -> int:
    """A DHCP client tells something: write it down, and have the resident program follow it, without waiting for it."""
    from .network.lease import note_lease

    if note_lease(arguments, os.environ):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.settimeout(2)
            wire.connect(SOCKET)
            wire.sendall(b'{"verb": "lease"}\n')
            wire.recv(100)
    return 0


def _argument(word: str) -> tuple[str, Any]:
    name, equals, value = word.partition("=")
    if not equals:
        raise ValueError(f"{word!r} is not NAME=VALUE")
    if value.startswith("@"):
        return name, Path(value[1:]).read_text(encoding="utf-8")
    if name == "args":
        return name, value.split()
    if name in ("revert_in_s", "count"):
        return name, int(value)
    return name, value


def _exchange(request: dict[str, Any]) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.connect(SOCKET)
        wire.sendall(json.dumps(request).encode() + b"\n")
        with wire.makefile("rb") as lines:
            read = json.loads(lines.readline() or b'{"kind": "failed", "message": "the resident program ended"}')
            return read if isinstance(read, dict) else {}
