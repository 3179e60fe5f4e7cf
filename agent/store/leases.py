"""Leases on routers: one owner at a time, with an expiry and a fence number that grows at each change of owner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, insert, select, update

from agent.errors import Refused
from agent.store.base import UtcDateTime, metadata

leases = Table(
    "leases",
    metadata,
    Column("router", String(63), primary_key=True),
    Column("fence", Integer, nullable=False),
    Column("change", String(64), nullable=True),
    Column("owner", String(200), nullable=True),
    Column("expires", UtcDateTime, nullable=True),
)


def lease(
    connection: Connection, routers: tuple[str, ...], change: str, owner: str, now: datetime, expires: datetime
) -> int:
    """Take all ``routers`` for a change, or none; returns the fence. Refused where a change is open on one of them."""
    fence = 0
    for router in routers:
        row = connection.execute(select(leases).where(leases.c.router == router)).one_or_none()
        if row is None:
            connection.execute(insert(leases).values(router=router, fence=0))
        elif row.change is not None:
            raise Refused(_busy(row.owner, row.expires, now), where=router, remedy="try again when it has ended")
        else:
            fence = max(fence, row.fence)
    _set(connection, routers, fence + 1, change, owner, expires)
    return fence + 1


def take(connection: Connection, routers: tuple[str, ...], change: str, owner: str, expires: datetime) -> int:
    """Take the routers of a change over from whoever holds them; returns the new fence."""
    rows = connection.execute(select(leases.c.fence).where(leases.c.router.in_(routers))).all()
    fence = max((row.fence for row in rows), default=0) + 1
    _set(connection, routers, fence, change, owner, expires)
    return fence


def extend(connection: Connection, change: str, expires: datetime) -> None:
    """Keep all routers of a change until ``expires``."""
    connection.execute(update(leases).where(leases.c.change == change).values(expires=expires))


def free(connection: Connection, change: str) -> None:
    """Free all routers of a change; the fence numbers stay."""
    connection.execute(update(leases).where(leases.c.change == change).values(change=None, owner=None, expires=None))


def _set(
    connection: Connection, routers: tuple[str, ...], fence: int, change: str, owner: str, expires: datetime
) -> None:
    connection.execute(
        update(leases)
        .where(leases.c.router.in_(routers))
        .values(fence=fence, change=change, owner=owner, expires=expires)
    )


def _busy(owner: str | None, expires: datetime | None, now: datetime) -> str:
    until = f", at most until {expires:%H:%M:%S} UTC" if expires is not None and expires > now else ""
    process = (owner or "").partition(" pid ")[2].partition(" ")[0]
    by = f"process {process}" if process else "unfinished"
    return f"another change of this router is in progress ({by}{until})"
