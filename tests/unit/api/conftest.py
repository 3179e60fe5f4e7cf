"""Workspaces with something of everything, and clients of their API without a network between."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.api.application import World, guarded
from agent.api.guards.asgi import Application
from agent.app.serving import Serving
from agent.tokens import Role
from tests.unit.api.filled import Filled, filled


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A workspace for tests that leave it as it is, or add to it only."""
    return filled(tmp_path_factory.mktemp("api") / "workspace")


@pytest.fixture
def workspace(tmp_path: Path) -> Filled:
    """A workspace of the test's own."""
    return filled(tmp_path / "workspace")


class Client:
    """Asks an ASGI application as httpx would over a network, one request after another."""

    def __init__(self, app: Application, token: str = "") -> None:
        self.app, self.token = app, token
        self._runner = asyncio.Runner()

    def request(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Send one request."""
        return self._runner.run(self.ask(method, path, **rest))

    def get(self, path: str, **rest: Any) -> httpx.Response:
        """Read."""
        return self.request("GET", path, **rest)

    def post(self, path: str, **rest: Any) -> httpx.Response:
        """Write."""
        return self.request("POST", path, **rest)

    async def ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Send one request among others."""
        transport = httpx.ASGITransport(self.app, client=("127.106.0.9", 5))
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= rest.pop("headers", {})
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.request(method, path, headers=headers, **rest)


def client_of(workspace: Filled, token: str = "", world: World | None = None, **settings: Any) -> Client:
    """A client of the whole API; ``settings`` replace those of [api]."""
    serving = Serving(workspace.root)
    if settings:
        api = serving.settings.api.model_copy(update=settings)
        serving.settings = serving.settings.model_copy(update={"api": api})
    return Client(guarded(serving, world), token)


@pytest.fixture(scope="module")
def nobody(shared: Filled) -> Client:
    """The shared workspace for somebody without a token."""
    return client_of(shared)


@pytest.fixture(scope="module")
def engineer(shared: Filled) -> Client:
    """The shared workspace in the eyes of an engineer."""
    return client_of(shared, shared.token(Role.ENGINEER))
