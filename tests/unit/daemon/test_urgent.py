"""How often what a router tells starts a poll, and what of it people find: in time that leaps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from agent.daemon.hearing.urgent import (
    AT_ONCE,
    EVENT_EVERY_S,
    EVENTS,
    FLEET_AT_ONCE,
    FLEET_PER_SECOND,
    GAP_S,
    MOST_RECENT,
    Urgent,
)
from agent.events import Event, Result
from tests import leaping

START = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


class Heard:
    """An ``Urgent``, and what it started and kept, at seconds after the start."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()
        self.polls: list[tuple[float, str]] = []
        self.events: list[Event] = []
        self.urgent = Urgent(lambda router: self.polls.append((self.after(), router)), self.events.append, self.clock)

    def after(self) -> float:
        return round(asyncio.get_running_loop().time() - self._began, 1)

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.after())

    def tells(self, what: str = "link eth0 down", router: str = "r1") -> None:
        self.urgent.told(router, "syslog", what)


def play(story: Callable[[Heard], Awaitable[None]]) -> None:
    async def run() -> None:
        heard = Heard()
        await story(heard)
        heard.urgent.close()

    leaping.run(run())


def test_a_storm_is_few_polls_and_others_are_not_kept_waiting() -> None:
    async def story(heard: Heard) -> None:
        for _ in range(500):
            heard.tells()
        heard.tells(router="r2")
        assert [name for _, name in heard.polls] == ["r1", "r2"]
        await asyncio.sleep(60)
        assert [name for _, name in heard.polls].count("r1") == 2

    play(story)


def test_a_router_that_never_stops_is_polled_every_three_seconds() -> None:
    async def story(heard: Heard) -> None:
        for _ in range(40):
            heard.tells()
            await asyncio.sleep(0.75)
        at = [moment for moment, _ in heard.polls]
        assert at[1] - at[0] >= GAP_S
        assert AT_ONCE + 8 <= len(at) <= AT_ONCE + 11

    play(story)


def test_after_a_while_the_next_message_is_looked_at_at_once() -> None:
    async def story(heard: Heard) -> None:
        for number in range(1, 6):
            heard.tells()
            assert len(heard.polls) == number
            await asyncio.sleep(4)

    play(story)


def test_events_are_few_and_say_what_was_left_out() -> None:
    async def story(heard: Heard) -> None:
        for number in range(EVENTS + 4):
            heard.tells(f"link eth{number} down")
            await asyncio.sleep(4)
        assert len(heard.polls) == EVENTS + 4
        assert [event.why for event in heard.events] == [f"link eth{number} down (syslog)" for number in range(EVENTS)]
        assert heard.events[0] == Event(
            START, "spokesman", "poll", "r1", "link eth0 down (syslog)", Result.DONE, "polled out of its turn"
        )
        await asyncio.sleep(EVENT_EVERY_S)
        heard.tells("link eth99 down")
        assert heard.events[-1].why == "link eth99 down (syslog) and 4 more messages"

    play(story)


def test_what_was_told_of_late_is_remembered_for_a_minute_and_never_much_of_it() -> None:
    async def story(heard: Heard) -> None:
        for number in range(50):
            heard.tells(f"link eth{number} down")
        assert [one.what for one in heard.urgent.recent("r1")][-1] == "link eth49 down"
        assert len(heard.urgent.recent("r1")) == MOST_RECENT
        await asyncio.sleep(61)
        assert heard.urgent.recent("r1") == ()
        assert heard.urgent.recent("nobody") == ()

    play(story)


def test_where_all_tell_at_once_each_has_its_turn_and_polls_are_spread() -> None:
    fleet = FLEET_AT_ONCE + int(FLEET_PER_SECOND)

    async def story(heard: Heard) -> None:
        began = asyncio.get_running_loop().time()
        for number in range(fleet):
            heard.tells(router=f"r{number}")
        for number in range(fleet):
            heard.tells("link eth1 down", router=f"r{number}")
        took = asyncio.get_running_loop().time() - began
        assert FLEET_AT_ONCE <= len(heard.polls) <= FLEET_AT_ONCE + FLEET_PER_SECOND * took + 1
        await asyncio.sleep(1.5)
        assert [name for _, name in heard.polls][:fleet] == [f"r{number}" for number in range(fleet)]
        heard.urgent.keep({"r1"})
        started = heard.urgent.polls
        await asyncio.sleep(30)
        assert heard.urgent.polls <= started + 1, "who left is not polled"

    play(story)


def test_a_router_that_left_is_forgotten_with_the_poll_that_waits() -> None:
    async def story(heard: Heard) -> None:
        for _ in range(2):
            heard.tells()
            heard.tells(router="r2")
        heard.urgent.keep({"r2"})
        await asyncio.sleep(5)
        assert [name for _, name in heard.polls] == ["r1", "r2", "r2"]
        assert heard.urgent.polls == 3

    play(story)
