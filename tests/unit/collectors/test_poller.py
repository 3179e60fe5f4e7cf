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

from collectors.answers import reading
from collectors.engine import Engine
from collectors.modules import modules_of
from collectors.polling import DevicePoller, Polled, PollOrder
from collectors.polling.asking import LOOK_AGAIN
from collectors.questions import Questions, questions
from collectors.reading import Reading
from collectors.rows import Rows, discovery, find_rows
from collectors.snmp import (
    Counter32,
    Counter64,
    Failure,
    Gauge32,
    Missing,
    Opaque,
    TimeTicks,
)
from collectors.stream import as_they_come
from collectors.taking import flattened
from tests.unit.collectors import agents, objects
from tests.unit.collectors.agents import ROUTER_COLUMNS, Agent, agent, serving, silent
from tests.unit.collectors.collected import told_in

AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
WAN = "GigabitEthernet0/0/0"
CISCO = modules_of("cisco")
#: What is polled of every router, and what of one that has few IPsec tunnels.
PLAIN = tuple(module for module in CISCO if not module.when)
STANDBY = next(module for module in CISCO if module.name == "hsrp")
#: cHsrpGrpStandbyState.
HSRP = (1, 3, 6, 1, 4, 1, 9, 9, 106, 1, 2, 1, 1, 15)
SPOKE = tuple(module for module in CISCO if module.when <= {"few tunnels"})

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


def polls(behaviour: Any, scenario: Callable[[Agent, Callable[..., Awaitable[Polled]]], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with asyncio.timeout(30), agent(behaviour) as one, Engine(clock=AT.timestamp) as engine:
            poller = DevicePoller(engine)

            async def poll(*interfaces: str, retries: int = 0) -> Polled:
                expected = (("interfaces", frozenset(interfaces)),) if interfaces else ()
                return await poller.read(PollOrder("r1", one.target(0.5, retries), PLAIN, expected))

            return await scenario(one, poll)

    return asyncio.run(run())


def test_a_poll_reads_all_that_a_router_tells() -> None:
    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
        return await poll()

    polled = polls(serving(agents.router()), scenario)
    told = told_in(polled)
    assert told.tables["interfaces"][WAN] == {
        "admin": "up",
        "oper": "up",
        "last_change_s": 42.0,
        "in_octets": 2**40 + 1,
        "out_octets": 2**41 + 1,
        "discontinuity_s": 0.0,
    }
    assert set(told.tables["interfaces"]) == {WAN, "GigabitEthernet0/0/1", "Tunnel10"}
    assert polled.round_trip_s is not None
    assert polled.round_trip_s > 0
    assert (polled.device, polled.at, polled.failure, told.problems) == ("r1", AT.timestamp(), None, ())
    times = {name: told.seconds(name) for name in ("uptime_s", "config_changed_s", "config_saved_s")}
    assert times == {"uptime_s": 1000.0, "config_changed_s": 500.0, "config_saved_s": 600.0}
    assert (told.number("engine_boots"), told.number("engine_time_s")) == (7, 995)
    assert told.text("engine_id") == "800000090300aabbccddee01"
    assert (told.text("name"), told.text("serial"), told.text("first_entity")) == (
        "acme-lon-r1",
        "FCZ0000A0B1",
        "chassis",
    )
    assert told.figures == {
        "cpu_1_min_percent": 12,
        "cpu_5_min_percent": 9,
        "memory_used_kb": 300,
        "memory_free_kb": 700,
    }


def test_between_changes_a_poll_is_one_packet_each_way() -> None:
    async def scenario(one: Agent, poll: Callable[..., Awaitable[Polled]]) -> tuple[int, int]:
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

    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
        return await poll()

    assert len(told_in(polls(measured, scenario)).tables["interfaces"]) == 5
    assert max(sizes) < 1400


def spoke(behaviour: Any) -> Polled:
    async def run() -> Polled:
        async with asyncio.timeout(30), agent(behaviour) as one, Engine(clock=AT.timestamp) as engine:
            poller = DevicePoller(engine)
            return await poller.read(PollOrder("r1", one.target(0.3, 1), SPOKE, (("interfaces", frozenset({WAN})),)))

    return asyncio.run(run())


def test_the_far_ends_of_ipsec_tunnels_are_read_where_wanted() -> None:
    far = {
        (*objects.IPSEC_REMOTE, 7): rfc1902.OctetString(bytes([198, 51, 100, 10])),
        (*objects.IPSEC_REMOTE, 9): rfc1902.OctetString(bytes([198, 51, 100, 10])),
        (*objects.IPSEC_REMOTE, 12): rfc1902.OctetString(bytes([203, 0, 113, 1])),
        (*objects.IPSEC_REMOTE, 13): rfc1902.OctetString(b"not an address"),
    }
    told = told_in(spoke(serving(agents.router() | far)))
    assert set(told.tables["ipsec"]) == {"198.51.100.10", "203.0.113.1"}
    (problem,) = told.problems
    assert str(problem) == (
        "cipSecTunRemoteAddr (1.3.6.1.4.1.9.9.171.1.3.2.1.5.13): expected 4 octets, found 14 other octets"
    )
    assert told_in(spoke(serving(agents.router()))).tables["ipsec"] == {}


def test_several_tunnels_with_one_far_end_are_one_row_with_their_sum() -> None:
    octets = (*objects.IPSEC_REMOTE[:-1], 27)
    far = {
        (*column, index): value
        for index, count in ((7, 100), (9, 11))
        for column, value in (
            (objects.IPSEC_REMOTE, rfc1902.OctetString(bytes([198, 51, 100, 10]))),
            (octets, rfc1902.Counter64(count)),
        )
    }
    assert told_in(spoke(serving(agents.router() | far))).tables["ipsec"] == {"198.51.100.10": {"in_octets": 111}}


def test_a_table_of_peers_that_is_too_long_or_not_answered_tells_nothing() -> None:
    rows = {(*objects.IPSEC_REMOTE, n): rfc1902.OctetString(bytes([192, 0, 2, n])) for n in range(1, 140)}
    long = told_in(spoke(serving(agents.router() | rows)))
    assert "ipsec" not in long.tables
    assert [str(problem) for problem in long.problems] == [
        "the table of ipsec (1.3.6.1.4.1.9.9.171.1.3.2.1.5): expected 128 rows at most, found 139"
    ]
    whole = agents.router()

    def deaf_to_the_table(datagram: bytes) -> list[bytes]:
        return [] if bytes([0x81, 0x2B, 1, 3, 2, 1, 5]) in datagram else [agents.answer(datagram, whole)]

    polled = spoke(deaf_to_the_table)
    assert (polled.failure, told_in(polled).seconds("uptime_s")) == (None, 1000.0)
    assert "ipsec" not in told_in(polled).tables


def test_an_answer_that_is_late_is_not_lost() -> None:
    table, heard = agents.router(), []

    def answers_each_first_try_after_the_second(datagram: bytes) -> list[bytes]:
        heard.append(datagram)
        return [] if len(heard) % 2 else [agents.answer(heard[-2], table)]

    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
        return await poll(WAN, retries=2)

    sample = polls(answers_each_first_try_after_the_second, scenario)
    assert (sample.failure, sample.lost) == (None, 0)
    assert sample.round_trip_s > 0.5


def test_a_poll_counts_the_tries_that_went_unanswered() -> None:
    table, heard = agents.router(), []

    def forgets_every_other(datagram: bytes) -> list[bytes]:
        heard.append(datagram)
        return [] if len(heard) % 2 else [agents.answer(datagram, table)]

    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
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
    async def scenario(one: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
        await poll(WAN)
        one.behaviour = serving(after)
        return await poll(WAN)

    sample = polls(serving(before), scenario)
    assert set(told_in(sample).tables["interfaces"]) == {WAN}
    assert told_in(sample).tables["interfaces"][WAN]["in_octets"] == 2**40 + 7


def test_a_row_that_is_never_where_it_is_found_is_not_looked_for_at_each_poll() -> None:
    """An agent that tells a name in its table and another one when it is asked for it."""
    table = agents.router(1000, {1: WAN, 2: "Tunnel10"})
    lies = table | {(*objects.IF_DESCR, 2): rfc1902.OctetString("Tunnel11")}

    def two_faced(datagram: bytes) -> list[bytes]:
        return [agents.answer(datagram, table if agents.is_bulk(datagram) else lies)]

    async def scenario(one: Agent, poll: Callable[..., Awaitable[Polled]]) -> tuple[int, Polled]:
        await poll(WAN, "Tunnel10")
        first = len(one.heard)
        polled = await poll(WAN, "Tunnel10")
        return len(one.heard) - first, polled

    packets, polled = polls(two_faced, scenario)
    assert packets == 1
    assert told_in(polled).missing["interfaces"] == {"Tunnel10"}


def test_what_was_ordered_and_not_answered_is_left_out_and_looked_for_later() -> None:
    whole, hsrp = agents.router() | {(*HSRP, 1, 10): rfc1902.Integer32(5)}, bytes([0x2B, 6, 1, 4, 1, 9, 9, 106])

    def deaf(datagram: bytes) -> list[bytes]:
        return [] if hsrp in datagram else [agents.answer(datagram, whole)]

    async def run() -> list[bool]:
        async with asyncio.timeout(60), agent(deaf) as one, Engine(clock=AT.timestamp) as engine:
            poller, modules = DevicePoller(engine), (*PLAIN, STANDBY)
            order = PollOrder("r1", one.target(0.2, 0), modules, (("interfaces", frozenset({WAN})),))
            told = [await poller.read(order)]
            one.behaviour = serving(whole)
            told += [await poller.read(order) for _ in range(LOOK_AGAIN)]
            assert all(polled.failure is None for polled in told)
            return ["standby" in told_in(polled).tables for polled in told]

    assert asyncio.run(run()) == [False] * LOOK_AGAIN + [True]


def test_a_silent_router_is_a_failure_with_no_values() -> None:
    async def scenario(one: Agent, poll: Callable[..., Awaitable[Polled]]) -> list[Polled]:
        first = await poll()
        one.behaviour = serving(agents.router())
        await poll()
        one.behaviour = silent
        return [first, await poll()]

    for sample in polls(silent, scenario):
        assert sample == Polled("r1", AT.timestamp(), Failure.TIMEOUT)


def test_a_router_that_was_down_is_read_in_its_next_poll_even_where_tries_are_lost() -> None:
    table, heard = agents.router(), []

    def forgets_every_other(datagram: bytes) -> list[bytes]:
        heard.append(datagram)
        return [] if len(heard) % 2 else [agents.answer(datagram, table)]

    async def scenario(one: Agent, poll: Callable[..., Awaitable[Polled]]) -> list[Polled]:
        down = [await poll(WAN, retries=1), await poll(WAN, retries=1)]
        one.behaviour = forgets_every_other
        return [*down, await poll(WAN, retries=1)]

    *down, back = polls(silent, scenario)
    assert [polled.failure for polled in down] == [Failure.TIMEOUT] * 2
    assert (back.failure, told_in(back).seconds("uptime_s")) == (None, 1000.0)


def test_a_router_that_is_deaf_to_a_part_of_a_poll_was_not_down() -> None:
    """It is not asked for a sign of life, and each question has all of its tries."""
    whole = agents.router()

    def deaf_to_the_table(datagram: bytes) -> list[bytes]:
        return [] if bytes([0x81, 0x2B, 1, 3, 2, 1, 5]) in datagram else [agents.answer(datagram, whole)]

    async def run() -> tuple[list[Failure | None], list[bytes]]:
        async with asyncio.timeout(30), agent(deaf_to_the_table) as one, Engine(clock=AT.timestamp) as engine:
            poller = DevicePoller(engine)
            order = PollOrder("r1", one.target(0.2, 1), SPOKE, (("interfaces", frozenset({WAN})),))
            return [(await poller.read(order)).failure for _ in range(3)], one.heard

    failures, heard = asyncio.run(run())
    assert failures == [None] * 3
    assert [objects.SYS_UPTIME] not in [agents.asked(datagram) for datagram in heard]
    assert sum(agents.asked(datagram)[0] == objects.IPSEC_REMOTE for datagram in heard) == 3 * 2


@pytest.mark.parametrize("change", ["", "restart"])
def test_a_refused_object_costs_only_itself_and_is_asked_again(change: str) -> None:
    """After some polls, for it may have been a moment's trouble; at once where the router was restarted."""
    uptime_s, grudge = 1000, True

    def refuses_its_boots(datagram: bytes) -> list[bytes]:
        names = [] if agents.is_bulk(datagram) else agents.asked(datagram)
        if not grudge or objects.ENGINE_BOOTS not in names:
            return [agents.answer(datagram, agents.router(uptime_s))]
        where = names.index(objects.ENGINE_BOOTS) + 1
        return [agents.refusal(datagram, 5).replace(bytes((2, 1, 5, 2, 1, 0)), bytes((2, 1, 5, 2, 1, where)), 1)]

    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> list[Polled]:
        nonlocal uptime_s, grudge
        told = [await poll(WAN)]
        grudge, uptime_s = False, 10 if change else uptime_s
        return told + [await poll(WAN) for _ in range(LOOK_AGAIN)]

    told = polls(refuses_its_boots, scenario)
    assert [polled.failure for polled in told] == [None] * (LOOK_AGAIN + 1)
    assert told_in(told[0]).seconds("uptime_s") == 1000.0
    known = ["engine_boots" in told_in(polled).scalars for polled in told]
    assert known.index(True) == (1 if change else LOOK_AGAIN)


def test_an_error_in_what_is_made_of_answers_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Reading:
        raise ZeroDivisionError

    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
        with monkeypatch.context() as patched:
            patched.setattr("collectors.polling.brought.reading", broken)
            with pytest.raises(ZeroDivisionError):
                await poll(WAN)
        return await poll(WAN)

    assert polls(serving(agents.router()), scenario).failure is None


def test_answers_of_the_wrong_type_are_problems_and_not_values() -> None:
    table = agents.router() | {
        objects.SYS_UPTIME: rfc1902.OctetString("long"),
        objects.SYS_NAME: rfc1902.OctetString(b"r1\nalarm: all is well\x1b[2J"),
        objects.CONFIG_CHANGED: rfc1902.Counter64(1),
        objects.ENGINE_BOOTS: rfc1902.Integer32(-1),
        (*objects.CPU_5_MIN, 1): rfc1902.Gauge32(101),
        (*ROUTER_COLUMNS["oper"], 1): rfc1902.Integer32(99),
        (*ROUTER_COLUMNS["admin"], 1): rfc1902.OctetString("up"),
        (*ROUTER_COLUMNS["in"], 1): rfc1902.Counter32(5),
    }

    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
        return await poll()

    polled = polls(serving(table), scenario)
    assert polled.failure is None
    told = told_in(polled)
    scalars = ("uptime_s", "name", "config_changed_s", "engine_boots")
    assert [told.scalars.get(name) for name in scalars] == [None] * 4
    assert told.tables["processors"]["1"] == {"load_1_min_percent": 12}
    assert set(told.tables["interfaces"][WAN]) == {"last_change_s", "out_octets", "discontinuity_s"}
    texts = sorted(str(problem) for problem in told.problems)
    assert len(texts) == 8
    assert texts[-1] == "sysUpTime (1.3.6.1.2.1.1.3.0): expected TimeTicks, found OCTET STRING"
    assert all(text.isprintable() and "alarm" not in text for text in texts)


def test_a_device_without_uptime_says_so_and_never_zero() -> None:
    table = agents.router()
    del table[objects.SYS_UPTIME]

    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
        return await poll()

    told = told_in(polls(serving(table), scenario))
    assert told.seconds("uptime_s") is None
    assert [problem.what for problem in told.problems] == ["sysUpTime"]


def test_one_routers_lies_stay_its_own() -> None:
    async def run() -> dict[str, Polled]:
        liar = agents.router() | {objects.SYS_UPTIME: rfc1902.OctetString("x")}
        async with (
            agent(serving(liar)) as bad,
            agent(serving(agents.router(77))) as good,
            agent(silent) as dead,
            Engine(clock=AT.timestamp) as engine,
        ):
            requests = [
                PollOrder("dead", dead.target(0.5, 0), PLAIN),
                PollOrder("bad", bad.target(), PLAIN),
                PollOrder("good", good.target(), PLAIN),
            ]
            poller = DevicePoller(engine)
            return {polled.device: polled async for polled in as_they_come(map(poller.read, requests))}

    samples = asyncio.run(run())
    assert told_in(samples["good"]).seconds("uptime_s") == 77.0
    assert told_in(samples["bad"]).seconds("uptime_s") is None
    assert list(samples)[-1] == "dead"


def test_memory_comes_from_the_cpu_table_where_it_is_there() -> None:
    table = agents.router() | {
        (*objects.CPU_MEMORY_USED, 1): rfc1902.Gauge32(11),
        (*objects.CPU_MEMORY_FREE, 1): rfc1902.Gauge32(22),
    }

    async def scenario(_: Agent, poll: Callable[..., Awaitable[Polled]]) -> Polled:
        return await poll()

    told = told_in(polls(serving(table), scenario))
    assert (told.figures["memory_used_kb"], told.figures["memory_free_kb"]) == (11, 22)
    assert "pools" not in told.tables


def asked() -> Questions:
    walked = {oid: value for oid, value in plain(agents.router()).items() if len(oid) > 9}
    return questions(PLAIN, find_rows(PLAIN, walked, discovery(PLAIN)[0]), ())


def plain(table: agents.Table) -> dict[tuple[int, ...], Any]:
    """The table's texts as our codec gives them, as far as names of rows need it."""
    return {oid: bytes(value) if isinstance(value, rfc1902.OctetString) else int(value) for oid, value in table.items()}


ASKED = asked()


@given(st.data())
def test_whatever_comes_back_makes_a_reading_with_values_of_the_right_type(data: st.DataObject) -> None:
    values = [data.draw(ANY_VALUE) for _ in ASKED.slots][: data.draw(st.integers(0, len(ASKED.slots)))]
    flat = [flattened(value) for value in values]
    told = reading(ASKED, [kind for kind, _ in flat], [value for _, value in flat], {})
    for name in ("uptime_s", "config_changed_s", "config_saved_s", "startup_changed_s"):
        seconds = told.seconds(name)
        assert seconds is None or 0 <= seconds < 2**32 / 100
    load = told.figures.get("cpu_5_min_percent")
    assert load is None or 0 <= load <= 100
    assert (told.text("name") or "").isprintable()
    uptime = next(
        (value for slot, value in zip(ASKED.slots, values, strict=False) if slot.one.name == "uptime_s"), None
    )
    assert ("uptime_s" in told.scalars) == isinstance(uptime, TimeTicks)
    assert all(str(problem).isprintable() for problem in told.problems)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([column for walk in discovery(CISCO) for column in walk]), st.integers(0, 9)).map(
            lambda t: (*t[0], t[1])
        ),
        ANY_VALUE,
    )
)
def test_any_walk_gives_rows(values: dict[tuple[int, ...], Any]) -> None:
    rows: Rows = find_rows(CISCO, values, [column for walk in discovery(CISCO) for column in walk])
    assert all(name.isprintable() for _, found in rows.tables for name, _ in found)
