"""What /metrics has of a fleet of any size: counts, by queries that return few rows, and routers where they are few."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from agent.incidents.incident import Status
from agent.monitoring.alarms import SEVERITY, Kind
from agent.monitoring.reach import Reach, reach_now
from agent.monitoring.views import Brief, Figures, Selection
from agent.store.fleet import Fleet, routers
from agent.store.incidents import incidents
from agent.store.watching.tables import POLLED_AT, alarms, notes, states


class FleetFigures:
    """The figures of a workspace, on the store's engine; reading them holds up nobody who writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._fleet = engine, Fleet(engine)

    def read(self, now: datetime, most: int) -> Figures:
        """The counts as of ``now``, and each router where there are at most so many."""
        counts = self._fleet.counts(Selection(), now)
        return Figures(
            counts=counts,
            alarms=self._alarms(),
            incidents=self._incidents(),
            oldest_poll=self._oldest_poll(),
            routers=self._briefs(now) if counts.routers <= most else (),
        )

    def _alarms(self) -> Mapping[str, int]:
        query = select(alarms.c.kind, func.count().label("many")).where(alarms.c.cleared_at.is_(None))
        found: dict[str, int] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query.group_by(alarms.c.kind)):
                severity = str(SEVERITY[Kind(row.kind)])
                found[severity] = found.get(severity, 0) + row.many
        return found

    def _incidents(self) -> Mapping[str, int]:
        query = select(incidents.c.status, func.count().label("many")).where(incidents.c.status != Status.CLOSED)
        with self._engine.connect() as connection:
            return {row.status: row.many for row in connection.execute(query.group_by(incidents.c.status))}

    def _oldest_poll(self) -> datetime | None:
        query = (
            select(func.min(POLLED_AT))
            .select_from(states)
            .join(routers, routers.c.router == states.c.router)
            .outerjoin(notes, notes.c.router == states.c.router)
        )
        with self._engine.connect() as connection:
            found: datetime | None = connection.execute(query).scalar()
        return found

    def _briefs(self, now: datetime) -> tuple[Brief, ...]:
        query = (
            select(routers.c.router, routers.c.site, states.c.reach, POLLED_AT)
            .outerjoin(states, states.c.router == routers.c.router)
            .outerjoin(notes, notes.c.router == routers.c.router)
            .order_by(routers.c.router)
        )
        with self._engine.connect() as connection:
            return tuple(
                Brief(router, site, _reach(reach, polled_at, now), polled_at)
                for router, site, reach, polled_at in connection.execute(query)
            )


def _reach(reach: str | None, polled_at: datetime | None, now: datetime) -> Reach:
    return Reach.UNKNOWN if reach is None or polled_at is None else reach_now(Reach(reach), "", polled_at, now)[0]
