"""Keeps batches of polls: those that are as before in memory, the others decided and written in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from agent.errors import ConfigurationProblem
from agent.monitoring import states
from agent.monitoring.alarms import Alarm, AlarmKey
from agent.monitoring.heard import Heard
from agent.monitoring.keeping.doings import DoingsOf
from agent.monitoring.keeping.parting import in_parts, reason
from agent.monitoring.keeping.steady import Steady, settled
from agent.monitoring.keeping.supposed import supposed
from agent.monitoring.ports import Book, Known, Outcome, Seen, Turn, WatchStore, Work
from agent.monitoring.quality import USUAL_LIMITS
from agent.monitoring.sample import Answer
from agent.monitoring.states import Reach, RouterState
from agent.monitoring.told import Told
from agent.monitoring.watch import Subject, outcome
from inventory.settings import Thresholds

log = logging.getLogger(__name__)

NOTHING: Mapping[str, tuple[Told, ...]] = {}
#: Polls that were taken in memory are noted in the store this many seconds after they began, at the latest where polls
#: go on; where the process is killed before, these routers are taken for polled a turn earlier, and polled earlier.
NOTE_AFTER_S = 2.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What is watched, and what counts as down, lossy, slow and loaded; from one inventory."""

    subjects: Mapping[str, Subject]
    confirm_down_after: int
    limits: Thresholds = USUAL_LIMITS


class Kept(NamedTuple):
    """What a batch led to: an outcome for each poll, and the routers that the next polls must tell all of.

    None is the outcome of a poll that found all as before, of a router that has left the inventory, and of a poll that
    could not be decided on or written, as nothing is known to have changed: of these ``lost`` has the router and why.
    """

    outcomes: tuple[Outcome | None, ...]
    attend: tuple[str, ...]
    lost: Mapping[str, str]


@dataclass(slots=True)
class _Part:
    """Polls of as many routers on their way: where each stands, those to be decided, and what came of these."""

    places: dict[str, int] = field(default_factory=dict)
    loud: list[tuple[Heard, Subject]] = field(default_factory=list)
    decided: dict[str, Outcome] = field(default_factory=dict)
    settled: dict[str, Steady] = field(default_factory=dict)

    def only(self, loud: Sequence[tuple[Heard, Subject]]) -> _Part:
        """The same polls where of those to be decided only ``loud`` are: the others came before, or come later."""
        others = {heard.router for heard, _ in self.loud} - {heard.router for heard, _ in loud}
        return _Part({name: place for name, place in self.places.items() if name not in others}, list(loud))


#: Decides on the loud polls of a part and writes what comes of it, within a turn.
Decide = Callable[[_Part, Turn], None]


class Keeper:
    """The use case; not for two threads at a time.

    What is settled is carried on in memory, and noted soon. Whoever else writes of a router (a command, a backup that
    ended) makes it unsettled here: what he wrote is read before anything is decided on it.
    """

    def __init__(self, store: WatchStore, work: Work) -> None:
        self._store, self._work = store, work
        self._steady: dict[str, Steady] = {}
        self._seen: int | None = None
        self._subjects: Mapping[str, Subject] = {}
        self._unnoted: set[str] = set()
        self._noted_at = 0.0
        #: By router why its last poll could not be kept.
        self._failing: dict[str, str] = {}

    @property
    def failing(self) -> int:
        """Of how many routers the last poll could not be kept while others could."""
        return len(self._failing)

    def keep(self, batch: Sequence[Heard], terms: Terms, told: Mapping[str, tuple[Told, ...]] = NOTHING) -> Kept:
        """Decide on a batch, in its order; what is not as before is on the disk when this returns.

        ``told`` is what routers told of late by themselves. A poll that cannot be decided on or written is left out and
        told in the log; its router stays as it was, and its next poll is decided on.

        Raises:
            ConfigurationProblem: the database cannot be used; what was not written yet is lost. The next poll of each
                router that told something is decided on; whoever brought the batch attends them.
        """
        if terms.subjects is not self._subjects:
            self._watch(terms.subjects)
        outcomes: list[Outcome | None] = []
        attend: list[str] = []
        try:
            for polls in _apart(batch):
                part = self._part(polls, terms)
                newest = polls[-1].at
                due = bool(self._unnoted) and abs(newest - self._noted_at) >= NOTE_AFTER_S
                if part.loud or due:
                    self._settle(part, partial(self._decide, terms, told), note=due)
                    self._noted_at = newest if due else self._noted_at
                outcomes += [part.decided.get(heard.router) for heard in polls] if part.decided else [None] * len(polls)
                attend += (one.router for one, _ in part.loud if _answered(one) and one.router not in part.settled)
        except BaseException:
            # The poller takes for told what it handed on: what was lost here, its next polls call as before.
            self._doubt(heard.router for heard in batch[len(outcomes) :] if heard.tells)
            raise
        lost = {one.router: why for one in batch if (why := self._failing.get(one.router))} if self._failing else {}
        return Kept(tuple(outcomes), tuple(attend), lost)

    def note(self) -> None:
        """Keep now how far routers were carried on in memory."""
        if self._unnoted:
            self._settle(_Part(), _nothing, note=True)

    def _part(self, polls: Sequence[Heard], terms: Terms) -> _Part:
        """Carry on whom nothing is to be decided of; the others are left to a turn."""
        self._seen, others = self._store.revised(self._seen)
        self._doubt(others)
        part, steady, unnoted, limits = _Part(), self._steady, self._unnoted, terms.limits
        for heard in polls:
            name = heard.router
            try:
                if (one := steady.get(name)) is not None and one.takes(heard, limits):
                    unnoted.add(name)
                    continue
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one poll costs no other
                self._fail(name, error)
            if name in terms.subjects:
                part.loud.append((heard, terms.subjects[name]))
        if part.loud:
            part.places = {heard.router: place for place, heard in enumerate(polls)}
        return part

    def _settle(self, part: _Part, decide: Decide, *, note: bool) -> None:
        """Decide, write and note at once; where one of them spoils it, for as many at a time as can be."""
        try:
            self._turn(partial(decide, part), self._unnoted if note else ())
        except ConfigurationProblem:
            raise
        except Exception:  # noqa: BLE001 - whose poll or note it is, is found out
            self._turn(partial(_nothing, part), ())  # fails again where it is nobody's
            self._settle_in_parts(part, decide, self._unnoted if note else ())
        else:
            self._remember(part)

    def _settle_in_parts(self, part: _Part, decide: Decide, notes: Collection[str]) -> None:
        part.decided.clear()
        part.settled.clear()

        def some(loud: Sequence[tuple[Heard, Subject]]) -> None:
            piece = part.only(loud)
            self._turn(partial(decide, piece), ())
            self._remember(piece)
            part.decided.update(piece.decided)
            part.settled.update(piece.settled)

        for (heard, _), error in in_parts(part.loud, some):
            self._fail(heard.router, error)
        for name, error in in_parts(tuple(notes), partial(self._turn, partial(_nothing, part))):
            self._unnoted.discard(name)
            self._fail(name, error)

    def _turn(self, decide: Callable[[Turn], None], notes: Collection[str]) -> None:
        """Decide and write, and note how far these were carried on; where it fails nothing has happened."""
        with self._store.turn(self._seen) as turn:
            self._doubt(turn.revised.routers)
            decide(turn)
            if notes:
                turn.note(self._steady[name].note() for name in notes)
        self._seen = turn.revised.revision
        self._unnoted.difference_update(notes)

    def _fail(self, router: str, error: Exception) -> None:
        """Tell once why polls of a router cannot be kept, and let its next one be decided on."""
        why = reason(error)
        if self._failing.get(router, "").split(":")[0] != why.split(":")[0]:
            log.error("what %s answers cannot be kept, it stays as it was: %s", router, why)
        self._failing[router] = why
        self._doubt((router,))

    def _remember(self, part: _Part) -> None:
        """Of those that were decided on, carry on the settled ones."""
        for heard, _ in part.loud:
            self._steady.pop(heard.router, None)
            self._unnoted.discard(heard.router)
            if self._failing.pop(heard.router, None) is not None:
                log.info("what %s answers is kept again", heard.router)
        self._steady.update(part.settled)

    def _decide(self, terms: Terms, told: Mapping[str, tuple[Told, ...]], part: _Part, turn: Turn) -> None:
        if not part.loud:
            return
        routers = {heard.router for heard, _ in part.loud}
        hubs = {hub for _, subject in part.loud for names in subject.hubs.values() for hub in names}
        book = turn.read(routers, {hub for hub in hubs - routers if not self._trusted(hub)})
        doings = DoingsOf(self._work, routers, {subject.site for _, subject in part.loud})
        now, reference = {name: self._state(name, book) for name in book.states}, next(book.references)
        for heard, subject in part.loud:
            name = heard.router
            hubs = {hub for names in subject.hubs.values() for hub in names}
            seen = {hub: one for hub in hubs if (one := self._hub(hub, now, part, name)) is not None}
            active, incident = book.active.get(name, ()), book.incidents.get(name)
            known = Known(now.get(name), active, incident, reference, seen)
            sample = supposed(heard, known.state, subject.expected)
            step = states.step(known.state, sample, subject.expected, terms.confirm_down_after, terms.limits)
            found = part.decided[name] = outcome(subject, known, step, doings, told.get(name, ()))
            now[name] = step.state
            if found.incident is not None and found.incident.reference == reference:
                reference = next(book.references)
            if heard.sample is not None and settled(step.state, _left(active, found), found.incident or incident):
                part.settled[name] = Steady(step.state)
        turn.write(book, part.decided.values())

    def _state(self, name: str, book: Book) -> RouterState:
        """As it was written last, and carried on since: in memory, or by a daemon before this one."""
        state, steady = book.states[name], self._steady.get(name)
        note = steady.note() if steady is not None else book.notes.get(name)
        return note.onto(state) if note is not None and note.of(state) else state

    def _hub(self, hub: str, now: Mapping[str, RouterState], part: _Part, before: str) -> Seen | None:
        """How a hub looked when the poll of router ``before`` came, in the order of the batch."""
        if hub in now:
            return Seen(now[hub].reach, now[hub].polled_at)
        steady = self._steady.get(hub)
        if steady is None:
            return None
        later = part.places.get(hub, -1) > part.places[before]
        return Seen(Reach.UP, datetime.fromtimestamp(steady.before if later else steady.at, UTC))

    def _trusted(self, router: str) -> bool:
        steady = self._steady.get(router)
        return steady is not None and not steady.doubted

    def _doubt(self, routers: Iterable[str]) -> None:
        """Let the next poll of these be decided on, whatever it finds."""
        for name in routers:
            if (steady := self._steady.get(name)) is not None:
                steady.doubted = True

    def _watch(self, subjects: Mapping[str, Subject]) -> None:
        """Forget who left, and doubt those of whom something else is expected now."""
        before, self._subjects = self._subjects, subjects
        for name in self._steady.keys() - subjects.keys():
            del self._steady[name]
            self._unnoted.discard(name)
        for name in self._failing.keys() - subjects.keys():
            del self._failing[name]
        self._doubt(name for name in self._steady if subjects[name] != before.get(name))


def _nothing(_part: _Part, _turn: Turn) -> None:
    """Decide on none."""


def _apart(batch: Sequence[Heard]) -> Iterator[Sequence[Heard]]:
    """A batch in pieces in which no router comes twice: the second poll is decided on what the first one led to."""
    if batch and len({heard.router for heard in batch}) == len(batch):
        yield batch
        return
    seen: set[str] = set()
    begin = 0
    for place, heard in enumerate(batch):
        if heard.router in seen:
            yield batch[begin:place]
            begin = place
            seen.clear()
        seen.add(heard.router)
    if begin < len(batch):
        yield batch[begin:]


def _left(active: Iterable[Alarm], found: Outcome) -> Mapping[AlarmKey, str]:
    """The alarms that are active after an outcome, and what was decided on each."""
    left = {raised.key: "" for raised in found.verdicts.raised}
    left.update({alarm.key: alarm.decision for alarm in active})
    left.update(found.decisions)
    over = {clear.key for clear in found.verdicts.cleared}
    return {key: decision for key, decision in left.items() if key not in over}


def _answered(heard: Heard) -> bool:
    return heard.answer is Answer.ANSWERED
