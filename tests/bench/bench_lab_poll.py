"""A poll cycle of 200 lab devices, virtual routers in service: the daemon's own, and pysnmp's GET of the same objects.

Ours ends with the daemon's samples. pysnmp has at most 50 requests under way. The routers are one process of Python
that both wait for, so there is more to learn from processor time than from the clock. Silent routers are without power:
each is asked three times, two seconds each time, as the daemon does, and a cycle ends when the last is given up; all
living routers must have answered.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent.app.instruments import snmp_target
from agent.monitoring.sample import Answer, Sample
from agent.monitoring.snmp import RouterOrder, poll_order, snmp_poller
from collectors.questions import questions
from collectors.rows import discovery, find_rows, names
from collectors.snmp import Community, Oid, PollRequest, SnmpClient, Target, Value
from inventory import Inventory
from tests.bench.fleet import COMMUNITY, DEVICES, inventory_in, lab_of, secret
from tests.bench.harness import Row, UnequalWork, compare
from tests.bench.peers import Values, with_pysnmp
from tests.unit.collectors import objects

#: Every fifth router loses its power, no hub among them.
SILENT = slice(4, None, 5)

#: A cycle with silent routers takes long.
SILENT_ROUNDS = 3

#: ifOperStatus.
UP = 1

PEER = "pysnmp 7 v3arch"
V2C, V3 = "SNMPv2c", "SNMPv3 SHA-256/AES"


@dataclass(frozen=True, slots=True)
class Told:
    """What a router tells that stays the same from poll to poll."""

    engine_id: str | None
    boots: int | None
    memory_used_kb: float | None
    up: frozenset[str]


#: What a cycle did: what each router told that answered.
Done = dict[str, Told]


@contextmanager
def ours(inventory: Inventory, targets: Mapping[str, Target]) -> Iterator[Callable[[], Done]]:
    """One poller that lives through all cycles, as the daemon's does."""
    orders = [RouterOrder(poll_order(view, targets[view.router.name])) for view in inventory.sites()]
    manager = snmp_poller()
    with asyncio.Runner() as runner:
        poller = runner.run(manager.__aenter__())

        async def cycle() -> Done:
            heard = await asyncio.gather(*(poller.read(order) for order in orders))
            samples = [one.sample for one in heard if one.sample is not None]
            return {sample.router: _of_sample(sample) for sample in samples if sample.answer is Answer.ANSWERED}

        yield lambda: runner.run(cycle())
        runner.run(manager.__aexit__(None, None, None))


@contextmanager
def pysnmp(requests: Mapping[str, PollRequest]) -> Iterator[Callable[[], Done]]:
    """The same objects of the same routers."""
    with with_pysnmp(list(requests.values())) as cycle:
        yield lambda: {name: _of_values(values) for name, values in cycle().items()}


def _of_sample(sample: Sample) -> Told:
    up = frozenset(name for name, row in (sample.interfaces or {}).items() if row.oper_up)
    return Told(sample.engine_id, sample.engine_boots, sample.counters.get("memory_used_kb"), up)


def _of_values(values: Values) -> Told:
    up = frozenset(
        bytes(values[*objects.IF_DESCR, oid[-1]]).decode()
        for oid, value in values.items()
        if oid[:-1] == objects.IF_OPER_STATUS and int(value) == UP
    )
    memory = next(int(value) for oid, value in values.items() if oid[:-1] == objects.CPU_MEMORY_USED)
    return Told(bytes(values[objects.ENGINE_ID]).hex(), int(values[objects.ENGINE_BOOTS]), memory, up)


def polled_objects(inventory: Inventory, targets: Mapping[str, Target]) -> dict[str, tuple[Oid, ...]]:
    """What our poll reads of each router, by finding its rows as our poll does."""

    async def walk() -> dict[str, tuple[Oid, ...]]:
        found = {}
        async with SnmpClient() as client:
            for view in inventory.sites():
                order = poll_order(view, targets[view.router.name])
                known: dict[Oid, Value] = {}
                columns: list[Oid] = []
                for walk_of in discovery(order.modules):
                    known.update((await client.bulk(order.target, walk_of)).values)
                    columns += walk_of
                known.update((await client.get(order.target, names(order.modules, known))).values)
                rows = find_rows(order.modules, known, columns)
                asked = questions(tuple(one for one in order.modules if one.every == 1), rows, order.expected)
                found[order.device] = tuple(slot.oid for slot in asked.slots)
        return found

    return asyncio.run(walk())


def answered(living: int, cycle: Callable[[], Done]) -> Callable[[], Done]:
    """The cycle, which must hear every living router."""

    def checked() -> Done:
        done = cycle()
        if len(done) != living:
            raise UnequalWork(f"{len(done)} of {living} living routers answered")
        return done

    return checked


def rows(rounds: int) -> Iterator[Row]:
    """A row for each security model, and one with silent routers."""
    with tempfile.TemporaryDirectory() as folder:
        inventory = inventory_in(Path(folder))
        private = {view.router.name: snmp_target(inventory.settings, secret, view) for view in inventory.sites()}
        public = {name: replace(target, credentials=Community(COMMUNITY)) for name, target in private.items()}
        with lab_of(inventory, Path(folder) / "lab") as lab:
            wanted = polled_objects(inventory, private)

            def row(name: str, targets: Mapping[str, Target], living: int, times: int) -> Row:
                requests = {router: PollRequest(router, target, wanted[router]) for router, target in targets.items()}
                with ours(inventory, targets) as own, pysnmp(requests) as theirs:
                    return compare(name, answered(living, own), answered(living, theirs), times, PEER)

            cycle = f"poll cycle of {DEVICES} lab devices"
            yield row(f"{cycle}, {V2C}", public, DEVICES, rounds)
            yield row(f"{cycle}, {V3}", private, DEVICES, rounds)
            silent = list(private)[SILENT]
            for name in silent:
                lab.break_(name, "power")
            living = DEVICES - len(silent)
            yield row(f"{cycle}, {len(silent)} silent, {V3}", private, living, min(rounds, SILENT_ROUNDS))
