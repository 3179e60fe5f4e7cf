"""charon's own control socket: as little of vici as reading needs, because starting swanctl takes long here."""

from __future__ import annotations

import socket
import struct
from typing import Any

PATH = "/run/charon.vici"
_REQUEST, _RESPONSE, _UNKNOWN, _REGISTER, _CONFIRM, _EVENT = 0, 1, 2, 3, 5, 7
_START, _END, _VALUE, _LIST, _ITEM, _LIST_END = range(1, 7)
_LARGEST = 1 << 20


def list_sas() -> list[dict[str, Any]] | None:
    """The IKE SAs with their children, each with its connection's ``name``; None where charon does not answer."""
    return _ask("list-sas", "list-sa")


def counters() -> dict[str, str]:
    """charon's counters of IKE messages over all connections; empty where it keeps none."""
    answers = _ask("get-counters", "")
    found = answers[0].get("counters", {}) if answers else {}
    return found.get("", {}) if isinstance(found, dict) else {}


def _ask(command: str, event: str) -> list[dict[str, Any]] | None:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.settimeout(5)
            wire.connect(PATH)
            return _exchange(wire, command, event)
    except (OSError, ValueError, struct.error, IndexError):
        return None


def _exchange(wire: socket.socket, command: str, event: str) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    if event:
        _send(wire, _REGISTER, event)
        if _receive(wire)[0] != _CONFIRM:
            return heard
    _send(wire, _REQUEST, command)
    while True:
        kind, payload = _receive(wire)
        if kind == _EVENT:
            message = _read(payload[1 + payload[0] :])
            heard += [{"name": name, **sa} for name, sa in message.items() if isinstance(sa, dict)]
        elif kind == _RESPONSE:
            return heard if event else [_read(payload)]
        elif kind == _UNKNOWN:
            return heard


def _send(wire: socket.socket, kind: int, name: str) -> None:
    packet = bytes((kind, len(name))) + name.encode()
    wire.sendall(struct.pack("!I", len(packet)) + packet)


def _receive(wire: socket.socket) -> tuple[int, bytes]:
    (size,) = struct.unpack("!I", _exactly(wire, 4))
    if not 0 < size <= _LARGEST:
        raise ValueError("not vici")
    packet = _exactly(wire, size)
    return packet[0], packet[1:]


def _exactly(wire: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = wire.recv(size - len(data))
        if not more:
            raise ValueError("charon closed the connection")
        data += more
    return data


def _read(data: bytes) -> dict[str, Any]:
    """One message: sections within sections, values and lists, all of them text."""
    top: dict[str, Any] = {}
    stack = [top]
    items: list[str] = []
    at = 0
    while at < len(data):
        kind = data[at]
        at += 1
        if kind == _END:
            stack.pop()
            continue
        if kind == _LIST_END:
            continue
        if kind == _ITEM:
            value, at = _value(data, at)
            items.append(value)
            continue
        name = data[at + 1 : at + 1 + data[at]].decode(errors="replace")
        at += 1 + data[at]
        if kind == _START:
            section: dict[str, Any] = {}
            stack[-1][name] = section
            stack.append(section)
        elif kind == _VALUE:
            stack[-1][name], at = _value(data, at)
        elif kind == _LIST:
            items = []
            stack[-1][name] = items
        else:
            raise ValueError("not vici")
    return top


def _value(data: bytes, at: int) -> tuple[str, int]:
    (size,) = struct.unpack_from("!H", data, at)
    raw = data[at + 2 : at + 2 + size]
    return raw.decode(errors="replace"), at + 2 + size
