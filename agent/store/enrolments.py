"""The identities that routers were enrolled with; a former one stays in history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Engine, Integer, Row, String, Table, insert, select

from agent.provisioning.ports import Enrolment
from agent.store.base import UtcDateTime, metadata, write

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("router", String(63), nullable=False, index=True),
    Column("serial", String, nullable=False),
    Column("host_key", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String, nullable=False),
)


class EnrolmentStore:
    """Implements ``agent.provisioning.ports.Enrolments``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def enrolment(self, router: str) -> Enrolment | None:
        """The current identity of ``router``: the one enrolled last."""
        history = self.history(router)
        return history[-1] if history else None

    def enrol(self, enrolment: Enrolment) -> None:
        """Record an identity."""
        with write(self._engine) as connection:
            connection.execute(
                insert(enrolments).values(
                    router=enrolment.router,
                    serial=enrolment.serial,
                    host_key=enrolment.host_key,
                    at=enrolment.at,
                    by=enrolment.by,
                )
            )

    def history(self, router: str) -> tuple[Enrolment, ...]:
        """All identities that ``router`` has had, the current one last."""
        query = select(enrolments).where(enrolments.c.router == router).order_by(enrolments.c.id)
        with self._engine.connect() as connection:
            return tuple(_enrolment(row) for row in connection.execute(query))


def _enrolment(row: Row[Any]) -> Enrolment:
    return Enrolment(router=row.router, serial=row.serial, host_key=row.host_key, at=row.at, by=row.by)
