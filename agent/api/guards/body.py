"""The body of a request: read whole before anything is made of it, within size and time, and only if it is JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from agent.api.guards.asgi import Application, Message, Receive, Scope, Send, header
from agent.api.guards.strict_json import NotStrict, read
from agent.api.problems import Refusal

#: What is too large is read on and thrown away up to this many bytes, so that the client gets to see the answer.
DRAINED = 1_048_576
CLOSE = {"Connection": "close"}


class Gone(Exception):
    """The client left before its request was complete."""


@dataclass(frozen=True)
class Body:
    """Refuses what is too large (with a length or in chunks), too slow, not JSON, or JSON that means two things."""

    app: Application
    max_bytes: int
    max_depth: int
    timeout_s: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self.timeout_s):
                body = await self._whole(scope, receive)
        except TimeoutError:
            raise Refusal(
                HTTPStatus.REQUEST_TIMEOUT, f"the body did not arrive within {self.timeout_s:g} s", headers=CLOSE
            ) from None
        except Gone:
            return
        if body:
            self._judge(scope, body)
        await self.app(scope, _again(body, receive), send)

    async def _whole(self, scope: Scope, receive: Receive) -> bytes:
        """The body; one that is too large is read on, so far as that is sensible, before it is refused."""
        length = next(iter(header(scope, b"content-length")), "0")
        too_large = len(length) > 18 or int(length) > self.max_bytes
        if too_large and header(scope, b"expect"):
            raise self._refusal(CLOSE)
        parts, size = [], 0
        async for part in _parts(receive):
            size += len(part)
            too_large = too_large or size > self.max_bytes
            if size > self.max_bytes + DRAINED:
                raise self._refusal(CLOSE)
            if not too_large:
                parts.append(part)
        if too_large:
            raise self._refusal({})
        return b"".join(parts)

    def _refusal(self, headers: Mapping[str, str]) -> Refusal:
        text = f"the body is larger than {self.max_bytes} bytes"
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text, "send less at a time", headers=headers)

    def _judge(self, scope: Scope, body: bytes) -> None:
        kinds = header(scope, b"content-type")
        kind = kinds[0].partition(";")[0].strip().lower() if len(kinds) == 1 else ""
        if kind != "application/json" or header(scope, b"content-encoding"):
            raise Refusal(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body is {kind[:60] or 'of no stated type'}, or encoded",
                "send Content-Type: application/json, and no Content-Encoding",
            )  # fmt: skip
        try:
            read(body, self.max_depth)
        except NotStrict as fault:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"the body is not usable JSON: {fault}", "correct it") from None


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, then whatever the client does next."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
