"""Reads the head of an answer, as SIP and HTTP have it: lines until an empty one, of bounded size."""

from __future__ import annotations

from typing import Protocol

from collectors.errors import MalformedMessage

#: Octets of a head at most; Lync's are below 4 kB.
MAX_HEAD = 32 * 1024


class Source(Protocol):
    """Something that gives octets as they come."""

    async def receive(self) -> bytes:
        """What comes next; empty at the end."""


async def read_head(source: Source) -> str:
    """Everything before the first empty line.

    Raises:
        EOFError: the other end closed before it said anything.
        MalformedMessage: it closed in the middle, or the head is no text or too long.
    """
    octets = b""
    while True:
        head, end, _ = octets.lstrip(b"\r\n").partition(b"\r\n\r\n")
        if end:
            break
        if len(octets) > MAX_HEAD:
            raise MalformedMessage(f"the answer's head is longer than {MAX_HEAD} octets")
        piece = await source.receive()
        if not piece:
            if octets:
                raise MalformedMessage("the answer ends in the middle")
            raise EOFError
        octets += piece
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedMessage("the answer's head is no text") from error
