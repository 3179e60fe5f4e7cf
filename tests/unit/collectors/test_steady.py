"""What is called steady says what the poll before said, and what is read in full is what memory of whole readings would
make of it: whatever happens to a device, in whatever order."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.monitoring.sample import Sample
from agent.monitoring.snmp import neutral
from collectors.answers import columns, reading
from collectors.codec.values import REFUSED
from collectors.engine.learned import Learned
from collectors.polling import Polled, PollOrder, full
from collectors.polling.asking import LOOK_AGAIN
from collectors.polling.known import mark
from collectors.polling.plan import due
from collectors.polling.poller import CALM_POLLS, CALM_S
from collectors.questions import questions
from collectors.reading import Reading
from collectors.record import unpack
from collectors.snmp import Answer, Counter64, Failure, Gauge32, Oid, TimeTicks, Value
from tests.unit.collectors import objects
from tests.unit.collectors.agents import ROUTER_COLUMNS
from tests.unit.collectors.collected import TARGET, below
from tests.unit.collectors.offline import Offline, poller_of, rounds
from tests.unit.collectors.spoke import (
    CISCO,
    ENGINE_TIME,
    EXPECTED,
    HSRP,
    MODULES,
    PEER,
    SENSOR,
    moved_on,
    spoke,
    tunnel,
)

pytestmark = pytest.mark.property

PERIOD_S = 300
LIMIT: Oid = (*CISCO, 91, 1, 2, 1, 1, 4, 1001, 1)
SERIAL: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11, 1)
#: Of the path that nhrp_cache tells.
NEXT_HOP: Oid = (1, 3, 6, 1, 2, 1, 71, 1, 1, 2, 1, 5, 1, 1)
ORDER = PollOrder("r1", TARGET, MODULES, EXPECTED)
#: In whose packet there is room for what is walked elsewhere.
NARROW = PollOrder(
    "r1", TARGET, tuple(one for one in MODULES if one.name in ("system", "interfaces", "ipsec")), EXPECTED
)


@dataclass
class Story:
    """A device, its poller, what was told of each poll, and the last key."""

    order: PollOrder = ORDER
    offline: Offline = field(default_factory=lambda: Offline(spoke()))
    told: list[Polled] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    key: bytes | None = None
    whole: Reading = field(default_factory=Reading)

    def __post_init__(self) -> None:
        self.poller = poller_of(self.offline)

    def poll(self) -> Polled:
        """A period passes, and the device is polled."""
        self.offline.at += PERIOD_S
        moved_on(self.offline.values, PERIOD_S)
        (one,) = rounds(self.poller, self.order)
        self.told.append(one)
        self.samples.append(neutral(full(one)))
        if one.failure is None:
            self._as_it_was_made_before(one)
            self._kept(one)
        return one

    def _as_it_was_made_before(self, one: Polled) -> None:
        """The reading is that of all that was asked together, with what holds of the whole reading before."""
        assert one.brought is not None
        brought = one.brought[1]
        if self.offline.deaf:
            self.whole = full(one).reading or Reading()
            return
        spread = zlib.crc32(b"r1")
        asked = tuple(module for module in self.order.modules if due(module.every, brought.turn, spread))
        slots = (found := questions(asked, brought.plan.rows, EXPECTED)).slots
        flat = [self.offline.flat(slot.oid) for slot in slots]
        walks = {table.name: Answer(TARGET, below(self.offline.values, columns(table))) for _, table in found.walks}
        now = reading(found, [kind for kind, _ in flat], [value for _, value in flat], walks)
        others = [module for module in self.order.modules if module not in asked]
        holding = {table.name for module in others for table in module.tables if table.keeps}
        tables = {name: rows for name, rows in self.whole.tables.items() if name in holding} | dict(now.tables)
        carried = {module.name for module in others}
        problems = {*now.problems, *(one for one in self.whole.problems if one.module in carried)}
        told = full(one).reading
        assert told is not None
        assert (told.scalars, told.tables, told.figures) == (now.scalars, tables, now.figures)
        assert told.missing == now.missing
        assert (set(told.problems), told.moved) == (problems, now.moved)
        self.whole = told

    def _kept(self, one: Polled) -> None:
        """The record holds what the device told, but for what cannot be used."""
        assert one.record is not None
        kinds, values = unpack(one.record.data, None if one.record.whole else self.key)
        self.key = one.record.data if one.record.whole else self.key
        assert len(values) == len(one.record.layout.columns)
        assert one.brought is not None
        slots = one.brought[1].plan.groups[0][1].slots
        flat = [self.offline.flat(slot.oid) for slot in slots]
        unsound = self.samples[-1].faults or any((full(one).reading or Reading()).missing.values())
        for kind, value, (told, there) in zip(kinds, values, flat, strict=False):
            assert (kind, value) == (told, there) or (value is None and (told == REFUSED or unsound))
        assert len(values) == len(slots), "rows that come and go, as peers do, would make a layout for each set"

    def calm(self, polls: int = CALM_POLLS + 2) -> None:
        for _ in range(polls):
            self.poll()


def put(oid: Oid, *values: Value) -> Callable[[Story], None]:
    """The next of ``values`` is what the object holds; the first one again after the last."""

    def change(story: Story) -> None:
        held = story.offline.values
        at = values.index(held[oid]) + 1 if oid in held and held[oid] in values else 0
        held[oid] = values[at % len(values)]

    return change


def without(oid: Oid) -> Callable[[Story], None]:
    def change(story: Story) -> None:
        story.offline.values.pop(oid, None)

    return change


def rekeyed(story: Story) -> None:
    """The tunnels have other indexes, and the same peers."""
    held = story.offline.values
    for oid in [oid for oid in held if oid[: len(objects.IPSEC_REMOTE) - 1] == objects.IPSEC_REMOTE[:-1]]:
        held[(*oid[:-1], oid[-1] + 2)] = held.pop(oid)


def moved(story: Story) -> None:
    """Tunnel10 has another index."""
    held = story.offline.values
    for column in (*ROUTER_COLUMNS.values(), *((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, one) for one in (15, 18))):
        if (*column, 20) in held:
            held[*column, 21] = held.pop((*column, 20))


def rebooted(story: Story) -> None:
    held = story.offline.values
    held[objects.SYS_UPTIME], held[ENGINE_TIME] = TimeTicks(1000), 5
    held[objects.ENGINE_BOOTS] = 8


def torn(story: Story) -> None:
    """A tunnel goes, and its rows with it."""
    for oid in tunnel(32, 11):
        story.offline.values.pop(oid, None)


def toggled(name: str, one: object, other: object) -> Callable[[Story], None]:
    def change(story: Story) -> None:
        now = getattr(story.offline, name)
        setattr(story.offline, name, other if now == one else one)

    return change


#: What can happen between two polls that makes the next one no steady one, each by itself.
UNSTEADY: dict[str, Callable[[Story], None]] = {
    "an interface goes down": put((*ROUTER_COLUMNS["oper"], 20), 2, 1),
    "an interface is shut": put((*ROUTER_COLUMNS["admin"], 1), 2, 1),
    "an interface changed and came back": put((*ROUTER_COLUMNS["changed"], 1), TimeTicks(9), TimeTicks(8)),
    "counters count anew": put((*ROUTER_COLUMNS["discontinuity"], 1), TimeTicks(9), TimeTicks(8)),
    "a row moves": moved,
    "a row's name is another": put((*ROUTER_COLUMNS["descr"], 2), b"Vlan11", b"Vlan10"),
    "an object is gone": without((*ROUTER_COLUMNS["oper"], 1)),
    "a wrong type": put((*ROUTER_COLUMNS["in"], 1), Gauge32(5)),
    "a load out of range": put((*CISCO, 109, 1, 1, 1, 1, 7, 1), Gauge32(101)),
    "no load": without((*CISCO, 109, 1, 1, 1, 1, 8, 1)),
    "an interface more": put(objects.IF_NUMBER, 4, 3),
    "the configuration changed": put((*CISCO, 43, 1, 1, 1, 0), TimeTicks(70_000), TimeTicks(80_000)),
    "rebooted": rebooted,
    "uptime jumps ahead": lambda story: moved_on(story.offline.values, 60),
    "the engine restarted": put(ENGINE_TIME, 3),
    "another engine": put(objects.ENGINE_ID, b"\x80\x00\x00\x09\x05"),
    "our clock is set": lambda story: setattr(story.offline, "at", story.offline.at + 3600),
    "another standby state": put(HSRP, 6, 5),
    "the hub is not in use": put((1, 3, 6, 1, 2, 1, 71, 1, 2, 3, 1, 7, 1, 1), 2, 1),
    "a probe fails": put((*CISCO, 42, 1, 2, 10, 1, 2, 11), 4, 1),
    "a sensor over its limit": put(SENSOR, 71, 40),
    "a peer is gone": torn,
    "a peer more": lambda story: story.offline.values.update(tunnel(40, 99)),
    "a peer is no address": put((*objects.IPSEC_REMOTE, 31), b"none", bytes([198, 51, 100, 10])),
    "silent": toggled("silent", True, False),
    "lost": toggled("lost", 1, 0),
    "refused": toggled("refused", {(*ROUTER_COLUMNS["in"], 1)}, set()),
    "deaf": toggled("deaf", {objects.IPSEC_REMOTE}, set()),
}
#: What decides nothing.
NOTHING: dict[str, Callable[[Story], None]] = {
    "a tunnel is keyed anew": rekeyed,
    "a sensor within its limit": put(SENSOR, 69, 31, -5),
    "a probe takes longer": put((*CISCO, 42, 1, 2, 10, 1, 1, 11), Gauge32(900), Gauge32(3)),
    "the clock's source is another": put((*CISCO, 168, 1, 1, 2, 0), 4, 3),
    "another path is learned": put(NEXT_HOP, bytes([10, 255, 0, 8]), bytes([10, 255, 0, 9])),
}


def fixed(sample: Sample) -> Sample:
    """What of a sample must be the same where nothing is told: all but what Heard names."""
    words = {
        kind: {key: replace(item, text="") for key, item in items.items()} for kind, items in sample.conditions.items()
    }
    still = replace(sample, at=sample.at.min, uptime_s=None, engine_time_s=None, round_trip_ms=None)
    return replace(still, requests=0, lost=0, counters={}, conditions=words)


def walks(story: Story) -> bool:
    """Whether the last poll walked the table of tunnels."""
    return objects.IPSEC_REMOTE in story.offline.asked


def check(story: Story) -> None:
    """All polls of the story so far: what was steady said what was said before, in due time."""
    settled_at, settled = 0.0, -1
    before: Sample | None = None
    for number, one in enumerate(story.told):
        now = story.samples[number]
        if one.failure is None and one.reading is None:
            assert before is not None
            assert fixed(now) == fixed(before)
            assert not one.lost
            assert not before.faults
            assert one.uptime_s is not None
            assert one.uptime_s > (story.told[number - 1].uptime_s or 0)
            assert number - settled > CALM_POLLS
            assert one.at - settled_at >= CALM_S
        elif one.failure is not None or before is None or fixed(now) != fixed(before) or one.lost:
            settled, settled_at = number, one.at
        before = now if one.failure is None else before
        loads = [story.samples[number].counters.get(f"cpu_{minutes}_min_percent") for minutes in (1, 5)]
        assert one.cpu_percent == min((load for load in loads if load is not None), default=None)
        assert one.uptime_s == story.samples[number].uptime_s


@pytest.mark.parametrize("what", UNSTEADY)
def test_what_decides_is_never_steady(what: str) -> None:
    story = Story()
    story.calm()
    assert story.poll().reading is None, "nothing happens"
    UNSTEADY[what](story)
    one = story.poll()
    assert one.failure is not None or one.reading is not None
    for _ in range(CALM_POLLS):
        assert (again := story.poll()).failure is not None or again.reading is not None
    check(story)
    lasting = story.samples[-1].faults or one.failure is not None or what in ("refused", "deaf", "lost")
    gone = any((full(story.told[-1]).reading or Reading()).missing.values())
    last = story.poll()
    steady = last.reading is None and last.failure is None
    assert steady == (not lasting and not gone and what != "a sensor over its limit")


@pytest.mark.parametrize(("oid", "value"), [(LIMIT, 60), (LIMIT, Gauge32(1)), (SERIAL, 7)])
def test_what_is_asked_now_and_then_is_heard_when_it_is_asked(oid: Oid, value: Value) -> None:
    """What holds until it is asked again, and whatever is wrong."""
    story = Story()
    story.calm(20)
    assert all(one.reading is None for one in story.told[-8:])
    story.offline.values[oid] = value
    story.calm(15)
    assert any(one.reading is not None for one in story.told[-15:])
    check(story)


@pytest.mark.parametrize("what", NOTHING)
def test_what_decides_nothing_is_steady(what: str) -> None:
    story = Story()
    story.calm(40)
    for _ in range(20):
        NOTHING[what](story)
        assert story.poll().reading is None
    check(story)
    assert story.told[-1].record is not None


def test_who_is_attended_is_read_in_full_once() -> None:
    story = Story()
    story.calm()
    story.poller.attend("r1")
    assert story.poll().reading is not None
    assert story.poll().reading is None
    story.poller.forget("r1")
    assert story.poll().reading is not None


def test_polls_in_quick_succession_do_not_make_calm() -> None:
    story = Story()
    for _ in range(CALM_POLLS * 4):
        story.offline.at += 10
        moved_on(story.offline.values, 10)
        (one,) = rounds(story.poller, ORDER)
        assert one.reading is not None


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*UNSTEADY, *NOTHING]), st.integers(0, 12)), max_size=6))
def test_any_story_is_told_alike(events: list[tuple[str, int]]) -> None:
    story = Story()
    story.calm()
    for what, polls in events:
        (UNSTEADY | NOTHING)[what](story)
        story.calm(polls + 1)
    check(story)


def test_counters_of_two_tunnels_of_a_peer_add_up_to_one_that_wraps_as_they_do() -> None:
    offline = Offline(spoke(5_000_000))
    for number in (31, 32):
        offline.values |= tunnel(number, 10)
        offline.values[(*PEER[:-1], 27, number)] = Counter64(2**64 - 1)
    poller = poller_of(offline)
    for _ in range(3):
        offline.at += 240
        (polled,) = rounds(poller, PollOrder("r1", TARGET, MODULES, EXPECTED))
        assert polled.failure is None
        found = full(polled).reading
        assert found is not None
        sums = [row.get("in_octets") for row in found.tables["ipsec"].values()]
        assert 2**64 - 2 in sums


def test_an_error_of_ours_is_an_answer_that_cannot_be_used() -> None:
    poller = poller_of(Offline(spoke(5_000_000)))
    with mock.patch("collectors.polling.poller.recorded", side_effect=OverflowError("odd")):
        (polled,) = rounds(poller, PollOrder("r1", TARGET, MODULES, EXPECTED))
    assert (polled.failure, polled.detail) == (Failure.UNUSABLE, "the poll failed: odd")


def test_what_is_remembered_by_a_mark_differs_where_hashes_do_not() -> None:
    assert mark((-1, "x")) != mark((-2, "x"))


#: What happens to a router whose tunnels are asked for where they were, and what is another state of it then.
ON_A_TRAIL = {
    "an interface goes down", "a row moves", "a wrong type", "rebooted", "uptime jumps ahead", "our clock is set",
    "a peer is gone", "a peer is no address", "silent", "lost", "refused",
}  # fmt: skip

#: What is a row more where its tunnel has another index: those are found later.
MORE = "a peer is no address"


def test_rows_of_a_walk_are_asked_for_where_they_were() -> None:
    """In the packet of all the others; now and then they are walked, as when somebody looks."""
    story = Story(NARROW)
    walked = []
    for _ in range(60):
        one = story.poll()
        walked.append(walks(story))
        assert {*(full(one).reading or Reading()).tables["ipsec"]} == {"198.51.100.10", "198.51.100.11"}
    assert all(walked[:3])
    assert 3 <= sum(walked[4:]) <= 4
    story.poller.attend("r1")
    assert story.poll().reading is not None
    assert walks(story)
    check(story)


@pytest.mark.parametrize("what", sorted(ON_A_TRAIL))
def test_what_decides_is_never_steady_on_a_trail(what: str) -> None:
    story = Story(NARROW)
    story.calm(13)
    assert story.poll().reading is None
    assert not walks(story)
    UNSTEADY[what](story)
    one = story.poll()
    assert one.failure is not None or one.reading is not None
    story.calm(20)
    check(story)


def test_a_peer_more_is_found_when_tunnels_are_walked_again() -> None:
    story = Story(NARROW)
    story.calm(20)
    story.offline.values.update(tunnel(40, 99))
    for _ in range(LOOK_AGAIN):
        (one,) = rounds(story.poller, NARROW)
    assert "198.51.100.99" in (full(one).reading or Reading()).tables["ipsec"]


def test_tunnels_that_are_keyed_anew_are_walked_once() -> None:
    story = Story(NARROW)
    story.calm(16)
    rekeyed(story)
    assert [(story.poll().reading, walks(story)) for _ in range(3)] == [(None, True), (None, False), (None, False)]
    check(story)


def test_a_device_that_is_silent_on_a_trail_is_walked_for_a_day() -> None:
    """The packet may be too large for its way, which nobody can tell from silence."""
    story = Story(NARROW)
    story.calm(16)
    story.offline.silent = True
    assert story.poll().failure is not None
    story.offline.silent = False
    for _ in range(CALM_POLLS * 4):
        story.poll()
        assert walks(story)


def test_a_device_that_cannot_bear_much_is_walked() -> None:
    story = Story(NARROW)
    story.calm(16)
    story.poller._known["r1"].device.learned = Learned()
    story.poll()
    assert walks(story)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*sorted(ON_A_TRAIL - {MORE}), *NOTHING]), st.integers(0, 12)), max_size=6))
def test_any_story_on_a_trail_is_told_alike(events: list[tuple[str, int]]) -> None:
    story = Story(NARROW)
    story.calm()
    for what, polls in events:
        (UNSTEADY | NOTHING)[what](story)
        story.calm(polls + 1)
    check(story)
