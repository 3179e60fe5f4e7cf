"""An outbox in a database of its own, and events for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent.requests.webhooks.event import RequestEvent
from agent.store.base import open_store, write
from agent.store.deliveries import Deliveries
from agent.store.outbox import enqueue
from tests.tables import create_all

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

_numbers = count(1)


def request_event(request: str = "SSR-000001", state: str = "planned", customer: str = "acme") -> RequestEvent:
    return RequestEvent(
        id=f"evt_{next(_numbers)}",
        kind=f"request.{state}",
        request=request,
        customer=customer,
        site="london",
        occurred_at=NOW,
        data={"reason": "why"},
    )


def put(engine: Engine, *events: RequestEvent) -> None:
    """Enqueue in a transaction of its own, as a request's change of state does."""
    with write(engine) as connection:
        for event in events:
            enqueue(connection, event)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(f"sqlite:///{tmp_path / 'history.db'}")
    create_all(engine)
    return engine


@pytest.fixture
def outbox(engine: Engine) -> Deliveries:
    return Deliveries(engine, lambda _owner: True)


@pytest.fixture
def clock() -> Callable[..., datetime]:
    """The present moment; with seconds, after they have passed."""
    moment = [NOW]

    def now(seconds: float = 0) -> datetime:
        moment[0] += timedelta(seconds=seconds)
        return moment[0]

    return now
