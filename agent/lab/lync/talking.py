"""What a virtual server says in SIP, HTTP and SNTP: strict answers to well-formed questions, nothing to others."""

from __future__ import annotations

import asyncio
import struct
from datetime import UTC, datetime
from email.utils import format_datetime

_NEEDED = ("via", "from", "to", "call-id", "cseq", "max-forwards")
_NTP = struct.Struct(">BBbb3I4Q")
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)


async def sip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer requests until the client leaves."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8")
        answer = sip_answer(head)
        if answer is None:
            return
        writer.write(answer.encode())
        await writer.drain()


def sip_answer(head: str) -> str | None:
    """The answer to one request; None for what is no SIP request."""
    first, *lines = head.rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[2] != "SIP/2.0":
        return None
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if any(name not in headers for name in _NEEDED):
        return "SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    status = "200 OK" if words[0] == "OPTIONS" else "405 Method Not Allowed"
    kept = [f"{name.title()}: {headers[name]}" for name in ("via", "from")]
    kept += [f"To: {headers['to']};tag=lab", f"Call-ID: {headers['call-id']}", f"CSeq: {headers['cseq']}"]
    return "\r\n".join((f"SIP/2.0 {status}", *kept, "Server: RTC/5.0", "Content-Length: 0", "", ""))


async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, now: datetime) -> None:
    """Answer one request, as Lync's web site does at its root: it shows nothing there."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    method, _, rest = head.partition(" ")
    fine = method in ("GET", "HEAD") and " HTTP/1.1\r\n" in rest and "\r\nhost:" in head.lower()
    status = "403 Forbidden" if fine else "400 Bad Request"
    lines = (
        f"HTTP/1.1 {status}", "Content-Type: text/html", "Server: Microsoft-IIS/8.5",
        f"Date: {format_datetime(now.astimezone(UTC), usegmt=True)}", "Connection: close", "Content-Length: 0", "", "",
    )  # fmt: skip
    writer.write("\r\n".join(lines).encode())


def sntp(question: bytes, now: datetime) -> bytes | None:
    """The answer of a server that is synchronised at stratum 3; None for what is no question."""
    if len(question) < _NTP.size or question[0] & 7 != 3:
        return None
    nonce = _NTP.unpack(question[: _NTP.size])[-1]
    since = now - _NTP_EPOCH
    stamp = (since.days * 86_400 + since.seconds) % 2**32 << 32 | since.microseconds * 2**32 // 1_000_000
    return _NTP.pack(0x24, 3, 6, -20, 0, 0, 0x0A0A0105, stamp, nonce, stamp, stamp)
