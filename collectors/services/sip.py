"""SIP OPTIONS over TLS (RFC 3261, section 11): any well-formed answer means that the server is alive."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from collectors.errors import MalformedMessage
from collectors.tls.certificate import plain
from collectors.tls.heads import read_head
from collectors.tls.probing import Line, Place, Said, Trust, probe
from collectors.tls.stages import PortProbe

PORT = 5061
TIMEOUT_S = 8.0
_STATUS = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: ([^\r\n]*))?")
_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "l": "content-length"}
_NEEDED = ("via", "from", "to", "call-id", "cseq")


@dataclass(frozen=True, slots=True)
class Question:
    """One OPTIONS request; the identifiers are unpredictable."""

    target: str
    local: str
    call: str
    branch: str

    def octets(self) -> bytes:
        """The message. It goes no further than the server that is asked (Max-Forwards 0)."""
        lines = (
            f"OPTIONS sip:{self.target} SIP/2.0",
            f"Via: SIP/2.0/TLS {self.local};branch=z9hG4bK{self.branch};rport",
            f"From: <sip:probe@monitoring.invalid>;tag={self.branch[:10]}",
            f"To: <sip:{self.target}>",
            f"Call-ID: {self.call}@monitoring.invalid",
            "CSeq: 1 OPTIONS",
            f"Contact: <sip:probe@{self.local};transport=tls>",
            "Max-Forwards: 0",
            "Accept: application/sdp",
            "Content-Length: 0",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def read_answer(head: str, call: str) -> Said:
    """The answer in the head of a message; raises MalformedMessage for anything but a well-formed one to ``call``."""
    start, headers = read_headers(head)
    match = _STATUS.fullmatch(start)
    if match is None:
        raise MalformedMessage("what came is no SIP answer")
    missing = [name for name in _NEEDED if name not in headers]
    if missing:
        raise MalformedMessage(f"the SIP answer has no {', '.join(missing)}")
    if not headers["call-id"].startswith(call) or headers["cseq"].split() != ["1", "OPTIONS"]:
        raise MalformedMessage("the SIP answer is to another request")
    return Said(int(match[1]), plain(match[2] or ""))


def read_headers(head: str) -> tuple[str, dict[str, str]]:
    """The start line, and the first of each header in lower case; folded lines belong to the one before."""
    lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        key = name.strip().lower()
        if not colon or not key:
            raise MalformedMessage("a header of the answer cannot be read")
        headers.setdefault(_COMPACT.get(key, key), value.strip())
    return lines[0], headers


async def options(place: Place, checks: Trust, timeout_s: float = TIMEOUT_S) -> PortProbe:
    """Ask a server on its TLS port."""

    async def talk(line: Line) -> Said:
        host, port = line.local
        asked = Question(place.name or place.host, f"{host}:{port}", secrets.token_hex(12), secrets.token_hex(12))
        await line.send(asked.octets())
        return read_answer(await read_head(line), asked.call)

    return await probe(place, checks, talk, timeout_s)
