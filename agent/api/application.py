"""Puts the API together: the operations, how their errors are answered, and the guards around them."""

from __future__ import annotations

import secrets as randomness
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from agent.api import document
from agent.api.guards.asgi import Application
from agent.api.guards.body import Body
from agent.api.guards.entry import Doorkeeper, Entry
from agent.api.guards.envelope import Envelope
from agent.api.guards.ledger import Ledger
from agent.api.guards.patience import Patience
from agent.api.guards.rates import AddressRate, Buckets
from agent.api.problems import Reason, Refusal
from agent.api.routes import archive, incidents, inventory, plans, requests, service, watch
from agent.app.app import utc_now
from agent.app.serving import Serving
from agent.app.tokens import Tokens
from agent.events import Clock
from agent.store.audit import AuditStore

ROUTERS = (
    inventory.router,
    plans.router,
    archive.router,
    watch.router,
    incidents.router,
    requests.router,
    service.router,
)


def new_request_id() -> str:
    """A request's name in its answer, the audit and the log."""
    return randomness.token_hex(8)


@dataclass(frozen=True)
class World:
    """What the API takes from outside of itself; tests give their own."""

    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic
    new_id: Callable[[], str] = new_request_id


def _operations() -> FastAPI:
    """The operations, without anything to serve; FastAPI's own pages are off: they load scripts from elsewhere."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    top = APIRouter(prefix="/v1")
    for router in ROUTERS:
        top.include_router(router)
    app.include_router(top)
    return app


@cache
def described() -> dict[str, Any]:
    """The OpenAPI document; the same for every workspace, and not to be changed."""
    return document.describe(_operations())


def operations_app(serving: Serving) -> FastAPI:
    """The operations of a workspace without the guards.

    What goes wrong inside is raised, and answered by the guards: one place, one form.
    """
    app = _operations()
    vars(app)["openapi"] = described
    app.state.serving = serving
    app.state.parameters = document.parameters(described())
    app.state.methods = document.methods(described())
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _no_such_operation)
    return app


def guarded(serving: Serving, world: World | None = None) -> Application:
    """The whole API as an ASGI application: the operations inside, the guards around them."""
    world = world or World()
    limits, audit = serving.settings.api, AuditStore(serving.engine)
    app: Application = operations_app(serving)
    app = Patience(app, limits.concurrency, limits.request_timeout_s)
    app = Body(app, limits.max_body_bytes, limits.max_json_depth, limits.receive_timeout_s)
    app = Ledger(app, audit, world.clock)
    keeper = Doorkeeper(
        tokens=Tokens(serving.engine, world.clock),
        audit=audit,
        clock=world.clock,
        monotonic=world.monotonic,
        token_rate=Buckets(limits.token_rate),
        failure_rate=Buckets(limits.failure_rate),
    )
    app = Entry(app, keeper)
    app = AddressRate(app, Buckets(limits.address_rate), world.monotonic)
    return Envelope(app, world.new_id, limits.max_header_bytes)


async def _not_valid(_request: Request, error: Exception) -> Response:
    """What does not fit the description; the refused values are not repeated."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    reasons = tuple(
        Reason(where=".".join(str(part) for part in one["loc"])[:120], message=str(one["msg"])[:300],
               remedy=str(one.get("ctx", {}).get("remedy", ""))[:300])
        for one in faults[:50]
    )  # fmt: skip
    text = "1 value is not valid" if len(reasons) == 1 else f"{len(reasons)} values are not valid"
    raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, text, "correct what the reasons name", reasons=reasons)


async def _no_such_operation(request: Request, error: Exception) -> Response:
    """A path that leads nowhere, or a method that it does not have."""
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        path = request.scope["path"]
        allowed = sorted({one for form, methods in request.app.state.methods if form.match(path) for one in methods})
        raise Refusal(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "this path has no such method",
            f"it has: {', '.join(allowed)}",
            headers={"Allow": ", ".join(allowed)},
        )
    if status == HTTPStatus.BAD_REQUEST:
        raise Refusal(HTTPStatus.BAD_REQUEST, "the body cannot be read", "send one JSON document in UTF-8")
    raise Refusal(HTTPStatus.NOT_FOUND, "there is nothing at this path", "see /v1/openapi.json")
