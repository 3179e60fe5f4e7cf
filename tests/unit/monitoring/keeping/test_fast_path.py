"""Whatever happens to a fleet: the fast path gives the alarms, incidents and states that whole samples give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from unittest import mock

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from agent.incidents import incident as life
from agent.monitoring import alarms
from agent.monitoring.ports import Book, Outcome
from agent.monitoring.sample import Answer, Greets, Sample
from agent.monitoring.told import Told
from agent.store.states import States, Turn
from tests.unit.monitoring.keeping.fleet import IPSEC, ROUTERS, START, TUNNEL, WAN, Doing, Kept, Router

pytestmark = pytest.mark.property


@dataclass
class World:
    """A fleet, and the two ways to keep what it answers."""

    doing: Doing = field(default_factory=Doing)
    routers: dict[str, Router] = field(default_factory=lambda: {name: Router(name) for name in ROUTERS})
    now: float = 0.0

    def __post_init__(self) -> None:
        self.slow, self.fast = Kept(self.doing), Kept(self.doing)
        self.waiting: list[Sample] = []

    def polls(self, rounds: int, cuts: list[int]) -> None:
        """Poll all routers in each of some rounds; ``cuts`` are the sizes of the batches."""
        for number in range(rounds):
            for place, name in enumerate(ROUTERS):
                self.now += 60 if place else 59.25
                self.poll(name)
                if len(self.waiting) > cuts[(number + place) % len(cuts)]:
                    self.keep()
        self.keep()

    def poll(self, name: str) -> None:
        self.waiting.append(self.routers[name].answer(START + timedelta(seconds=self.now)))

    def keep(self) -> None:
        """Let both keep what came."""
        self.slow.one_by_one(self.waiting)
        self.fast.fast(self.waiting)
        self.waiting = []


def _flips(name: str, item: str) -> Callable[[World, Router], None]:
    """An item leaves the set of that name, or enters it."""

    def flip(_world: World, router: Router) -> None:
        getattr(router, name).symmetric_difference_update({item})

    return flip


def _sets(**values: object) -> Callable[[World, Router], None]:
    def change(_world: World, router: Router) -> None:
        for name, value in values.items():
            setattr(router, name, value)

    return change


def _reboots(world: World, router: Router) -> None:
    router.booted, router.boots, router.mode = START + timedelta(seconds=world.now), router.boots + 1, Answer.ANSWERED
    router.config_changed = router.booted


def _jumps(_world: World, router: Router) -> None:
    router.booted += timedelta(hours=3)


def _reconfigured(world: World, router: Router) -> None:
    router.config_changed = START + timedelta(seconds=world.now)


def _ours(world: World, router: Router) -> None:
    world.doing.ours.add(router.name)
    _reconfigured(world, router)


def _works(world: World, router: Router) -> None:
    world.doing.at_work ^= {router.name}


def _in_service(world: World, router: Router) -> None:
    world.doing.not_in_service ^= {f"acme/{router.name}"}


def _tells(world: World, router: Router) -> None:
    told = (Told(START + timedelta(seconds=world.now), "trap", "a link is down"),)
    world.slow.told = world.fast.told = {router.name: told}


def _at_once(world: World, router: Router) -> None:
    """Polled out of its turn, and again in the same batch."""
    for after in (0.5, 1.0):
        world.now += after
        world.poll(router.name)


def _backup(failure: str | None) -> Callable[[World, Router], None]:
    def ended(world: World, router: Router) -> None:
        world.keep()
        for kept in (world.slow, world.fast):
            at = START + timedelta(seconds=world.now)
            kept.states.apply(alarms.backup(router.name, at, failure))

    return ended


def _customer(act: Callable[..., life.Incident]) -> Callable[[World, Router], None]:
    """What the customer says of an incident that is cleared."""

    def says(world: World, router: Router) -> None:
        world.keep()
        for kept in (world.slow, world.fast):
            for one in kept.incidents.incidents(closed=False):
                if one.subject == router.name and one.status is life.Status.CLEARED:
                    at = START + timedelta(seconds=world.now)
                    kept.incidents.change(one.reference, partial(act, at=at, who="jo", words="words"))

    return says


def _command(world: World, router: Router) -> None:
    """Somebody polls the router by a command, in another process."""
    world.keep()
    world.now += 1
    sample = router.answer(START + timedelta(seconds=world.now))
    for kept in (world.slow, world.fast):
        kept.keeper.note()
        kept.another().one_by_one((sample,))


def _restart(world: World, _router: Router) -> None:
    world.keep()
    world.fast.restart()


def _inventory(world: World, _router: Router) -> None:
    world.keep()
    world.slow.orders((WAN, TUNNEL, "Loopback0"))
    world.fast.orders((WAN, TUNNEL, "Loopback0"))


HAPPENS: dict[str, Callable[[World, Router], None]] = {
    "silent": _sets(mode=Answer.SILENT),
    "refuses": _sets(mode=Answer.UNUSABLE),
    "not asked": _sets(mode=Answer.NOT_ASKED),
    "answers": _sets(mode=Answer.ANSWERED),
    "reboots": _reboots,
    "jumps": _jumps,
    "wan": _flips("down", WAN),
    "tunnel": _flips("down", TUNNEL),
    "row": _flips("gone", TUNNEL),
    "ipsec": _flips("gone", IPSEC),
    "loses": _sets(lost=2),
    "loses nothing": _sets(lost=0),
    "slow": _sets(round_trip_ms=900.0),
    "quick": _sets(round_trip_ms=21.0),
    "loaded": _sets(loads=(99.0, 97.0)),
    "busy": _sets(loads=(99.0, 40.0)),
    "idle": _sets(loads=(3.0, 30.0)),
    "registered": _sets(registered=True),
    "not registered": _sets(registered=False),
    "warm": _sets(warm=True),
    "cold": _sets(warm=False),
    "hangs": _sets(greets=Greets.NO_BANNER),
    "greets": _sets(greets=Greets.GREETED),
    "another engine": _sets(engine="80000010"),
    "wrong type": _sets(faults=("ifOperStatus is of a wrong type",)),
    "right type": _sets(faults=()),
    "more requests": _sets(requests=7),
    "reconfigured": _reconfigured,
    "we reconfigure": _ours,
    "work": _works,
    "service": _in_service,
    "tells": _tells,
    "at once": _at_once,
    "backup fails": _backup("no space"),
    "backup good": _backup(None),
    "still broken": _customer(life.still_broken),
    "confirms": _customer(life.confirm),
    "command": _command,
    "restart": _restart,
    "inventory": _inventory,
}

ACTS = st.lists(
    st.tuples(st.sampled_from(sorted(HAPPENS)), st.sampled_from(ROUTERS), st.sampled_from((0, 1, 1, 2, 3, 6))),
    max_size=6,
)


@settings(max_examples=max(1, settings().max_examples // 4))  # each of them is a whole story
@given(ACTS, st.lists(st.integers(0, 7), min_size=1, max_size=4))
def test_the_fast_path_gives_what_whole_samples_give(acts: list[tuple[str, str, int]], cuts: list[int]) -> None:
    world = World()
    world.polls(5, cuts)
    for what, router, rounds in acts:
        HAPPENS[what](world, world.routers[router])
        world.polls(rounds, cuts)
    world.fast.keeper.note()
    assert world.fast.all_of_it() == world.slow.all_of_it()
    event(f"{world.fast.without // 10 * 10} or more polls were steady")
    assert world.fast.without > 0


class Picky(States):
    """Refuses to write more than one router at a time: every batch of polls to be decided is kept in parts."""

    @contextmanager
    def turn(self, since: int | None) -> Iterator[Turn]:
        """One that refuses."""
        with super().turn(since) as made:
            write = made.write

            def picky(book: Book, outcomes: Iterable[Outcome]) -> None:
                [one] = outcomes
                write(book, (one,))

            with mock.patch.object(made, "write", picky):
                yield made


@settings(max_examples=max(1, settings().max_examples // 16))  # in parts is slow
@given(ACTS, st.lists(st.integers(0, 7), min_size=1, max_size=4))
def test_a_batch_that_is_kept_in_parts_gives_the_same(acts: list[tuple[str, str, int]], cuts: list[int]) -> None:
    world = World()
    world.fast.states = Picky(world.fast.engine)
    world.fast.restart()
    world.polls(5, cuts)
    for what, router, rounds in acts:
        HAPPENS[what](world, world.routers[router])
        world.polls(rounds, cuts)
    world.fast.keeper.note()
    assert world.fast.all_of_it() == world.slow.all_of_it()
    assert world.fast.keeper.failing == 0
