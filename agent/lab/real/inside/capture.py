"""What is seen on the internet: every IPv4 packet that a box sends into it, counted by source, destination and kind."""

# pathlib and what it needs take a fifth of a second to import in a guest:
# ruff: noqa: PTH103, PTH108, PTH123
from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import traceback
from typing import Any

from agent.lab.real.inside import places
from agent.lab.real.inside.system import enter_network

_ALL = 0x0003
#: As much of each packet is looked at.
_HEADERS = 128
_IPV4 = 0x0800
_OUTGOING = 4
_FRAGMENT_OFFSET = 0x1FFF
#: IP protocols by number; what is not here is called by its number.
_PROTOCOLS = {1: "ICMP", 4: "IPIP", 6: "TCP", 17: "UDP", 47: "GRE", 50: "ESP", 51: "AH"}
_ESP_PORT = 4500
_IKE_PORTS = (500, _ESP_PORT)
#: Room for what arrives while a processor is busy elsewhere, in bytes.
_BUFFER = 32 * 1024 * 1024
_SO_RCVBUFFORCE = 33
_SOL_PACKET, _STATISTICS = 263, 6


def kind_of(packet: bytes) -> str:
    """The kind of an IPv4 packet: ESP, IKE, GRE, ICMP, or a protocol with its destination port ("TCP 179").

    ESP in UDP counts as ESP: on port 4500 only IKE begins with four zero bytes.
    """
    protocol = packet[9]
    start = (packet[0] & 0x0F) * 4
    name = _PROTOCOLS.get(protocol, f"protocol {protocol}")
    if name not in ("TCP", "UDP"):
        return name
    if struct.unpack_from("!H", packet, 6)[0] & _FRAGMENT_OFFSET or len(packet) < start + 8:
        return f"{name} fragment"
    source, destination = struct.unpack_from("!HH", packet, start)
    if name == "UDP" and _ESP_PORT in (source, destination) and packet[start + 8 : start + 12] != bytes(4):
        return "ESP"
    if name == "UDP" and (source in _IKE_PORTS or destination in _IKE_PORTS):
        return "IKE"
    return f"{name} {destination}"


def start(space: str, interfaces: list[str]) -> None:
    """Begin to count what ``space`` receives from ``interfaces``, in a process of its own."""
    os.makedirs(places.captured(""), exist_ok=True)
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            enter_network(places.space(space))
            sockets = [_listen(interface) for interface in interfaces]
            os.write(tell, b"+")
            _count(sockets)
        except BaseException:  # noqa: BLE001 - goes to the lab's log, whatever it is
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(tell)
    with os.fdopen(told, "rb") as said:
        if not said.read(1):
            raise RuntimeError(f"cannot capture on {', '.join(interfaces)}")
    with open(places.captured("pid"), "w") as file:
        file.write(str(pid))


def stop() -> dict[str, Any]:
    """End the capture: ``counts`` of [source, destination, kind, packets, bytes], and how many were ``lost``."""
    with open(places.captured("pid")) as file:
        pid = int(file.read())
    os.unlink(places.captured("pid"))
    pipe = places.captured("counts")
    os.mkfifo(pipe)
    try:
        os.kill(pid, signal.SIGTERM)
        with open(pipe) as file:
            result: dict[str, Any] = json.loads(file.read())
            return result
    finally:
        os.unlink(pipe)


def _listen(interface: str) -> socket.socket:
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    listener.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    listener.bind((interface, _ALL))
    listener.setblocking(False)
    return listener


def _count(sockets: list[socket.socket]) -> None:
    counts: dict[tuple[str, str, str], list[int]] = {}
    over, end = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(end, b"."))
    while True:
        ready = select.select([over, *(each.fileno() for each in sockets)], [], [])[0]
        for listener in sockets:
            _drain(listener, counts)
        if over in ready:
            break
    lost = sum(struct.unpack("II", each.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1] for each in sockets)
    lines = [[*key, *numbers] for key, numbers in sorted(counts.items())]
    with open(places.captured("counts"), "w") as file:
        file.write(json.dumps({"counts": lines, "lost": lost}))
    os._exit(0)


def _drain(listener: socket.socket, counts: dict[tuple[str, str, str], list[int]]) -> None:
    while True:
        try:
            packet, origin = listener.recvfrom(_HEADERS)
        except OSError:  # nothing more for now, or the link has gone down, which it says once
            return
        if origin[1] != _IPV4 or origin[2] == _OUTGOING:
            continue
        key = (socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20]), kind_of(packet))
        numbers = counts.setdefault(key, [0, 0])
        numbers[0] += 1
        numbers[1] += struct.unpack_from("!H", packet, 2)[0]
