"""Who asks: the bearer token of a request, looked up anew for each, so that a revoked one is refused at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import anyio
import anyio.to_thread

from agent.api.guards.asgi import SAFE, Application, Receive, Scope, Send, header, notes_of
from agent.api.guards.rates import Buckets, address_of, refused
from agent.api.problems import Refusal
from agent.app.tokens import Tokens
from agent.errors import AgentError
from agent.events import Clock, Event, EventSink, Result
from agent.tokens import Token

log = logging.getLogger(__name__)

#: Needs no token: it tells only that the service answers.
PUBLIC = frozenset({"/v1/health"})
#: Threads that look tokens up, and as many that write the audit. With the requests at work, ten at most, they stay
#: below the fifteen connections that SQLAlchemy opens to a database.
THREADS = 2


@dataclass(frozen=True)
class Doorkeeper:
    """What the entry needs: the tokens, the audit, and the buckets of tokens and of addresses that fail."""

    tokens: Tokens
    audit: EventSink
    clock: Clock
    monotonic: Callable[[], float]
    token_rate: Buckets
    failure_rate: Buckets


class Entry:
    """Lets in who has a valid token; the others are told why not, and slowed down."""

    def __init__(self, app: Application, keeper: Doorkeeper) -> None:
        self._app, self._keeper = app, keeper
        self._threads = anyio.CapacityLimiter(THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] not in PUBLIC:
            token = await self._recognised(scope)
            notes_of(scope).token = token
            await anyio.to_thread.run_sync(self._note_use, token, limiter=self._threads)
            wait_s = self._keeper.token_rate.take(token.name, self._keeper.monotonic())
            if wait_s:
                log.warning("the token %s sends too many requests", token.name)
                raise refused(wait_s, "this token")
        await self._app(scope, receive, send)

    async def _recognised(self, scope: Scope) -> Token:
        """The valid token of a request; a client that only fails is limited, one that has a valid token never is."""
        secret, fault = bearer(header(scope, b"authorization"))
        token = None
        if not fault:
            token = await anyio.to_thread.run_sync(self._keeper.tokens.recognise, secret, limiter=self._threads)
            fault = "the token is not known" if token is None else token.refusal(self._keeper.clock())
        if token is not None and not fault:
            return token
        address = address_of(scope)
        wait_s = self._keeper.failure_rate.take(address, self._keeper.monotonic())
        if wait_s:
            raise refused(wait_s, "this address")
        log.warning("no entry for %s: %s", address, f"{token.name}: {fault}" if token else fault)
        if token is not None and scope["method"] not in SAFE:
            await anyio.to_thread.run_sync(self._audit, token, scope, fault, limiter=self._threads)
        challenge = 'Bearer realm="spokesman"' + (', error="invalid_token"' if secret else "")
        raise Refusal(
            HTTPStatus.UNAUTHORIZED,
            fault,
            "send Authorization: Bearer TOKEN with a token that `spokesman token add` made",
            headers={"WWW-Authenticate": challenge},
        )

    def _note_use(self, token: Token) -> None:
        try:
            self._keeper.tokens.used(token)
        except AgentError as error:  # a database that is busy or full must not stop reads
            log.warning("the use of a token was not noted: %s", error)

    def _audit(self, token: Token, scope: Scope, fault: str) -> None:
        subject = printable(scope["path"])
        now = self._keeper.clock()
        self._keeper.audit.record(Event(now, token.who, f"api.{scope['method']}", subject, "", Result.REFUSED, fault))


def bearer(values: tuple[str, ...]) -> tuple[str, str]:
    """The token of an Authorization header, or what is wrong with it."""
    if not values:
        return "", "the request has no Authorization header"
    scheme, _, secret = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not secret.strip():
        return "", "the Authorization header is not one bearer token"
    return secret.strip(), ""


def printable(text: str) -> str:
    """A path as the log and the audit may show it."""
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text[:200])
