"""Traps and the daemon: whose are believed, how often they start a poll, what is shown of them."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.daemon.ports import Place
from agent.daemon.traps import TrapWatch
from agent.errors import ConfigurationProblem
from agent.monitoring.sample import Answer, Sample
from collectors.snmp import Community
from inventory import Secret
from tests.unit.daemon.conftest import make_inventory
from tests.unit.daemon.test_daemon import fetch
from tests.unit.traps.test_judge import v1_trap, v2c_trap

SENDERS = {"127.0.0.1": ("acme-r2", Community(Secret("a-community")))}
LINK_DOWN, AUTHENTICATION_FAILURE = 2, 4


@pytest.fixture
def trapped(world: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The world with a daemon that receives traps, polls every 4 minutes, and spaces what traps start by a second."""
    monkeypatch.setattr("agent.daemon.traps.APART_S", 1.0)
    world.inventory = make_inventory(3, period_s=240)
    make = world.daemon

    def daemon() -> Any:
        made = make()
        made._place = replace(made._place, traps=("127.0.0.1", 0))
        made._jobs = replace(made._jobs, senders=lambda _inventory: SENDERS)
        return made

    world.daemon = daemon
    return world


def send(daemon: Any, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as router:
        for datagram in datagrams:
            router.sendto(datagram, ("127.0.0.1", daemon.traps_port))


def polls(world: Any) -> list[float]:
    """When the router that sends was polled; its regular turn is 20 seconds after the start."""
    return [moment for moment, name in world.polls if name == "acme-r2"]


def counts(daemon: Any) -> dict[str, int]:
    return dict(daemon._traps.counts)


def test_a_trap_starts_a_poll_of_its_router_and_a_storm_few(trapped: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await wait(lambda: daemon.traps_port and daemon._admitted is not None)
        send(daemon, *[v1_trap(LINK_DOWN)] * 10)
        await wait(lambda: counts(daemon)["linkDown"] == 10)
        await wait(lambda: len(polls(trapped)) >= 2, 10)
        first, second = polls(trapped)
        assert 0.9 <= second - first <= 5

    trapped.play(story)
    assert len(polls(trapped)) == 2
    assert trapped.stores.incidents.incidents(closed=True) == ()


def test_what_is_not_believed_or_not_urgent_starts_nothing_and_is_counted(trapped: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await wait(lambda: daemon.traps_port and daemon._admitted is not None)
        send(daemon, b"noise", v2c_trap((1, 3, 6, 1, 6, 3, 1, 1, 5, 3), b"public"), v1_trap(AUTHENTICATION_FAILURE))
        await wait(lambda: sum(counts(daemon).values()) == 3)
        shown = fetch(daemon, "/metrics")[1]
        assert 'spokesman_traps_total{result="malformed"} 1.0' in shown
        assert 'spokesman_traps_total{result="not_authentic"} 1.0' in shown
        assert 'spokesman_traps_total{result="other"} 1.0' in shown
        assert 'spokesman_traps_total{result="linkDown"} 0.0' in shown

    trapped.play(story)
    assert polls(trapped) == []


def test_without_the_setting_nothing_listens(world: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await wait(lambda: world.polls)
        assert daemon.traps_port is None
        assert "spokesman_traps" not in fetch(daemon, "/metrics")[1]

    world.play(story)


def test_a_port_that_is_taken_is_told_with_its_setting(world: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        daemon = world.daemon()
        daemon._place = replace(daemon._place, traps=taken.getsockname())
        with pytest.raises(ConfigurationProblem, match="cannot receive traps on"):
            daemon.run()


def test_a_sample_without_an_engine_teaches_nothing() -> None:
    watch = TrapWatch(Place(Path("/nowhere")), lambda _router: None)
    watch.learn(Sample("r1", None, Answer.SILENT))  # type: ignore[arg-type]
    watch.admit(SENDERS)
    assert watch.counts == {}
