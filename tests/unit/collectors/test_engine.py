"""The poll engine among devices that are dead, slow, narrow, refusing, lying, restarted, replaced or cloned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from pysnmp.proto import rfc1902

from collectors.codec.pdu import Request
from collectors.codec.values import COUNTER64, NO_SUCH_INSTANCE, REFUSED
from collectors.engine import Device, Engine, Errand, Polled, Values, instances
from collectors.engine.polled import Script
from collectors.errors import CollectorError
from collectors.security.v3 import V3Session
from collectors.snmp import Failure, Target
from collectors.snmp.reading import Columns, Instances, packets
from tests import leaping
from tests.unit.collectors.agents import Agent, agent, answer, asked, refusal, serving, silent
from tests.unit.collectors.proxy import corrupted, proxy
from tests.unit.collectors.snmpd import SHA256, Snmpd

BASE = (1, 3, 6, 1, 4, 1, 99999)
TABLE = {
    (*BASE, 1): rfc1902.OctetString("one"),
    (*BASE, 2): rfc1902.Counter64(2**40),
    (*BASE, 4): rfc1902.Integer32(-3),
}
UPTIME = {(1, 3, 6, 1, 2, 1, 1, 3, 0): rfc1902.TimeTicks(7)}
ASKED = packets(tuple((*BASE, n) for n in range(1, 5)))
SYSTEM = packets(((1, 3, 6, 1, 2, 1, 1, 5, 0), (1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0)))

Behaviour = Callable[[bytes], Iterable[bytes]]


async def poll(engine: Engine, *devices: Device, at: float = 0.0) -> dict[str, Polled[Values]]:
    told: dict[str, Polled[Values]] = {}
    errands = (Errand(device, instances(ASKED), at) for device in devices)
    await engine.poll(errands, lambda polled: told.__setitem__(polled.device.key, polled))
    return told


def leap(scenario: Any) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await scenario()

    return leaping.run(bounded())


def device(of: Agent, key: str = "r1", timeout_s: float = 2.0, retries: int = 1) -> Device:
    return Device(key, of.target(timeout_s, retries))


def rounds(behaviour: Behaviour, number: int, between: Callable[[Device], None] = lambda _: None) -> Any:
    """What so many rounds of one device tell, and how many datagrams had come after each."""

    async def scenario() -> Any:
        async with agent(behaviour) as one, Engine() as engine:
            found, heard, polled_device = [], [], device(one)
            for turn in range(number):
                if turn:
                    between(polled_device)
                found.append((await poll(engine, polled_device))["r1"].found)
                heard.append(len(one.heard))
            return found, heard

    return leap(scenario)


def test_values_come_flat_in_the_order_of_what_was_asked() -> None:
    (found,), _ = rounds(serving(TABLE), 1)
    assert (bytes(found.kinds), found.values) == (bytes((4, COUNTER64, NO_SUCH_INSTANCE, 2)), [b"one", 2**40, None, -3])
    assert found.failure is None


def test_the_dead_harm_no_other_and_next_time_cost_small_packets() -> None:
    async def scenario() -> Any:
        async with agent(silent) as dead, agent(serving(TABLE)) as living, Engine(in_flight=10) as engine:
            devices = [device(dead, f"dead{n}", retries=2) for n in range(40)]
            devices += [device(living, f"living{n}") for n in range(40)]
            before = len(list(Path("/proc/self/fd").iterdir()))
            first, tried = await poll(engine, *devices), len(dead.heard)
            after = len(list(Path("/proc/self/fd").iterdir()))
            second = await poll(engine, *devices)
            return first, second, tried, dead.heard[tried:], after - before

    first, second, tried, probes, descriptors = leap(scenario)
    for told in (first, second):
        assert {key for key, polled in told.items() if polled.found.failure is None} == {
            f"living{n}" for n in range(40)
        }
        assert {polled.found.failure for key, polled in told.items() if key[0] == "d"} == {Failure.TIMEOUT}
    assert (tried, len(probes), descriptors) == (120, 120, 0)
    assert all(asked(probe) == [(1, 3, 6, 1, 2, 1, 1, 3, 0)] for probe in probes)


def test_a_device_that_is_there_again_is_read_at_once() -> None:
    alive = False

    def behave(datagram: bytes) -> Iterable[bytes]:
        return [answer(datagram, TABLE | UPTIME)] if alive else []

    def revive(_: Device) -> None:
        nonlocal alive
        alive = True

    (down, back), heard = rounds(behave, 2, revive)
    assert (down.failure, back.failure, back.values[0]) == (Failure.TIMEOUT, None, b"one")
    assert heard == [2, 4]


def narrow(datagram: bytes) -> list[bytes]:
    return [answer(datagram, TABLE) if len(asked(datagram)) <= 2 else refusal(datagram, 1)]


def grudging(datagram: bytes) -> list[bytes]:
    """Has an error in place of its second object."""
    names = asked(datagram)
    if (*BASE, 2) not in names:
        return [answer(datagram, TABLE)]
    where = names.index((*BASE, 2)) + 1
    return [refusal(datagram, 5).replace(b"\x02\x01\x05\x02\x01\x00", bytes((2, 1, 5, 2, 1, where)), 1)]


@pytest.mark.parametrize(
    ("behaviour", "kinds", "first", "later"),
    [
        pytest.param(narrow, (4, COUNTER64, NO_SUCH_INSTANCE, 2), 3, 2, id="packets too big"),
        pytest.param(grudging, (4, REFUSED, NO_SUCH_INSTANCE, 2), 2, 1, id="an object refused"),
    ],
)
def test_what_a_device_refuses_is_learned_and_asked_again_when_it_has_changed(
    behaviour: Behaviour, kinds: tuple[int, ...], first: int, later: int
) -> None:
    turns = iter((False, True))
    found, heard = rounds(behaviour, 3, lambda one: one.changed() if next(turns) else None)
    assert [tuple(values.kinds) for values in found] == [kinds] * 3
    assert heard == [first, first + later, 2 * first + later]


def test_a_device_that_refuses_everything_fails_with_the_reason() -> None:
    (found,), _ = rounds(lambda datagram: [refusal(datagram, 5)], 1)
    assert (found.failure, found.detail, list(found.values)) == (Failure.REFUSED, "error-status 5", [])


@pytest.mark.parametrize("where", [0, 1])
def test_who_refuses_the_probe_is_there(where: int) -> None:
    alive = False

    def behave(datagram: bytes) -> Iterable[bytes]:
        if not alive:
            return []
        if asked(datagram) != list(UPTIME):
            return [answer(datagram, TABLE)]
        return [refusal(datagram, 16).replace(bytes((2, 1, 16, 2, 1, 0)), bytes((2, 1, 16, 2, 1, where)), 1)]

    def revive(_: Device) -> None:
        nonlocal alive
        alive = True

    (_, back), _ = rounds(behave, 2, revive)
    assert (back.failure, back.values[0]) == (None, b"one")


def test_a_device_that_refused_all_is_asked_and_not_taken_for_one_that_answered() -> None:
    def grudge(datagram: bytes) -> Iterable[bytes]:
        return [refusal(datagram, 5).replace(bytes((2, 1, 5, 2, 1, 0)), bytes((2, 1, 5, 2, 1, 1)), 1)]

    async def scenario() -> list[Failure | None]:
        async with agent(grudge) as one, Engine() as engine:
            mute = device(one)
            first = await engine.read(mute, instances(ASKED))
            one.behaviour = silent
            return [first.found.failure, (await engine.read(mute, instances(ASKED))).found.failure]

    assert leap(scenario) == [None, Failure.TIMEOUT]


def test_a_closed_engine_says_so() -> None:
    with pytest.raises(CollectorError, match="async with"):
        asyncio.run(Engine().read(Device("r1", Target("127.0.0.1", 161, SHA256)), instances(ASKED)))


def test_what_is_large_and_does_not_get_through_is_asked_in_smaller_packets() -> None:
    """A tunnel that drops large packets in silence: what is small is answered."""
    wanted = packets(tuple((*BASE, n) for n in range(1, 41)))
    table = {(*BASE, n): rfc1902.Integer32(n) for n in range(1, 41)} | UPTIME

    async def scenario() -> list[Failure | None]:
        def behave(datagram: bytes) -> Iterable[bytes]:
            return [answer(datagram, table)] if len(asked(datagram)) <= 12 else []

        async with agent(behave) as one, Engine() as engine:
            found: list[Values] = []
            tunnelled = device(one, timeout_s=0.5, retries=0)
            for _ in range(4):
                errand = Errand(tunnelled, instances(wanted))
                await engine.poll([errand], lambda polled: found.append(polled.found))
            assert list(found[-1].values) == list(range(1, 41))
            return [values.failure for values in found]

    assert leap(scenario) == [Failure.TIMEOUT, Failure.TIMEOUT, Failure.TIMEOUT, None]


def test_answers_from_elsewhere_to_others_or_too_late_are_counted_and_harm_nothing() -> None:
    async def scenario() -> Any:
        lie = {oid: rfc1902.OctetString("lie") for oid in TABLE}
        async with agent(silent) as one, agent(silent, "127.0.0.2") as other, Engine() as engine:

            def behave(datagram: bytes) -> Iterable[bytes]:
                other.transport.sendto(answer(datagram, lie), one.askers[-1])
                at = datagram.index(b"\x02\x04") + 2
                foreign = datagram[:at] + bytes((1, 2, 3, 4)) + datagram[at + 4 :]
                return [b"\xff", answer(foreign, lie), answer(datagram, TABLE), answer(datagram, lie)]

            one.behaviour = behave
            told = await poll(engine, device(one))
            while engine.traffic.received < 5:
                await asyncio.sleep(0.01)
            return told["r1"].found, engine.traffic

    found, traffic = leap(scenario)
    assert found.values[0] == b"one"
    assert (traffic.received, traffic.unmatched, traffic.unreadable) == (5, 3, 1)


def test_an_errand_is_not_begun_before_its_time() -> None:
    async def scenario() -> list[float]:
        loop = asyncio.get_running_loop()
        async with agent(serving(TABLE)) as one, Engine() as engine:
            began = loop.time()
            ended: list[float] = []
            errands = [Errand(device(one), instances(ASKED), began + later) for later in (0, 10, 10, 30)]
            await engine.poll(errands, lambda _: ended.append(loop.time() - began))
            return ended

    ended = leap(scenario)
    assert [round(moment, -1) for moment in ended] == [0, 10, 10, 30]


def test_an_error_of_who_is_told_is_his_when_all_others_were_heard() -> None:
    async def scenario() -> tuple[set[object], str]:
        heard: set[object] = set()

        def told(polled: Polled[Values]) -> None:
            heard.add(polled.device.key)
            if polled.device.key in ("r0", "r1"):
                raise ValueError(f"{polled.device.key} is odd")

        async with agent(silent) as dead, agent(serving(TABLE)) as alive, Engine() as engine:
            devices = [device(dead, f"r{number}", 0.5, 0) for number in (0, *range(2, 20))] + [device(alive, "r1")]
            with pytest.raises(ValueError, match="is odd") as odd:
                await engine.poll((Errand(one, instances(ASKED)) for one in devices), told)
            return heard, str(odd.value)

    heard, first = leap(scenario)
    assert (heard, first) == ({f"r{number}" for number in range(20)}, "r1 is odd")


def test_errands_that_cannot_be_told_end_their_round_when_its_polls_are_over() -> None:
    async def scenario(first: float) -> list[object]:
        heard: list[object] = []
        async with agent(serving(TABLE)) as one, Engine() as engine:
            now = asyncio.get_running_loop().time()

            def errands() -> Iterable[Errand]:
                yield Errand(device(one, "r1"), instances(ASKED))
                yield Errand(device(one, "r2"), instances(ASKED), now + first)
                raise LookupError("odd")

            with pytest.raises(LookupError, match="odd"):
                await engine.poll(errands(), lambda polled: heard.append(polled.device.key))
            await poll(engine, device(one, "r3"))  # another round is as good as ever
        return heard

    assert leap(lambda: scenario(0)) == leap(lambda: scenario(10)) == ["r1"]


def test_errands_that_are_reconsidered_are_asked_anew() -> None:
    """Who makes errands can bring one forward, or leave out the one that waits for its time."""

    async def scenario() -> list[str]:
        loop = asyncio.get_running_loop()
        async with agent(serving(TABLE)) as one, Engine() as engine:
            began = loop.time()
            times = {"first": 0.0, "far": 3000.0, "near": 20.0, "last": 30.0}

            def errands() -> Iterable[Errand]:
                for key, after in times.items():
                    yield Errand(device(one, key), instances(ASKED), began + after)

            ended: list[str] = []
            engine.reconsider()  # nothing is under way
            polling = asyncio.ensure_future(engine.poll(errands(), lambda polled: ended.append(polled.device.key)))
            await asyncio.sleep(10)
            engine.reconsider()
            await polling
            ended.append(f"{loop.time() - began:.0f}")
            return ended

    assert leap(scenario) == ["first", "near", "last", "30"]


def test_a_poll_that_takes_too_long_asks_nothing_more_and_says_so() -> None:
    """Each question is answered at the second try, after seconds: a hundred of them would take minutes."""

    async def scenario() -> tuple[Any, int]:
        seen: set[tuple[tuple[int, ...], ...]] = set()

        def slow(datagram: bytes) -> list[bytes]:
            names = tuple(asked(datagram))
            if names in seen:
                return [answer(datagram, TABLE)]
            seen.add(names)
            return []

        def script() -> Script[list[Any]]:
            told = []
            for number in range(100):
                told.append((yield Instances((Request.of(((*BASE, number),)),))))
            return told

        async with agent(slow) as one, Engine() as engine:
            polled = await engine.read(device(one, timeout_s=8.0), script())
            return polled.found, len(seen)

    told, questions = leap(scenario)
    assert told[0] is None
    assert 2 <= questions < 100
    assert all(problem is None for problem in told[:questions])
    left = {(problem.failure, problem.detail) for problem in told[questions:]}
    assert left == {(Failure.TIMEOUT, "its answers took more than 30 s together")}


def test_who_stops_a_round_drops_it_and_can_begin_another() -> None:
    async def scenario() -> tuple[int, int]:
        async with agent(silent) as dead, agent(serving(TABLE)) as living, Engine() as engine:
            running = asyncio.ensure_future(poll(engine, *(device(dead, f"{n}") for n in range(20))))
            while len(dead.heard) < 20:
                await asyncio.sleep(0.01)
            assert await poll(engine, device(living)), "another round, beside the first"
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            return len(await poll(engine, device(living))), engine.in_flight_limit

    assert leap(scenario)[0] == 1


def test_a_script_decides_what_is_read_next() -> None:
    column = (1, 3, 6, 1, 4, 1, 99998, 1)
    rows = {(*column, n): rfc1902.Integer32(n) for n in range(1, 12)}

    def script() -> Script[tuple[int, int]]:
        walk = Columns((column,), 4, 100)
        assert (yield walk) is None
        tight = Columns((column,), 4, 5)
        problem = yield tight
        assert problem is not None
        return len(walk.values), len(problem.detail)

    async def scenario() -> Any:
        async with agent(serving(rows)) as one, Engine() as engine:
            found: list[Any] = []
            await engine.poll([Errand(device(one), script())], lambda polled: found.append(polled.found))
            return found

    assert leap(scenario) == [(11, len("a table has more than 5 rows"))]


async def system(engine: Engine, *devices: Device) -> list[Polled[Values]]:
    told: list[Polled[Values]] = []
    await engine.poll((Errand(one, instances(SYSTEM)) for one in devices), told.append)
    return sorted(told, key=lambda polled: polled.device.key)


def boots_of(device: Device) -> int | None:
    """What is known of its SNMPv3 engine."""
    engine = device.session.engine if isinstance(device.session, V3Session) else None
    return None if engine is None else engine.boots


def test_cloned_engines_restarts_and_replacements_are_healed_in_the_same_round(new_snmpd: Callable[[], Snmpd]) -> None:
    """Two agents with one engine identifier and clocks of their own; then one restarts, then it is another."""
    first, second = new_snmpd(), new_snmpd()

    async def scenario() -> list[list[tuple[Any, ...]]]:
        devices = [Device(f"{n}", one.target(SHA256, 10.0, 1)) for n, one in enumerate((first, second))]
        seen = []
        async with Engine() as engine:
            for change in ("", "restart", "replace", ""):
                if change:
                    first.stop()
                if change == "replace":
                    first.forget()
                if change:
                    first.start(engine="another" if change == "replace" else "spokesman-test")
                told = await system(engine, *devices)
                seen.append([(one.found.failure, one.found.values[1], boots_of(one.device)) for one in told])
        return seen

    assert asyncio.run(scenario()) == [
        [(None, 1, 1), (None, 1, 1)],
        [(None, 2, 2), (None, 1, 1)],
        [(None, 1, 1), (None, 1, 1)],
        [(None, 1, 1), (None, 1, 1)],
    ]


def test_a_forged_code_is_refused_and_counted(snmpd: Snmpd) -> None:
    async def scenario() -> Any:
        async with proxy(snmpd, lambda message: [message]) as middle, Engine() as engine:
            one = Device("r1", Target(*middle.address, SHA256, 0.5, 0))
            patient = Device("r1", Target(*middle.address, SHA256, 20.0, 0))
            honest = await system(engine, patient)
            one.session = patient.session
            middle.change = corrupted
            return honest[0].found, (await system(engine, one))[0].found, engine.traffic.refused

    honest, forged, refused = asyncio.run(scenario())
    assert honest.values[0] == b"test-agent"
    assert (forged.failure, list(forged.values), refused) == (Failure.UNUSABLE, [], 1)
