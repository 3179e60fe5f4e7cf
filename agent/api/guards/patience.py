"""How many requests are worked on at a time, and for how long a client waits for one."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus

from agent.api.guards.asgi import Application, Message, Receive, Scope, Send, notes_of
from agent.api.problems import Refusal

log = logging.getLogger(__name__)

#: A request waits so long for its turn, in seconds.
TURN_WITHIN_S = 5.0
#: For each that is worked on, so many may wait for their turn.
WAITING = 8


class Patience:
    """Gives each request one of ``most`` places and ``within_s`` seconds.

    A thread cannot be stopped from outside: a request that takes longer is answered, but keeps its place until it has
    ended, so that slow ones never pile up.
    """

    def __init__(self, app: Application, most: int, within_s: float) -> None:
        self._app, self._within_s = app, within_s
        self._places = asyncio.Semaphore(most)
        self._most_waiting = most * WAITING
        self._waiting = 0
        self._at_work: set[asyncio.Future[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._turn()
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        work = asyncio.ensure_future(self._app(scope, receive, keep))
        self._at_work.add(work)
        work.add_done_callback(self._ended)
        try:
            async with asyncio.timeout(self._within_s):
                await asyncio.shield(work)
        except TimeoutError:
            if work.done():
                raise
            self._leave(work, notes_of(scope).id)
            raise Refusal(
                HTTPStatus.GATEWAY_TIMEOUT,
                f"not done within {self._within_s:g} s; what was begun goes on",
                "look at what became of it before you ask again; a request with the same idempotency key is done once",
            ) from None
        for message in messages:
            await send(message)

    async def _turn(self) -> None:
        if self._waiting >= self._most_waiting:
            raise _busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(TURN_WITHIN_S):
                await self._places.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1

    def _ended(self, work: asyncio.Future[None]) -> None:
        self._at_work.discard(work)
        self._places.release()

    def _leave(self, work: asyncio.Future[None], request_id: str) -> None:
        def ended(task: asyncio.Future[None]) -> None:
            error = None if task.cancelled() else task.exception()
            log.warning("request %s ended after its time: %s", request_id, error or "done")

        log.warning("request %s takes longer than %g s", request_id, self._within_s)
        work.add_done_callback(ended)


def _busy() -> Refusal:
    return Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the service is busy with other requests",
        "try again in a moment",
        headers={"Retry-After": "2"},
    )
