"""A poll of a real net-snmp agent over SNMPv3: the machine's own values, and what the router's program tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from collectors.poller import RouterPoller, RouterRequest
from collectors.profiles import PROFILES
from collectors.sample import AdminStatus, OperStatus, RouterSample
from collectors.snmp import SnmpClient
from tests.unit.collectors.snmpd import SHA256, Snmpd

AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


def uptime() -> float:
    return float(Path("/proc/uptime").read_text().split()[0])


def polled(agent: Snmpd, *interfaces: str, between: Callable[[], None] = lambda: None) -> list[RouterSample]:
    """Two polls, and what happens between them."""

    async def run() -> list[RouterSample]:
        async with asyncio.timeout(60), SnmpClient() as client:
            poller = RouterPoller(client, lambda: AT)
            names = frozenset(interfaces) if interfaces else None
            request = RouterRequest("r1", agent.target(SHA256), PROFILES["net-snmp"], names)
            first = await poller.read(request)
            await asyncio.to_thread(between)
            return [first, await poller.read(request)]

    return asyncio.run(run())


def told_by(new_snmpd: Callable[[str], Snmpd], path: Path, *lines: str) -> Snmpd:
    path.write_text("".join(f"{line}\n" for line in (f"watch 1 {uptime():.0f}", *lines)))
    return new_snmpd(f"extend -cacheTime 1 spokesman /bin/cat {path}\n")


def test_a_poll_reads_the_machine_and_its_tunnels(new_snmpd: Callable[[str], Snmpd], tmp_path: Path) -> None:
    agent = told_by(new_snmpd, tmp_path / "watch", "interface gre10 up up 1 2", "peer 192.0.2.1", "config 7 8")
    before = uptime()
    _, sample = polled(agent, "lo", "gre10", "gre20")
    assert (sample.failure, sample.problems, sample.name) == (None, (), "test-agent")
    assert sample.uptime_s is not None
    assert before - 1 <= sample.uptime_s <= uptime() + 1  # the machine's, not the agent's
    assert sample.engine_boots == 1
    assert set(sample.interfaces) == {"lo", "gre10"}  # gre20 is gone
    assert sample.interfaces["lo"].oper is OperStatus.UP
    assert (sample.interfaces["gre10"].admin, sample.interfaces["gre10"].in_octets) == (AdminStatus.UP, 1)
    assert (sample.peers, sample.config_changed_s) == (frozenset({"192.0.2.1"}), 7.0)
    memory = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    total = int(memory["MemTotal"].split()[0])
    assert sample.memory_used_kb is not None
    assert sample.memory_free_kb is not None
    assert sample.memory_used_kb + sample.memory_free_kb == total
    assert (
        sample.processors
        == len([line for line in Path("/proc/stat").read_text().splitlines() if line[:3] == "cpu"]) - 1
    )


def test_between_changes_a_poll_is_two_packets_each_way(new_snmpd: Callable[[str], Snmpd], tmp_path: Path) -> None:
    agent = told_by(new_snmpd, tmp_path / "watch", "interface gre10 up up 1 2", "peer 192.0.2.1", "config 7 8")
    _, sample = polled(agent, "lo", "gre10")
    assert sample.requests == 2


def test_a_restarted_agent_is_no_rebooted_router(new_snmpd: Callable[[str], Snmpd], tmp_path: Path) -> None:
    agent = told_by(new_snmpd, tmp_path / "watch")

    def restart() -> None:
        agent.stop()
        agent.start()

    before, after = polled(agent, "lo", between=restart)
    assert before.uptime_s is not None
    assert after.uptime_s is not None
    assert after.uptime_s >= before.uptime_s
    assert (before.engine_boots, after.engine_boots) == (1, 2)


def test_a_tunnel_that_goes_is_seen_by_the_next_poll(new_snmpd: Callable[[str], Snmpd], tmp_path: Path) -> None:
    agent = told_by(new_snmpd, tmp_path / "watch", "interface gre10 up up 1 2", "peer 192.0.2.1")

    def lose() -> None:
        (tmp_path / "watch").write_text(f"watch 1 {uptime():.0f}\ninterface gre10 up up 1 2\n")
        asyncio.run(asyncio.sleep(1.5))  # the agent keeps what it read for a second

    before, after = polled(agent, "gre10", between=lose)
    assert (before.peers, after.peers) == (frozenset({"192.0.2.1"}), frozenset())


def test_without_the_routers_program_tunnels_are_unknown(new_snmpd: Callable[[str], Snmpd], tmp_path: Path) -> None:
    agent = new_snmpd(f"extend spokesman /bin/cat {tmp_path / 'none'}\n")
    _, sample = polled(agent, "lo", "gre10")
    assert sample.interfaces["lo"].oper is OperStatus.UP
    assert sample.interfaces["gre10"].oper is None
    assert len(sample.problems) == 1
    assert sample.peers is None
