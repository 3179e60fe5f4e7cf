"""Every write and every refused write of a token is in the audit before it is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import anyio
import anyio.to_thread

from agent.api.guards.asgi import SAFE, Application, Message, Notes, Receive, Scope, Send, notes_of
from agent.api.guards.entry import THREADS, printable
from agent.api.guards.envelope import answer_to
from agent.events import Clock, Event, EventSink, Result


@dataclass
class Ledger:
    """Holds an answer back until the audit has it; who, what, on what, how it ended."""

    app: Application
    audit: EventSink
    clock: Clock
    _threads: Any = field(default_factory=lambda: anyio.CapacityLimiter(THREADS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in SAFE or notes_of(scope).token is None:
            await self.app(scope, receive, send)
            return
        notes = notes_of(scope)
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        try:
            await self.app(scope, receive, keep)
        except Exception as error:
            refusal = answer_to(error, notes)
            await self._note(scope, notes, refusal.status)
            raise refusal from error
        await self._note(scope, notes, HTTPStatus(messages[0]["status"]))
        for message in messages:
            await send(message)

    async def _note(self, scope: Scope, notes: Notes, status: HTTPStatus) -> None:
        event = Event(
            at=self.clock(),
            who=notes.token.who if notes.token else "",
            action=f"api.{operation_of(scope, status)}",
            subject=printable(scope["path"]),
            why=f"request {notes.id}",
            result=result_of(status),
            detail=f"{status.value} {notes.told}".strip(),
        )
        await anyio.to_thread.run_sync(self.audit.record, event, limiter=self._threads)


def operation_of(scope: Scope, status: HTTPStatus) -> str:
    """The operation as OpenAPI names it; the method where there is no such operation, or it was not got to."""
    found = None if status is HTTPStatus.METHOD_NOT_ALLOWED else getattr(scope.get("route"), "operation_id", None)
    return found or str(scope["method"])[:10]


def result_of(status: HTTPStatus) -> Result:
    """How an operation ended, by its answer; one that was not done in time may still be going on."""
    if status < HTTPStatus.BAD_REQUEST:
        return Result.DONE
    if status is HTTPStatus.GATEWAY_TIMEOUT:
        return Result.UNCERTAIN
    return Result.REFUSED if status < HTTPStatus.INTERNAL_SERVER_ERROR else Result.FAILED
