"""A fleet whose polls are kept, on each of the databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.unit.monitoring.keeping.fleet import Fleet


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fleet]:
    """Its routers answered once."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
    else:
        server: Postgres = request.getfixturevalue("server")
        url = server.url()
    made = Fleet(url)
    yield made
    made.engine.dispose()
