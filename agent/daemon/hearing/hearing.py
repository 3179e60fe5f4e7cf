"""All ways by which routers tell something, behind one door for the daemon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from agent.daemon.hearing.syslog import SyslogWatch
from agent.daemon.hearing.traps import TrapWatch
from agent.daemon.hearing.urgent import Urgent
from agent.daemon.metrics import Heard
from agent.daemon.ports import Place, Senders, Speakers
from agent.events import Clock, Event
from agent.monitoring.sample import Sample
from agent.monitoring.told import Told


@dataclass(frozen=True, slots=True)
class Ports:
    """Where traps and syslog are received; None: nowhere."""

    traps: int | None
    syslog: int | None


class Hearing:
    """Hears routers while its ``async with`` block lasts, and those that were admitted alone.

    ``poll`` starts a poll of a router of that name, ``note`` keeps an event in the audit; neither may wait.
    """

    def __init__(self, place: Place, poll: Callable[[str], None], note: Callable[[Event], None], clock: Clock) -> None:
        self._urgent = Urgent(poll, note, clock)
        self._traps = TrapWatch(place, lambda router, what: self._urgent.told(router, "trap", what))
        self._syslog = SyslogWatch(place, lambda router, what: self._urgent.told(router, "syslog", what))
        self._doors = tuple(door for door in (self._traps.door, self._syslog.door) if door is not None)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Raises ConfigurationProblem where it cannot listen; does nothing where it is not to."""
        for door in self._doors:
            await door.open()
            self._stack.push_async_callback(door.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._urgent.close()
        await self._stack.aclose()

    @property
    def listens(self) -> bool:
        """Whether anything is to be heard."""
        return bool(self._doors)

    @property
    def ports(self) -> Ports:
        """Where it listens."""
        return Ports(*(None if one.door is None else one.door.port for one in (self._traps, self._syslog)))

    @property
    def heard(self) -> Heard:
        """Counts since the start."""
        return Heard(self._traps.counts, self._syslog.counts, self._urgent.polls if self._doors else None)

    def admit(self, senders: Senders, speakers: Speakers) -> None:
        """From now on only these are heard: by address, who may send traps and whose syslog is read."""
        self._traps.admit(senders)
        self._syslog.admit(speakers)
        self._urgent.keep({name for name, _ in (*senders.values(), *speakers.values())})

    def learn(self, sample: Sample) -> None:
        """A poll tells what traps are judged by."""
        self._traps.learn(sample)

    def recent(self, router: str) -> tuple[Told, ...]:
        """What a router has told of late, oldest first."""
        return self._urgent.recent(router)

    def ask(self, router: str) -> None:
        """Poll a router because what another one told depends on it."""
        self._urgent.ask(router)
