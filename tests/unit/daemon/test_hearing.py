"""What routers tell and the daemon: whom it hears, how often that starts a poll, what is kept and shown of it."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.daemon.hearing.hearing import Ports
from agent.daemon.hearing.traps import TrapWatch
from agent.daemon.ports import Place
from agent.errors import ConfigurationProblem
from agent.events import Result
from agent.incidents.incident import Step
from agent.monitoring.sample import Answer, Sample
from collectors.snmp import Community
from device_templates import platform_text
from inventory import Secret
from tests.unit.collectors.snmpd import program
from tests.unit.daemon.conftest import make_inventory
from tests.unit.daemon.test_daemon import fetch
from tests.unit.traps.test_judge import v1_trap, v2c_trap

SENDERS = {"127.0.0.1": ("acme-r2", Community(Secret("a-community")))}
SPEAKERS = {"127.0.0.1": ("acme-r2", platform_text("cisco_iosxe").messages)}
LINK_DOWN, AUTHENTICATION_FAILURE = 2, 4
ACCESS_DOWN = "%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/0/0, changed state to down"
DROPPED = (
    b"<190>48: Nov 21 08:11:20: %FW-6-DROP_PKT: Dropping tcp session 10.10.1.5:49152 203.0.113.9:25 on zone-pair A"
)


@pytest.fixture
def hearing(world: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The world with a daemon that hears, polls every 4 minutes, and spaces what is told by a second."""
    monkeypatch.setattr("agent.daemon.hearing.urgent.APART_S", 1.0)
    monkeypatch.setattr("agent.daemon.hearing.urgent.AT_ONCE", 1)
    world.inventory = make_inventory(3, period_s=240)
    make = world.daemon

    def daemon() -> Any:
        made, here = make(), ("127.0.0.1", 0)
        made._place = replace(made._place, traps=here, syslog=here)
        gives = {"senders": lambda _inventory: SENDERS, "speakers": lambda _inventory: SPEAKERS}
        made._jobs = made._duties._jobs = replace(made._jobs, record=world.record, **gives)
        return made

    world.daemon = daemon
    return world


def send(port: int, *datagrams: bytes, source: str = "127.0.0.1") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as router:
        router.bind((source, 0))
        for datagram in datagrams:
            router.sendto(datagram, ("127.0.0.1", port))


async def logger(daemon: Any, *words: str) -> None:
    """What the logger command sends to the daemon's port for syslog."""
    place = ("--server", "127.0.0.1", "--port", str(daemon.hearing.ports.syslog), "--udp")
    process = await asyncio.create_subprocess_exec(program("logger"), *place, *words)
    assert await process.wait() == 0


def series(daemon: Any) -> list[str]:
    """What /metrics shows of what was heard, without the values."""
    names = [line.partition(" ")[0] for line in fetch(daemon, "/metrics")[1].splitlines()]
    return [name for name in names if name.startswith(("spokesman_traps", "spokesman_syslog", "spokesman_told"))]


async def ready(daemon: Any, wait: Any) -> None:
    await wait(lambda: daemon.hearing and daemon._admitted is not None)


def polls(world: Any) -> list[float]:
    """When the router that sends was polled; its regular turn is 20 seconds after the start."""
    return [moment for moment, name in world.polls if name == "acme-r2"]


def traps(daemon: Any) -> dict[str, int]:
    return dict(daemon.hearing.heard.traps)


def syslog(daemon: Any) -> dict[str, int]:
    return dict(daemon.hearing.heard.syslog)


def test_a_trap_starts_a_poll_of_its_router_and_a_storm_few(hearing: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await ready(daemon, wait)
        send(daemon.hearing.ports.traps, *[v1_trap(LINK_DOWN)] * 10)
        await wait(lambda: traps(daemon)["linkDown"] == 10)
        await wait(lambda: len(polls(hearing)) >= 2, 10)
        first, second = polls(hearing)
        assert 0.9 <= second - first <= 5

    hearing.play(story)
    assert len(polls(hearing)) == 2
    assert hearing.stores.incidents.incidents(closed=True) == ()


def test_what_is_not_believed_or_not_urgent_starts_nothing_and_is_counted(hearing: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await ready(daemon, wait)
        send(
            daemon.hearing.ports.traps,
            b"noise",
            v2c_trap((1, 3, 6, 1, 6, 3, 1, 1, 5, 3), b"public"),
            v1_trap(AUTHENTICATION_FAILURE),
        )
        await wait(lambda: sum(traps(daemon).values()) == 3)
        shown = fetch(daemon, "/metrics")[1]
        assert 'spokesman_traps_total{result="malformed"} 1.0' in shown
        assert 'spokesman_traps_total{result="not_authentic"} 1.0' in shown
        assert 'spokesman_traps_total{result="other"} 1.0' in shown
        assert 'spokesman_traps_total{result="linkDown"} 0.0' in shown

    hearing.play(story)
    assert polls(hearing) == []


def test_without_the_setting_nothing_listens(world: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await wait(lambda: world.polls)
        assert daemon.hearing.ports == Ports(None, None)
        shown = fetch(daemon, "/metrics")[1]
        assert not any(name in shown for name in ("spokesman_traps", "spokesman_syslog", "spokesman_told"))

    world.play(story)


@pytest.mark.parametrize(("setting", "what"), [("traps", "traps"), ("syslog", "syslog messages")])
def test_a_port_that_is_taken_is_told_with_its_setting(world: Any, setting: str, what: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        daemon = world.daemon()
        daemon._place = replace(daemon._place, **{setting: taken.getsockname()})
        with pytest.raises(ConfigurationProblem, match=f"cannot receive {what} on") as refused:
            daemon.run()
    assert f"spokesman.toml: {setting}" in str(refused.value)


@pytest.mark.parametrize("form", ["--rfc3164", "--rfc5424"])
def test_a_link_that_syslog_tells_is_an_incident_once_polls_confirm_it(hearing: Any, wait: Any, form: str) -> None:
    hearing.down["acme-r2"] = "GigabitEthernet0/0/0"

    async def story(daemon: Any) -> None:
        await ready(daemon, wait)
        send(daemon.hearing.ports.syslog, b"<189>1: %SYS-5-RESTART: System restarted --")  # its first poll
        await wait(lambda: polls(hearing))
        await logger(daemon, form, "--priority", "local7.notice", ACCESS_DOWN)
        await wait(lambda: hearing.incidents.incidents(closed=False), 10)

    hearing.play(story)
    (incident,) = hearing.incidents.incidents(closed=False)
    told = [entry.text for entry in incident.timeline if entry.what is Step.TOLD]
    assert told == ["restart RESTART (syslog)", "link GigabitEthernet0/0/0 down (syslog)"]
    kept = [(event.action, event.subject, event.why, event.result) for event in hearing.events]
    assert ("poll", "acme-r2", "link GigabitEthernet0/0/0 down (syslog)", Result.DONE) in kept


def test_a_tunnel_that_a_spoke_tells_of_has_its_hub_asked_at_once(hearing: Any, wait: Any) -> None:
    hearing.down["acme-r2"] = "Tunnel10"

    async def story(daemon: Any) -> None:
        await ready(daemon, wait)
        send(daemon.hearing.ports.syslog, b"<189>1: %DMVPN-5-NHRP_NHS_DOWN: Tunnel10: Next Hop Server is DOWN")
        await wait(lambda: polls(hearing))
        assert [name for _, name in hearing.polls] == ["acme-r2"]
        send(daemon.hearing.ports.syslog, b"<189>1: %DMVPN-5-NHRP_NHS_DOWN: Tunnel10: Next Hop Server is DOWN")
        await wait(lambda: hearing.incidents.incidents(closed=False), 20)

    hearing.play(story)
    assert {name for _, name in hearing.polls} == {"acme-r1", "acme-r2"}
    assert [event.subject for event in hearing.events if event.action == "poll"] == ["acme-r2", "acme-r2"]


def test_what_a_firewall_logs_is_counted_and_leaves_no_other_trace(
    hearing: Any, wait: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def story(daemon: Any) -> None:
        await ready(daemon, wait)
        also = b" %LINK-3-UPDOWN: Interface Te1, changed state to down"
        send(daemon.hearing.ports.syslog, *[DROPPED] * 40, DROPPED + also)
        await wait(lambda: syslog(daemon)["firewall"] == 41)
        assert 'spokesman_syslog_total{result="firewall"} 41.0' in fetch(daemon, "/metrics")[1]
        assert sum(syslog(daemon).values()) == 41

    hearing.play(story)
    assert polls(hearing) == []
    assert hearing.events == []
    stored = b"".join(path.read_bytes() for path in hearing.folder.iterdir() if path.is_file())
    assert b"203.0.113.9" not in stored
    assert "203.0.113.9" not in caplog.text


def test_strangers_are_refused_and_named_once_and_make_no_series(
    hearing: Any, wait: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(daemon: Any) -> None:
        await ready(daemon, wait)
        before = series(daemon)
        for number in range(2, 40):
            send(daemon.hearing.ports.syslog, b"<189>" + ACCESS_DOWN.encode(), source=f"127.0.0.{number}")
            send(daemon.hearing.ports.traps, v1_trap(LINK_DOWN), source=f"127.0.0.{number}")
        send(daemon.hearing.ports.syslog, b"noise", b"<189>%ANY-3-THING: at all", b"<189>\x1b[2J\r\nroot: key Planted")
        await wait(lambda: syslog(daemon)["other"] == 2 and traps(daemon)["unknown_sender"] == 38)
        assert (syslog(daemon)["unknown_sender"], syslog(daemon)["malformed"]) == (38, 1)
        daemon.hearing.admit(SENDERS, SPEAKERS)
        assert series(daemon) == before, "whoever sends whatever: the same series"

    hearing.play(story)
    assert polls(hearing) == []
    refused = [one.getMessage() for one in caplog.records if " refused: " in one.getMessage()]
    assert refused == [
        "traps refused: 38 unknown sender; last stranger: 127.0.0.39",
        "syslog refused: 38 unknown sender, 1 malformed; last stranger: 127.0.0.39",
    ]
    assert "Planted" not in caplog.text
    assert "\x1b" not in caplog.text


def test_a_sample_without_an_engine_teaches_nothing() -> None:
    watch = TrapWatch(Place(Path("/nowhere")), lambda *_told: None)
    watch.learn(Sample("r1", datetime(2026, 11, 21, tzinfo=UTC), Answer.SILENT))
    watch.admit(SENDERS)
    assert watch.counts == {}
