"""What a poll of a router reads, and what becomes of answers that are wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysnmp.proto import rfc1902

from collectors import oids, router
from collectors.poller import RouterPoller, RouterRequest
from collectors.profiles import PROFILES
from collectors.router import Rows
from collectors.sample import AdminStatus, InterfaceSample, OperStatus, RouterSample
from collectors.snmp import (
    Answer,
    Counter32,
    Counter64,
    Failure,
    Gauge32,
    Missing,
    Opaque,
    SnmpClient,
    Target,
    TimeTicks,
)
from tests.unit.collectors import agents
from tests.unit.collectors.agents import COMMUNITY, ROUTER_COLUMNS, Agent, agent, serving, silent

AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
TARGET = Target("127.0.0.1", 161, COMMUNITY)
WAN = "GigabitEthernet0/0/0"
ROWS = Rows({WAN: 1}, (1,))
CISCO = PROFILES["cisco"]

ANY_VALUE = st.one_of(
    st.none(),
    st.integers(-(2**31), 2**31 - 1),
    st.binary(max_size=300),
    st.just(()),
    st.tuples(st.integers(0, 2), st.integers(0, 39)),
    st.sampled_from(Missing),
    st.integers(0, 2**32 - 1).map(Counter32),
    st.integers(0, 2**32 - 1).map(Gauge32),
    st.integers(0, 2**32 - 1).map(TimeTicks),
    st.integers(0, 2**64 - 1).map(Counter64),
    st.binary(max_size=9).map(Opaque),
    st.just(IPv4Address("192.0.2.1")),
)


def polls(behaviour: Any, scenario: Callable[[Agent, Callable[..., Awaitable[RouterSample]]], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with asyncio.timeout(30), agent(behaviour) as one, SnmpClient() as client:
            poller = RouterPoller(client, lambda: AT)

            async def poll(*interfaces: str, retries: int = 0) -> RouterSample:
                names = frozenset(interfaces) if interfaces else None
                return await poller.read(RouterRequest("r1", one.target(0.5, retries), CISCO, names))

            return await scenario(one, poll)

    return asyncio.run(run())


def test_a_poll_reads_all_that_a_router_tells() -> None:
    async def scenario(_: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> RouterSample:
        return await poll()

    sample = polls(serving(agents.router()), scenario)
    up = InterfaceSample(AdminStatus.UP, OperStatus.UP, 42.0, 2**40 + 1, 2**41 + 1, 0.0)
    assert sample.interfaces[WAN] == up
    assert set(sample.interfaces) == {WAN, "GigabitEthernet0/0/1", "Tunnel10"}
    assert sample.round_trip_s > 0
    assert (sample.router, sample.at, sample.failure, sample.problems) == ("r1", AT, None, ())
    assert (sample.uptime_s, sample.engine_boots, sample.engine_time_s) == (1000.0, 7, 995)
    assert sample.engine_id == "800000090300aabbccddee01"
    assert (sample.name, sample.serial) == ("acme-lon-r1", "FCZ0000A0B1")
    assert (sample.config_changed_s, sample.config_saved_s, sample.startup_changed_s) == (500.0, 600.0, 601.0)
    assert (sample.cpu_1_min_percent, sample.cpu_5_min_percent) == (12, 9)
    assert (sample.memory_used_kb, sample.memory_free_kb) == (300, 700)


def test_between_changes_a_poll_is_one_packet_each_way() -> None:
    async def scenario(one: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> tuple[int, int]:
        await poll(WAN, "Tunnel10")
        first = len(one.heard)
        await poll(WAN, "Tunnel10")
        return first, len(one.heard) - first

    first, later = polls(serving(agents.router()), scenario)
    assert first > 1
    assert later == 1


def test_the_request_and_its_answer_fit_a_packet() -> None:
    table = agents.router(interfaces={n: f"GigabitEthernet0/0/{n}" for n in range(1, 6)})
    sizes: list[int] = []

    def measured(datagram: bytes) -> list[bytes]:
        answer = agents.answer(datagram, table)
        sizes.extend((len(datagram), len(answer)))
        return [answer]

    async def scenario(_: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> RouterSample:
        return await poll()

    assert len(polls(measured, scenario).interfaces) == 5
    assert max(sizes) < 1400


def peers(behaviour: Any, polled: int = 1) -> RouterSample:
    async def run() -> RouterSample:
        async with asyncio.timeout(30), agent(behaviour) as one, SnmpClient() as client:
            poller = RouterPoller(client, lambda: AT)
            for _ in range(polled):
                sample = await poller.read(RouterRequest("r1", one.target(0.3, 1), CISCO, frozenset({WAN}), peers=True))
            return sample

    return asyncio.run(run())


def test_the_far_ends_of_ipsec_tunnels_are_read_where_wanted() -> None:
    far = {
        (*oids.IPSEC_REMOTE, 7): rfc1902.OctetString(bytes([198, 51, 100, 10])),
        (*oids.IPSEC_REMOTE, 9): rfc1902.OctetString(bytes([198, 51, 100, 10])),
        (*oids.IPSEC_REMOTE, 12): rfc1902.OctetString(bytes([203, 0, 113, 1])),
        (*oids.IPSEC_REMOTE, 13): rfc1902.OctetString(b"not an address"),
    }
    assert peers(serving(agents.router() | far)).peers == frozenset({"198.51.100.10", "203.0.113.1"})
    assert peers(serving(agents.router())).peers == frozenset()


def test_a_table_of_peers_that_is_too_long_or_not_answered_tells_nothing() -> None:
    rows = {(*oids.IPSEC_REMOTE, n): rfc1902.OctetString(bytes([192, 0, 2, n])) for n in range(1, 90)}
    assert peers(serving(agents.router() | rows)).peers is None
    whole = agents.router()

    def deaf_to_the_table(datagram: bytes) -> list[bytes]:
        return [] if bytes([0x81, 0x2B, 1, 3, 2, 1, 5]) in datagram else [agents.answer(datagram, whole)]

    sample = peers(deaf_to_the_table)
    assert (sample.failure, sample.uptime_s, sample.peers) == (None, 1000.0, None)


def test_an_answer_that_is_late_is_not_lost() -> None:
    table, heard = agents.router(), []

    def answers_each_first_try_after_the_second(datagram: bytes) -> list[bytes]:
        heard.append(datagram)
        return [] if len(heard) % 2 else [agents.answer(heard[-2], table)]

    async def scenario(_: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> RouterSample:
        return await poll(WAN, retries=2)

    sample = polls(answers_each_first_try_after_the_second, scenario)
    assert (sample.failure, sample.lost) == (None, 0)
    assert sample.round_trip_s > 0.5


def test_a_poll_counts_the_tries_that_went_unanswered() -> None:
    table, heard = agents.router(), []

    def forgets_every_other(datagram: bytes) -> list[bytes]:
        heard.append(datagram)
        return [] if len(heard) % 2 else [agents.answer(datagram, table)]

    async def scenario(_: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> RouterSample:
        await poll(WAN, retries=2)
        return await poll(WAN, retries=2)

    sample = polls(forgets_every_other, scenario)
    assert (sample.failure, sample.requests, sample.lost) == (None, 1, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(agents.router(1000, {1: WAN}), agents.router(10, {7: WAN}), id="rebooted"),
        pytest.param(agents.router(1000, {1: WAN}), agents.router(1240, {1: "Null0", 7: WAN}), id="renumbered"),
        pytest.param(agents.router(1000, {1: WAN, 2: "Vlan1"}), agents.router(1240, {7: WAN}), id="row gone"),
        pytest.param(agents.router(1000, {1: "Vlan1"}), agents.router(1240, {1: "Vlan1", 7: WAN}), id="row came"),
    ],
)
def test_moved_rows_are_found_again_in_the_same_poll(before: agents.Table, after: agents.Table) -> None:
    async def scenario(one: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> RouterSample:
        await poll(WAN)
        one.behaviour = serving(after)
        return await poll(WAN)

    sample = polls(serving(before), scenario)
    assert set(sample.interfaces) == {WAN}
    assert sample.interfaces[WAN].in_octets == 2**40 + 7


def test_a_silent_router_is_a_failure_with_no_values() -> None:
    async def scenario(one: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> list[RouterSample]:
        first = await poll()
        one.behaviour = serving(agents.router())
        await poll()
        one.behaviour = silent
        return [first, await poll()]

    for sample in polls(silent, scenario):
        assert sample == RouterSample("r1", AT, Failure.TIMEOUT)
        assert sample.uptime_s is None


def test_answers_of_the_wrong_type_are_problems_and_not_values() -> None:
    table = agents.router() | {
        oids.SYS_UPTIME: rfc1902.OctetString("long"),
        oids.SYS_NAME: rfc1902.OctetString(b"r1\nalarm: all is well\x1b[2J"),
        oids.CONFIG_CHANGED: rfc1902.Counter64(1),
        oids.ENGINE_BOOTS: rfc1902.Integer32(-1),
        (*oids.CPU_5_MIN, 1): rfc1902.Gauge32(101),
        (*ROUTER_COLUMNS["oper"], 1): rfc1902.Integer32(99),
        (*ROUTER_COLUMNS["admin"], 1): rfc1902.OctetString("up"),
        (*ROUTER_COLUMNS["in"], 1): rfc1902.Counter32(5),
    }

    async def scenario(_: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> RouterSample:
        return await poll()

    sample = polls(serving(table), scenario)
    assert sample.failure is None
    wan = sample.interfaces[WAN]
    assert (sample.uptime_s, sample.name, sample.config_changed_s, sample.engine_boots) == (None,) * 4
    assert (sample.cpu_5_min_percent, wan.oper, wan.admin, wan.in_octets) == (None,) * 4
    assert wan.out_octets == 2**41 + 1
    texts = sorted(str(problem) for problem in sample.problems)
    assert len(texts) == 8
    assert texts[-1] == "sysUpTime (1.3.6.1.2.1.1.3.0): expected TimeTicks, found bytes"
    assert all(text.isprintable() and "alarm" not in text for text in texts)


def test_a_device_without_uptime_says_so_and_never_zero() -> None:
    table = agents.router()
    del table[oids.SYS_UPTIME]

    async def scenario(_: Agent, poll: Callable[..., Awaitable[RouterSample]]) -> RouterSample:
        return await poll()

    sample = polls(serving(table), scenario)
    assert sample.uptime_s is None
    assert [problem.what for problem in sample.problems] == ["sysUpTime"]


def test_one_routers_lies_stay_its_own() -> None:
    async def run() -> dict[str, RouterSample]:
        liar = agents.router() | {oids.SYS_UPTIME: rfc1902.OctetString("x")}
        async with (
            agent(serving(liar)) as bad,
            agent(serving(agents.router(77))) as good,
            agent(silent) as dead,
            SnmpClient() as client,
        ):
            requests = [
                RouterRequest("dead", dead.target(0.5, 0), CISCO),
                RouterRequest("bad", bad.target(), CISCO),
                RouterRequest("good", good.target(), CISCO),
            ]
            return {sample.router: sample async for sample in RouterPoller(client, lambda: AT).poll(requests)}

    samples = asyncio.run(run())
    assert samples["good"].uptime_s == 77.0
    assert samples["bad"].uptime_s is None
    assert list(samples)[-1] == "dead"


def test_memory_comes_from_the_cpu_table_where_it_is_there() -> None:
    full: dict[Any, Any] = dict.fromkeys(router.instances(CISCO, ROWS, None), Missing.NO_SUCH_INSTANCE)
    full |= {
        (*oids.CPU_MEMORY_USED, 1): Gauge32(11),
        (*oids.CPU_MEMORY_FREE, 1): Gauge32(22),
        oids.POOL_USED: Gauge32(4096),
        oids.POOL_FREE: Gauge32(8192),
    }
    sample = router.decode(CISCO, "r1", AT, Answer(TARGET, full), ROWS)
    assert (sample.memory_used_kb, sample.memory_free_kb) == (11, 22)


@given(st.data())
def test_whatever_comes_back_makes_a_sample_with_values_of_the_right_type(data: st.DataObject) -> None:
    wanted = router.instances(CISCO, ROWS, None)
    values = {oid: data.draw(ANY_VALUE) for oid in wanted if data.draw(st.integers(0, 9))}
    sample = router.decode(CISCO, "r1", AT, Answer(TARGET, values), ROWS)
    for seconds in (sample.uptime_s, sample.config_changed_s, sample.config_saved_s, sample.startup_changed_s):
        assert seconds is None or 0 <= seconds < 2**32 / 100
    assert sample.cpu_5_min_percent is None or 0 <= sample.cpu_5_min_percent <= 100
    assert sample.name is None or sample.name.isprintable()
    if isinstance(values.get(oids.SYS_UPTIME), TimeTicks):
        assert sample.uptime_s is not None
    else:
        assert sample.uptime_s is None
        assert "sysUpTime" in {problem.what for problem in sample.problems}
    assert all(str(problem).isprintable() for problem in sample.problems)
    assert router.outdated(CISCO, ROWS, sample, values) in (True, False)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(router.discovery(CISCO)), st.integers(0, 9)).map(lambda t: (*t[0], t[1])), ANY_VALUE
    )
)
def test_any_walk_gives_rows(values: dict[tuple[int, ...], Any]) -> None:
    rows = router.find_rows(CISCO, values)
    assert all(name.isprintable() for name in rows.interfaces)
