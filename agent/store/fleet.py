"""The fleet as it is shown: what the inventory has and where each router stands, by queries that read only that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Engine

from agent.monitoring.reach import Reach
from agent.monitoring.schedule import LIMIT_S
from agent.monitoring.views import (
    BACKUP_AHEAD,
    BACKUP_FRESH,
    Active,
    BackupRun,
    Counts,
    Managed,
    ManagedServer,
    Roster,
    Selection,
    StatusRow,
    status_row,
)
from agent.store.base import Places, UtcDateTime, metadata, within, write
from agent.store.runs import backups
from agent.store.watching.tables import POLLED_AT, alarms, notes, states

routers = Table(
    "fleet_routers",
    metadata,
    Column("router", String(63), primary_key=True),
    Column("site", String(127), nullable=False, index=True),
    Column("proactive", Boolean, nullable=False),
)

servers = Table(
    "fleet_servers",
    metadata,
    Column("server", String(63), primary_key=True),
    Column("site", String(127), nullable=False),
    Column("pool", String(63), nullable=False),
    Column("role", String(63), nullable=False),
    Column("proactive", Boolean, nullable=False),
)

#: Which inventory it is, one row: ``stamp`` of its files as this machine sees them, ``digest`` of what is in them.
rosters = Table(
    "fleet_rosters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("stamp", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Which inventory the fleet is of, and when that was read."""

    stamp: str
    digest: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a router's state to be shown."""

    reach: Reach
    since: datetime
    reason: str
    polled_at: datetime
    booted_at: datetime | None
    broken: tuple[str, ...]


class Fleet:
    """The fleet of a workspace, on the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def mark(self) -> Mark | None:
        """Which inventory is kept; None: none yet."""
        with self._engine.connect() as connection:
            row = connection.execute(select(rosters)).one_or_none()
        return None if row is None else Mark(row.stamp, row.digest, row.read_at)

    def keep(self, roster: Roster, mark: Mark) -> None:
        """Take an inventory's fleet over: only what differs is written."""
        with write(self._engine) as connection:
            _differences(connection, routers, [asdict(one) for one in roster.routers])
            _differences(connection, servers, [asdict(one) for one in roster.servers])
            values = {"stamp": mark.stamp, "digest": mark.digest, "read_at": mark.read_at}
            if connection.execute(update(rosters).values(values)).rowcount == 0:
                connection.execute(insert(rosters).values(id=1, **values))

    def counts(self, selection: Selection, now: datetime) -> Counts:
        """How many routers of a selection are in which state, how many show something wrong, and their backups."""
        view = _View(now)
        query = view.joined(
            [view.reach, view.backup, func.count().label("many"), func.sum(case((view.wrong, 1), else_=0)).label("bad")]
        ).group_by(view.reach, view.backup)
        by_state, by_backup, wrong = dict.fromkeys(Reach, 0), dict[str, int](), 0
        with self._engine.connect() as connection:
            for row in connection.execute(view.selected(query, selection)):
                by_state[Reach(row.reach)] += row.many
                by_backup[row.backup] = by_backup.get(row.backup, 0) + row.many
                wrong += row.bad
        return Counts(sum(by_state.values()), wrong, {str(reach): many for reach, many in by_state.items()}, by_backup)

    def rows(
        self, selection: Selection, now: datetime, most: int | None = None, after: str = ""
    ) -> tuple[StatusRow, ...]:
        """The routers of a selection by name, ``after`` one; of what is wrong what changed last comes first."""
        view = _View(now)
        query = view.selected(view.joined([*_SHOWN, view.alarms, view.incident]), selection).limit(most)
        if after:
            query = query.where(routers.c.router > after)
        order = [view.changed_at.desc().nulls_last()] if selection.wrong else []
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(*order, routers.c.router))
            return tuple(_row(row, now) for row in found)

    def servers(self, places: Places) -> tuple[ManagedServer, ...]:
        """The Lync servers at those places, by name."""
        query = select(servers).order_by(servers.c.server)
        if places is not None:
            query = query.where(within(servers.c.site, places))
        with self._engine.connect() as connection:
            found = connection.execute(query)
            return tuple(ManagedServer(**row._mapping) for row in found)


#: What a row is made of; the active alarms are counted beside it.
_SHOWN: list[ColumnElement[Any]] = [
    routers.c.router, routers.c.site, routers.c.proactive,
    states.c.reach, states.c.since, states.c.reason, POLLED_AT.label("polled_at"), states.c.booted_at, states.c.broken,
    backups.c.tried_at, backups.c.good_at, backups.c.failure,
]  # fmt: skip


class _View:
    """The expressions that a query of the fleet is made of, as of one moment."""

    def __init__(self, now: datetime) -> None:
        active = (
            select(
                alarms.c.subject,
                func.count().label("many"),
                func.max(alarms.c.incident).label("incident"),
                func.max(alarms.c.raised_at).label("raised_at"),
            )
            .where(alarms.c.cleared_at.is_(None))
            .group_by(alarms.c.subject)
            .subquery()
        )
        limit = timedelta(seconds=LIMIT_S)
        fresh = POLLED_AT.between(now - limit, now + limit)
        known = and_(POLLED_AT.is_not(None), fresh)
        self._active = active
        self.reach = case((known, states.c.reach), else_=literal(str(Reach.UNKNOWN))).label("reach")
        self.alarms = func.coalesce(active.c.many, 0).label("alarms")
        self.incident = func.coalesce(active.c.incident, "").label("incident")
        broken = and_(self.reach == str(Reach.UP), states.c.broken != "")
        self.wrong = or_(self.reach != str(Reach.UP), active.c.many > 0, broken)
        self.changed_at = case(
            (and_(known, states.c.reach != str(Reach.UP)), states.c.since),
            (known, func.coalesce(active.c.raised_at, POLLED_AT)),
            else_=POLLED_AT,
        )
        good = backups.c.good_at.between(now - BACKUP_FRESH, now + BACKUP_AHEAD)
        self.backup = case(
            (backups.c.router.is_(None), "never"), (backups.c.failure != "", "failed"), (good, "ok"), else_="overdue"
        ).label("backup")

    def joined(self, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """Every router of the fleet with its state, its alarms and its backup, where it has them."""
        name = routers.c.router
        return (
            select(*columns)
            .select_from(routers)
            .outerjoin(states, states.c.router == name)
            .outerjoin(notes, notes.c.router == name)
            .outerjoin(self._active, self._active.c.subject == name)
            .outerjoin(backups, backups.c.router == name)
        )

    def selected(self, query: Select[Any], selection: Selection) -> Select[Any]:
        """Only those of a selection."""
        if selection.places is not None:
            query = query.where(within(routers.c.site, selection.places))
        if selection.states:
            query = query.where(self.reach.in_(sorted(selection.states)))
        return query.where(self.wrong) if selection.wrong else query


def _row(row: Row[Any], now: datetime) -> StatusRow:
    kept = backup = None
    if row.polled_at is not None:
        broken = tuple(json.loads(row.broken)) if row.broken else ()
        kept = _Kept(Reach(row.reach), row.since, row.reason, row.polled_at, row.booted_at, broken)
    if row.tried_at is not None:
        backup = BackupRun(row.router, row.tried_at, row.good_at, row.failure)
    managed = Managed(row.router, row.site, row.proactive)
    return status_row(managed, kept, Active(row.alarms, row.incident), backup, now)


def _differences(connection: Connection, table: Table, wanted: Iterable[dict[str, object]]) -> None:
    """Make a table hold those rows; its first column is the key."""
    key = next(iter(table.primary_key.columns))
    kept = {row[0]: dict(row._mapping) for row in connection.execute(select(table))}
    fresh = {row[key.name]: row for row in wanted}
    gone = [{"gone": name} for name in kept if fresh.get(name) != kept[name]]
    new = [row for name, row in fresh.items() if kept.get(name) != row]
    if gone:
        connection.execute(delete(table).where(key == bindparam("gone")), gone)
    if new:
        connection.execute(insert(table), new)
