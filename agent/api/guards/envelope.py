"""The outermost guard: names each request, adds the headers that all answers have, and lets no fault show itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import MutableHeaders

from agent.api.guards.asgi import NOTES, Application, Message, Notes, Receive, Scope, Send
from agent.api.problems import Refusal, refusal_of

log = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: Two years, as browsers' lists ask for.
STRICT_TRANSPORT = "max-age=63072000"

FAULT = "something went wrong that nobody foresaw; nothing is said of it here, the service's log has it"


class Envelope:
    """Answers every request, whatever happens inside."""

    def __init__(self, app: Application, new_id: Callable[[], str], max_head_bytes: int) -> None:
        self._app, self._new_id, self._max_head_bytes = app, new_id, max_head_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # websockets are closed by the server itself: it has no library for them
            return
        notes = Notes(self._new_id())
        scope.setdefault("state", {})[NOTES] = notes
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(message, scope)
            await send(message)

        try:
            self._refuse_large_head(scope)
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last line of defence: whatever it is, the client gets a problem
            refusal = answer_to(error, notes)
            if not started:
                await refusal.response(notes.id)(scope, receive, send_with_headers)

    def _refuse_large_head(self, scope: Scope) -> None:
        """The server itself only looks at a head that comes in parts: one that comes at once is measured here."""
        size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
        size += sum(len(name) + len(value) for name, value in scope["headers"])
        if size > self._max_head_bytes:
            raise Refusal(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"path and headers are larger than {self._max_head_bytes} bytes",
                "send fewer or shorter headers",
            )


def answer_to(error: Exception, notes: Notes) -> Refusal:
    """The answer to any error; what is a fault of the service is in the log under the request's name."""
    refusal = refusal_of(error, trusted=notes.trusted)
    if refusal is None:
        log.error("request %s: a fault of its own: %s", notes.id, type(error).__name__, exc_info=error)
        refusal = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, FAULT, "tell the operator the instance")
    elif refusal is not error and refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request %s: %d: %s", notes.id, refusal.status, error)
    notes.told = refusal.detail
    return refusal


def _add_headers(message: Message, scope: Scope) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers[name] = value
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = STRICT_TRANSPORT
