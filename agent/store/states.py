"""Current states of routers and their alarms, active and past; with each sample they are written in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    Update,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import Engine

from agent.incidents.opening import Decision
from agent.monitoring.alarms import Alarm, AlarmKey, Clear, Cleared, Kind, Raise, Verdicts
from agent.store import incidents as tickets
from agent.store.base import UtcDateTime, json_of, metadata, write

# To show what is known takes none of what decides, and that takes longer to import than to show.
if TYPE_CHECKING:
    from agent.incidents.incident import Incident
    from agent.monitoring.ports import Known, Outcome
    from agent.monitoring.states import RouterState

#: A router's state whole, and of it what is shown: so that to show many reads no state. ``broken`` is a JSON list, or
#: empty.
states = Table(
    "router_states",
    metadata,
    Column("router", String(63), primary_key=True),
    Column("polled_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("reach", String(16), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("booted_at", UtcDateTime),
    Column("broken", Text, nullable=False),
)

_ACTIVE = text("cleared_at IS NULL")

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(63), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("item", String(63), nullable=False),
    Column("raised_at", UtcDateTime, nullable=False, index=True),
    Column("first_failed_at", UtcDateTime, nullable=False),
    Column("why", Text, nullable=False),
    Column("decision", Text, nullable=False, default=""),
    Column("incident", String(16), nullable=False, default=""),
    Column("cleared_at", UtcDateTime),
    Column("cleared", String(32)),
    Column("cleared_why", Text, nullable=False, default=""),
    Index("uq_alarms_active", "subject", "kind", "item", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
)


class States:
    """States and alarms of a workspace, on the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def observe(self, router: str, hubs: frozenset[str], decide: Callable[[Known], Outcome]) -> Outcome:
        """Read what is known of ``router``, decide, and write: one transaction, on the disk when it returns."""
        from agent.monitoring.ports import Known

        with write(self._engine) as connection:
            found = _states(connection, hubs | {router})
            known = Known(
                state=found.get(router),
                active=active(connection, router),
                incident=tickets.current(connection, router),
                next_reference=tickets.next_reference(connection),
                hubs={name: state for name, state in found.items() if name != router},
            )
            outcome = decide(known)
            _save_state(connection, outcome.step.state)
            keep(connection, outcome.verdicts, outcome.decisions, outcome.incident, known.incident)
            return outcome

    def apply(self, verdicts: Verdicts) -> None:
        """Raise and clear alarms that no sample caused."""
        with write(self._engine) as connection:
            _apply(connection, verdicts)

    def states(self) -> Mapping[str, RouterState]:
        """The last known state of every router that was ever polled and is not forgotten."""
        with self._engine.connect() as connection:
            return _states(connection, None)

    def last_polls(self) -> Mapping[str, datetime]:
        """When each router's last poll began."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(states.c.router, states.c.polled_at)).all()
        return {row.router: row.polled_at for row in rows}

    def active_alarms(self) -> tuple[Alarm, ...]:
        """All active alarms, newest first."""
        with self._engine.connect() as connection:
            return active(connection, None)

    def alarm_history(self, since: datetime) -> tuple[Alarm, ...]:
        """Alarms that were raised at or after ``since``, or are still active; newest first."""
        query = select(alarms).where((alarms.c.raised_at >= since) | alarms.c.cleared_at.is_(None))
        with self._engine.connect() as connection:
            return tuple(_alarm(row) for row in connection.execute(query.order_by(alarms.c.id.desc())))

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
            return tuple(_alarm(row) for row in connection.execute(query))

    def forget(self, routers: Iterable[str], at: datetime) -> None:
        """Routers that left the inventory: their state goes, their alarms are cleared, their history stays."""
        names = tuple(routers)
        with write(self._engine) as connection:
            connection.execute(delete(states).where(states.c.router.in_(names)))
            clear_all(connection, names, at, "the router is no longer in the inventory")


def keep(
    connection: Connection,
    verdicts: Verdicts,
    decisions: Mapping[AlarmKey, Decision],
    changed: Incident | None,
    before: Incident | None,
) -> None:
    """Write what a sample led to beside the state: alarms, the incident, and which alarms belong to it."""
    _apply(connection, verdicts)
    if changed is not None:
        tickets.save(connection, changed)
    incident = changed or before
    for key, decision in decisions.items():
        joined = incident is not None and decision in (Decision.OPENED, Decision.ATTACHED)
        reference = incident.reference if incident is not None and joined else ""
        connection.execute(_one(key).values(decision=decision, incident=reference))


def clear_all(connection: Connection, subjects: Iterable[str], at: datetime, why: str) -> None:
    """Clear the alarms of devices that left the inventory."""
    gone = alarms.c.subject.in_(tuple(subjects)) & alarms.c.cleared_at.is_(None)
    values = {"cleared_at": at, "cleared": Cleared.NOT_MANAGED, "cleared_why": why}
    connection.execute(update(alarms).where(gone).values(values))


def states_of(connection: Connection, routers: frozenset[str]) -> dict[str, RouterState]:
    """The last known states of some routers, read in another's transaction."""
    return _states(connection, routers)


def _states(connection: Connection, routers: frozenset[str] | None) -> dict[str, RouterState]:
    from agent.monitoring.states import RouterState

    query = select(states.c.router, states.c.state)
    if routers is not None:
        query = query.where(states.c.router.in_(sorted(routers)))
    return {row.router: json_of(RouterState).validate_json(row.state) for row in connection.execute(query)}


def columns(state: RouterState) -> dict[str, Any]:
    """How a state is kept, but for the router's name."""
    from agent.monitoring.states import RouterState

    return {
        "polled_at": state.polled_at,
        "state": json_of(RouterState).dump_json(state).decode(),
        "reach": state.reach,
        "since": state.since,
        "reason": state.reason,
        "booted_at": state.booted_at,
        "broken": json.dumps(state.broken, ensure_ascii=False) if state.broken else "",
    }


def _save_state(connection: Connection, state: RouterState) -> None:
    values = columns(state)
    done = connection.execute(update(states).where(states.c.router == state.router).values(values))
    if done.rowcount == 0:
        connection.execute(insert(states).values(router=state.router, **values))


def _apply(connection: Connection, verdicts: Verdicts) -> None:
    for raised in verdicts.raised:
        _raise(connection, raised)
    for clear in verdicts.cleared:
        _clear(connection, clear)


def _one(key: AlarmKey) -> Update:
    """An update of the active alarm of ``key``."""
    same = (alarms.c.subject == key.subject) & (alarms.c.kind == key.kind) & (alarms.c.item == key.item)
    return update(alarms).where(same & alarms.c.cleared_at.is_(None))


def _raise(connection: Connection, raised: Raise) -> None:
    """A new alarm, or fresh words on the active one."""
    key = raised.key
    if connection.execute(_one(key).values(why=raised.why)).rowcount == 0:
        row = {"subject": key.subject, "kind": key.kind, "item": key.item, "why": raised.why}
        moments = {"raised_at": raised.at, "first_failed_at": raised.first_failed_at}
        connection.execute(insert(alarms).values(**row, **moments))


def _clear(connection: Connection, clear: Clear) -> None:
    connection.execute(_one(clear.key).values(cleared_at=clear.at, cleared=clear.reason, cleared_why=clear.why))


def active(connection: Connection, subject: str | None) -> tuple[Alarm, ...]:
    """The active alarms of a device, or of all; newest first."""
    query = select(alarms).where(alarms.c.cleared_at.is_(None)).order_by(alarms.c.id.desc())
    if subject is not None:
        query = query.where(alarms.c.subject == subject)
    return tuple(_alarm(row) for row in connection.execute(query))


def _alarm(row: Row[tuple[object, ...]]) -> Alarm:
    return Alarm(
        id=row.id,
        key=AlarmKey(row.subject, Kind(row.kind), row.item),
        raised_at=row.raised_at,
        first_failed_at=row.first_failed_at,
        why=row.why,
        decision=row.decision,
        incident=row.incident,
        cleared_at=row.cleared_at,
        cleared=Cleared(row.cleared) if row.cleared else None,
        cleared_why=row.cleared_why,
    )
