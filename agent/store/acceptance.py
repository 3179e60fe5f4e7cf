"""Recorded acceptances, and the operational service date of each site: set once, by the first that passed [WV-20]."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Column, Connection, Engine, ForeignKey, Integer, String, Table, Text, insert, select

from agent.provisioning.acceptance import Report, Verdict
from agent.store.base import UtcDateTime, chunks, metadata, write

acceptances = Table(
    "acceptances",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String(80), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("verdict", String(30), nullable=False),
    Column("document", Text, nullable=False),
)

service_dates = Table(
    "service_dates",
    metadata,
    Column("site", String(80), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("acceptance", ForeignKey("acceptances.id"), nullable=False),
)


class AcceptanceStore:
    """Implements ``agent.provisioning.acceptance.Acceptances``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, report: Report) -> datetime | None:
        """Keep a report; the first that passed sets the operational service date. Returns that date, or None."""
        with write(self._engine) as connection:
            known = _since(connection, report.site)
            since = known or (None if report.verdict is Verdict.FAILED else report.at)
            document = report.model_copy(update={"in_service_since": since}).model_dump_json()
            row = {"site": report.site, "at": report.at, "verdict": str(report.verdict), "document": document}
            number = connection.execute(insert(acceptances).values(**row)).inserted_primary_key
            if known is None and since is not None and number is not None:
                connection.execute(insert(service_dates).values(site=report.site, since=since, acceptance=number[0]))
        return since

    def accepted(self, site: str) -> Report | None:
        """The acceptance that set the operational service date of ``customer/site``; None before it has one."""
        query = (
            select(acceptances.c.document)
            .join(service_dates, service_dates.c.acceptance == acceptances.c.id)
            .where(service_dates.c.site == site)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Report.model_validate_json(row.document)

    def in_service(self, sites: Collection[str]) -> frozenset[str]:
        """Those of the sites (``customer/site``) that have an operational service date."""
        with self._engine.connect() as connection:
            found = [
                site
                for names in chunks(sites)
                for site in connection.scalars(select(service_dates.c.site).where(service_dates.c.site.in_(names)))
            ]
        return frozenset(found)

    def reports(self, site: str) -> tuple[Report, ...]:
        """All acceptances of a site, newest first."""
        query = select(acceptances.c.document).where(acceptances.c.site == site).order_by(acceptances.c.id.desc())
        with self._engine.connect() as connection:
            return tuple(Report.model_validate_json(row.document) for row in connection.execute(query))


def _since(connection: Connection, site: str) -> datetime | None:
    row = connection.execute(select(service_dates.c.since).where(service_dates.c.site == site)).one_or_none()
    return None if row is None else row.since
