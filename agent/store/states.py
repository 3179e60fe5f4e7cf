"""Current states of routers and their alarms, active and past; those of a batch are written in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, select
from sqlalchemy.engine import Engine

from agent.monitoring.alarms import Alarm, Verdicts
from agent.monitoring.keeping.note import Note
from agent.monitoring.ports import Book, Outcome, Revised
from agent.monitoring.states import RouterState
from agent.store import incidents as tickets
from agent.store.base import write
from agent.store.watching import rows
from agent.store.watching.alarms import Judged, active_of, alarm_of, apply, clear_all, keep
from agent.store.watching.tables import alarms, states


class Turn:
    """One write transaction on the states of routers; implements ``agent.monitoring.ports.Turn``."""

    def __init__(self, connection: Connection, since: int | None) -> None:
        self._connection = connection
        self.revised = rows.revised(connection, since, rows.revise(connection))

    def read(self, routers: Collection[str], hubs: Collection[str]) -> Book:
        """What is known of ``routers``; of ``hubs`` the states only."""
        names = {*routers, *hubs}
        return Book(
            states=rows.read_states(self._connection, names),
            notes=rows.read_notes(self._connection, names),
            active=active_of(self._connection, routers),
            incidents=tickets.current(self._connection, routers),
            references=tickets.references(self._connection),
        )

    def write(self, book: Book, outcomes: Iterable[Outcome]) -> None:
        """Keep states, alarms and incidents; at most one outcome a router of the book."""
        judged, changed, incidents = [], [], []
        for one in outcomes:
            name = one.step.state.router
            before = book.incidents.get(name)
            incident = one.incident or before
            joins = incident.reference if incident is not None else ""
            judged.append(Judged(book.active.get(name, ()), one.verdicts, one.decisions, joins))
            changed.append(one.step.state)
            if one.incident is not None:
                same = before is not None and before.reference == one.incident.reference
                incidents.append((before if same else None, one.incident))
        rows.save_states(self._connection, changed, self.revised.revision)
        keep(self._connection, judged)
        tickets.save(self._connection, incidents)

    def note(self, notes: Iterable[Note]) -> None:
        """Keep notes in place of former ones of these routers."""
        rows.save_notes(self._connection, notes)


class States:
    """States and alarms of a workspace, on the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def turn(self, since: int | None) -> Iterator[Turn]:
        """A transaction that is on the disk when it ends, and leaves nothing where it fails."""
        with write(self._engine) as connection:
            yield Turn(connection, since)

    def revised(self, since: int | None) -> Revised:
        """Whom anybody wrote of after revision ``since``; None: the revision only."""
        with self._engine.connect() as connection:
            return rows.revised(connection, since)

    def apply(self, verdicts: Verdicts) -> None:
        """Raise and clear alarms that no poll caused."""
        with write(self._engine) as connection:
            revision = rows.revise(connection)
            rows.touch(connection, apply(connection, verdicts), revision)

    def states(self) -> Mapping[str, RouterState]:
        """The last known state of every router that was ever polled and is not forgotten."""
        with self._engine.connect() as connection:
            return rows.present(connection, None)

    def last_polls(self) -> Mapping[str, datetime]:
        """When each router's last poll began."""
        with self._engine.connect() as connection:
            found = connection.execute(select(states.c.router, states.c.polled_at)).all()
            noted = rows.read_notes(connection, None)
        moments = {name: datetime.fromtimestamp(note.at, UTC) for name, note in noted.items()}
        return {row.router: max(row.polled_at, moments.get(row.router, row.polled_at)) for row in found}

    def active_alarms(self) -> tuple[Alarm, ...]:
        """All active alarms, newest first."""
        with self._engine.connect() as connection:
            found = connection.execute(select(alarms).where(alarms.c.cleared_at.is_(None)).order_by(alarms.c.id.desc()))
            return tuple(alarm_of(row) for row in found)

    def alarm_history(self, since: datetime) -> tuple[Alarm, ...]:
        """Alarms that were raised at or after ``since``, or are still active; newest first."""
        query = select(alarms).where((alarms.c.raised_at >= since) | alarms.c.cleared_at.is_(None))
        with self._engine.connect() as connection:
            return tuple(alarm_of(row) for row in connection.execute(query.order_by(alarms.c.id.desc())))

    def alarm_page(
        self, before: int | None, limit: int, *, cleared: bool, subjects: Iterable[str] | None = None
    ) -> tuple[Alarm, ...]:
        """At most ``limit`` alarms, newest first, of a smaller id than ``before``; with ``cleared`` past ones too."""
        query = select(alarms).order_by(alarms.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(alarms.c.id < before)
        if not cleared:
            query = query.where(alarms.c.cleared_at.is_(None))
        if subjects is not None:
            query = query.where(alarms.c.subject.in_(sorted(subjects)))
        with self._engine.connect() as connection:
            return tuple(alarm_of(row) for row in connection.execute(query))

    def forget(self, routers: Iterable[str], at: datetime) -> None:
        """Routers that left the inventory: their state goes, their alarms are cleared, their history stays."""
        names = tuple(routers)
        with write(self._engine) as connection:
            rows.forget(connection, names)
            clear_all(connection, names, at, "the router is no longer in the inventory")
