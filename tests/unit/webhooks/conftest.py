"""An outbox in a database of its own, and events for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.app.app import App
from agent.requests.webhooks.event import RequestEvent
from agent.requests.webhooks.schedule import Schedule
from agent.scaffold import create
from agent.store.base import open_store, write
from agent.store.deliveries import Deliveries
from agent.store.outbox import enqueue
from tests.tables import create_all
from tests.unit.webhooks.liar import NETWORK

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
QUICK = Schedule(first=timedelta(milliseconds=20), factor=1, longest=timedelta(milliseconds=20))
#: Writes the receivers of a workspace: name=(url, secret, further keys).
Settings = Callable[..., App]

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


def until(true: Callable[[], object], step: Callable[[], object] = lambda: None, within_s: float = 60) -> None:
    """Wait for something, doing ``step`` again and again."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        step()
        time.sleep(0.02)


@pytest.fixture
def app(tmp_path: Path) -> App:
    create(tmp_path / "workspace", "virtual")
    return App(tmp_path / "workspace", "ann")


@pytest.fixture
def configured(app: App) -> Settings:
    """The workspace with these receivers: name=(url, secret, further keys)."""
    plain = (app.root / "spokesman.toml").read_text()

    def configure(**receivers: tuple[str, str, Mapping[str, Any]]) -> App:
        text = plain
        for name, (url, secret, more) in receivers.items():
            for word, value in (("", secret), ("-old", more.get("old", ""))):
                if value:
                    path = app.root / "secrets" / f"hook-{name}{word}"
                    path.parent.mkdir(exist_ok=True)
                    path.touch(mode=0o600)
                    path.write_text(value)
            text += f'\n[webhooks.{name}]\nurl = "{url}"\nsecret = "file:secrets/hook-{name}"\n'
            if "old" in more:
                text += f'previous_secret = "file:secrets/hook-{name}-old"\n'
            text += "".join(f"{key} = {value}\n" for key, value in more.items() if key != "old")
        (app.root / "spokesman.toml").write_text(text)
        return app

    return configure


@pytest.fixture
def localhost_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own address under the name that the certificate is for."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: real(NETWORK if "desk" in str(host) else host, *rest, **more)
    )
