"""Fixtures for the collectors' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.collectors.snmpd import Snmpd, free_port


@pytest.fixture
def new_snmpd(tmp_path: Path) -> Iterator[Callable[..., Snmpd]]:
    """Starts agents of the test's own, with further lines of configuration; stops them."""
    started: list[Snmpd] = []

    def start(more: str = "") -> Snmpd:
        home = tmp_path / f"agent{len(started)}"
        home.mkdir()
        agent = Snmpd(home, free_port(), more=more)
        started.append(agent)
        agent.start()
        return agent

    yield start
    for agent in started:
        agent.stop()


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    """One agent for all tests that leave it as it is."""
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"), free_port())
    agent.start()
    yield agent
    agent.stop()
