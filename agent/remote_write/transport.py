"""One request of remote write over HTTP: compressed, authenticated, and what its answer means."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import cramjam
import httpx

from agent.errors import AgentError

#: What the protocol asks for.
HEADERS: Mapping[str, str] = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
    "User-Agent": "spokesman",
}
#: Octets of an answer that are read, to be told.
ANSWER_OCTETS = 300
#: A receiver that asks for more patience than this gets no more, in seconds.
PATIENCE_S = 300.0


class Ended(Enum):
    """What a request led to."""

    TAKEN = "taken"
    REFUSED = "refused"
    #: To be sent again: nobody answered, 429, or 5xx.
    LATER = "later"


class Answered(NamedTuple):
    """What became of a request, why in words, and how long the receiver asks to be left alone, in seconds."""

    ended: Ended
    why: str = ""
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where samples go; ``authorization`` gives the header of that name at each request, empty: none.

    What it raises as AgentError is told, and tried again. ``timeout_s`` is for a request and its answer, all together.
    """

    url: str
    authorization: Callable[[], str]
    tls: ssl.SSLContext | bool = True
    timeout_s: float = 30.0


class Transport:
    """Sends requests to one place, on a connection that is kept; used by one thread at a time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        for name in ("httpx", "httpcore"):  # they would tell of each request, and of headers
            logging.getLogger(name).setLevel(logging.WARNING)
        self._runner = asyncio.Runner()  # a loop: only there a deadline holds for all of a request
        self._client = httpx.AsyncClient(verify=place.tls, timeout=place.timeout_s, trust_env=False)

    def __call__(self, message: bytes) -> Answered:
        """Send a WriteRequest; raises nothing of the network, and ends within the place's time."""
        body = bytes(cramjam.snappy.compress_raw(message))
        try:
            authorization = self._place.authorization()
            headers = {**HEADERS, "Authorization": authorization} if authorization else dict(HEADERS)
            return self._runner.run(self._within(body, headers))
        except AgentError as error:
            return Answered(Ended.LATER, str(error))
        except TimeoutError:
            return Answered(Ended.LATER, f"no answer within {self._place.timeout_s:g} s")
        except (httpx.NetworkError, httpx.TimeoutException) as error:
            return Answered(Ended.LATER, f"{type(error).__name__}: {error}")
        except httpx.HTTPError as error:  # its words may hold what was sent
            return Answered(Ended.LATER, type(error).__name__)

    async def _within(self, body: bytes, headers: Mapping[str, str]) -> Answered:
        """A read's own timeout would begin anew with each octet of a receiver that drips."""
        async with asyncio.timeout(self._place.timeout_s):
            async with self._client.stream("POST", self._place.url, content=body, headers=headers) as answer:
                text = await anext(answer.aiter_bytes(ANSWER_OCTETS), b"")
            return judged(answer.status_code, text, answer.headers.get("Retry-After", ""))


def judged(status: int, text: bytes, retry_after: str) -> Answered:
    """What an answer means; ``retry_after`` is the header of that name, of which seconds are understood."""
    if 200 <= status < 300:
        return Answered(Ended.TAKEN)
    why = f"HTTP {status}: {_plain(text)}"
    if status == 429 or status >= 500:
        asked = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
        return Answered(Ended.LATER, why, min(asked, PATIENCE_S))
    return Answered(Ended.REFUSED, why)


def _plain(text: bytes) -> str:
    line = text.decode("utf-8", "replace").strip().partition("\n")[0]
    return "".join(one if one.isprintable() else " " for one in line)
