"""Asks a web server for its root over TLS: any well-formed answer means that it is alive, and tells its time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from collectors.clocks.reading import Asked, from_http
from collectors.errors import MalformedMessage
from collectors.services.sip import read_headers
from collectors.tls.certificate import plain
from collectors.tls.heads import read_head
from collectors.tls.probing import Line, Place, Said, Trust, probe
from collectors.tls.stages import PortProbe

PORT = 443
TIMEOUT_S = 8.0
_STATUS = re.compile(r"HTTP/1\.[01] ([1-5]\d\d)(?: ([^\r\n]*))?")


def request(host: str) -> bytes:
    """The request; it asks for nothing that needs a login."""
    lines = (
        "GET / HTTP/1.1",
        f"Host: {host}",
        "User-Agent: spokesman-monitoring",
        "Accept: */*",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def read_answer(head: str, asked: Asked) -> Said:
    """The answer in the head of a message; raises MalformedMessage for anything else."""
    start, headers = read_headers(head)
    match = _STATUS.fullmatch(start)
    if match is None:
        raise MalformedMessage("what came is no HTTP answer")
    date = headers.get("date")
    return Said(int(match[1]), plain(match[2] or ""), from_http(date, asked) if date else None)


async def get(place: Place, checks: Trust, clock: Callable[[], datetime], timeout_s: float = TIMEOUT_S) -> PortProbe:
    """Ask a server; ``clock`` is this machine's, aware."""

    async def talk(line: Line) -> Said:
        sent = clock()
        await line.send(request(place.name or place.host))
        head = await read_head(line)
        return read_answer(head, Asked(sent, clock()))

    return await probe(place, checks, talk, timeout_s)
