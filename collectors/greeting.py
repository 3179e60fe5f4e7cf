"""Whether an SSH service greets: how far a new connection gets, told apart by its first word. Nobody logs in."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum

#: Octets that are read of a greeting: RFC 4253, section 4.2, allows 255, and lines before it.
MOST_OCTETS = 1024


class Stage(StrEnum):
    """How far a connection got."""

    GREETED = "greeted"
    #: The address answers that nothing listens at the port.
    REFUSED = "refused"
    #: The connection opens, and no greeting comes.
    NO_BANNER = "no banner"
    #: What comes first is not SSH.
    NOT_SSH = "not SSH"
    #: Nothing answers the attempt to connect.
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Greeting:
    """How far the connection got and in how many milliseconds; ``detail`` is for people."""

    stage: Stage
    took_ms: float
    detail: str = ""


async def greeting(host: str, port: int, timeout_s: float) -> Greeting:
    """Connect, read the first line, close; never longer than ``timeout_s`` seconds, and nothing is raised."""
    began, stage, detail = time.monotonic(), Stage.UNREACHABLE, f"no connection within {timeout_s:g} s"
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port, limit=MOST_OCTETS)
            stage, detail = Stage.NO_BANNER, f"connected, and no greeting within {timeout_s:g} s"
            stage, detail = _judge(await _first_line(reader))
    except TimeoutError:
        pass
    except ConnectionRefusedError:
        stage, detail = Stage.REFUSED, "the connection was refused"
    except OSError as error:
        detail = f"the connection failed: {error.strerror or type(error).__name__}"
    finally:
        if writer is not None:
            writer.close()
    return Greeting(stage, (time.monotonic() - began) * 1000, detail)


async def _first_line(reader: asyncio.StreamReader) -> bytes:
    """The line that begins with SSH-, or all that came before the service closed or said too much."""
    heard = b""
    while len(heard) < MOST_OCTETS and (piece := await reader.read(MOST_OCTETS)):
        heard += piece
        lines = heard.split(b"\n")
        if any(line.startswith(b"SSH-") for line in lines[:-1]) or lines[-1].startswith(b"SSH-"):
            return b"SSH-"
    return heard


def _judge(line: bytes) -> tuple[Stage, str]:
    if line == b"SSH-":
        return Stage.GREETED, "greets"
    if not line:
        return Stage.NO_BANNER, "the connection was closed before a greeting"
    return Stage.NOT_SSH, "what answers is not SSH"
