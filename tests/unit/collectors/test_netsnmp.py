"""A poll of a real net-snmp agent over SNMPv3: the machine's own values, and what the router's program tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from collectors.engine import Engine
from collectors.modules import modules_of
from collectors.polling import DevicePoller, Polled, PollOrder
from tests.unit.collectors.collected import told_in
from tests.unit.collectors.snmpd import SHA256, Snmpd


def uptime() -> float:
    return float(Path("/proc/uptime").read_text().split()[0])


def polled(agent: Snmpd, *interfaces: str, between: Callable[[], None] = lambda: None) -> list[Polled]:
    """Two polls, and what happens between them."""

    async def run() -> list[Polled]:
        async with asyncio.timeout(60), Engine() as engine:
            poller = DevicePoller(engine)
            request = PollOrder(
                "r1", agent.target(SHA256), modules_of("net-snmp"), (("interfaces", frozenset(interfaces)),)
            )
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
    _, polled_last = polled(agent, "lo", "gre10", "gre20")
    told = told_in(polled_last)
    assert (polled_last.failure, told.problems) == (None, ())
    uptime_s, rows = told.seconds("uptime_s"), told.tables["interfaces"]
    assert uptime_s is not None
    assert before - 1 <= uptime_s <= uptime() + 1  # the machine's, not the agent's
    assert told.number("engine_boots") == 1
    assert set(rows) == {"lo", "gre10"}
    assert told.missing["interfaces"] == {"gre20"}
    assert rows["lo"]["oper"] == "up"
    assert (rows["gre10"]["admin"], rows["gre10"]["in_octets"]) == ("up", 1)
    assert (set(told.tables["ipsec"]), told.seconds("config_changed_s")) == ({"192.0.2.1"}, 7.0)
    memory = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    assert told.figures["memory_used_kb"] + told.figures["memory_free_kb"] == int(memory["MemTotal"].split()[0])
    stat = Path("/proc/stat").read_text().splitlines()
    assert len(told.tables["processors"]) == len([line for line in stat if line[:3] == "cpu"]) - 1


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
    first, second = told_in(before).seconds("uptime_s"), told_in(after).seconds("uptime_s")
    assert first is not None
    assert second is not None
    assert second >= first
    assert (told_in(before).number("engine_boots"), told_in(after).number("engine_boots")) == (1, 2)


def test_a_tunnel_that_goes_is_seen_by_the_next_poll(new_snmpd: Callable[[str], Snmpd], tmp_path: Path) -> None:
    agent = told_by(new_snmpd, tmp_path / "watch", "interface gre10 up up 1 2", "peer 192.0.2.1")

    def lose() -> None:
        (tmp_path / "watch").write_text(f"watch 1 {uptime():.0f}\ninterface gre10 up up 1 2\n")
        asyncio.run(asyncio.sleep(1.5))  # the agent keeps what it read for a second

    before, after = polled(agent, "gre10", between=lose)
    assert [set(told_in(one).tables["ipsec"]) for one in (before, after)] == [{"192.0.2.1"}, set()]


def test_without_the_routers_program_tunnels_are_unknown(new_snmpd: Callable[[str], Snmpd], tmp_path: Path) -> None:
    agent = new_snmpd(f"extend spokesman /bin/cat {tmp_path / 'none'}\n")
    _, sample = polled(agent, "lo", "gre10")
    rows = told_in(sample).tables["interfaces"]
    assert (rows["lo"]["oper"], rows["gre10"]) == ("up", {})
    assert len(told_in(sample).problems) == 1
    assert "ipsec" not in told_in(sample).tables
