"""Changes and their journal: begun with leases, written before each step, closed; each call durable at return."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from agent.errors import LeaseLost, Refused
from agent.provisioning.journal import Change, Closing, Entry, Hold, Step
from agent.store.base import UtcDateTime, metadata, write
from agent.store.leases import extend, free, lease, take

changes = Table(
    "changes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("plan", String(64), nullable=False, index=True),
    Column("who", String(120), nullable=False),
    Column("routers", Text, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("closing", String(20), nullable=True, index=True),
)

journal = Table(
    "journal",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("change", ForeignKey("changes.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("router", String(63), nullable=False),
    Column("step", Integer, nullable=False),
    Column("detail", Text, nullable=False),
)

_SEPARATOR = ","


class SqlLedger:
    """Leases and journal in the store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, change: Change, now: datetime) -> Hold:
        """Lease all routers of a change and open its journal; Refused while a change is open on one of them."""
        with write(self._engine) as connection:
            fence = lease(connection, change.routers, change.id, change.owner, now, change.expires)
            connection.execute(
                insert(changes).values(
                    id=change.id,
                    plan=change.plan,
                    who=change.who,
                    routers=_SEPARATOR.join(change.routers),
                    owner=change.owner,
                    fence=fence,
                    expires=change.expires,
                )
            )
        return Hold(change.id, change.owner, fence)

    def take_over(self, change: Change, owner: str, expires: datetime) -> Hold:
        """Become the owner of an open change as it was read; Refused if somebody else was faster."""
        with write(self._engine) as connection:
            row = connection.execute(select(changes).where(changes.c.id == change.id)).one()
            if _change(row) != change:
                raise Refused("somebody else took the change over", where=change.id)
            fence = take(connection, change.routers, change.id, owner, expires)
            connection.execute(
                update(changes)
                .where(changes.c.id == change.id)
                .values(owner=owner, fence=fence, expires=expires, closing=None)
            )
        return Hold(change.id, owner, fence)

    def append(self, hold: Hold, entry: Entry, expires: datetime) -> None:
        """Write an entry and renew the lease; LeaseLost if somebody took the change over."""
        with write(self._engine) as connection:
            _renew(connection, hold, expires)
            connection.execute(
                insert(journal).values(
                    change=hold.change, at=entry.at, router=entry.router, step=int(entry.step), detail=entry.detail
                )
            )

    def renew(self, hold: Hold, expires: datetime) -> None:
        """Keep the lease; LeaseLost if somebody took the change over."""
        with write(self._engine) as connection:
            _renew(connection, hold, expires)

    def close(self, hold: Hold, closing: Closing) -> None:
        """End the change and free its routers; an uncertain one keeps them, and anybody may take it over."""
        with write(self._engine) as connection:
            _prove(connection, hold)
            connection.execute(update(changes).where(changes.c.id == hold.change).values(closing=str(closing)))
            if closing is not Closing.UNCERTAIN:
                free(connection, hold.change)

    def entries(self, change_id: str) -> tuple[Entry, ...]:
        """The journal of a change, in order."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(journal).where(journal.c.change == change_id).order_by(journal.c.number))
            return tuple(Entry(row.at, row.router, Step(row.step), row.detail) for row in rows)

    def open_changes(self, routers: tuple[str, ...] | None = None) -> tuple[Change, ...]:
        """Changes that are not closed, or are uncertain; of these routers only, where given."""
        unfinished = changes.c.closing.is_(None) | (changes.c.closing == str(Closing.UNCERTAIN))
        with self._engine.connect() as connection:
            found = [
                _change(row) for row in connection.execute(select(changes).where(unfinished).order_by(changes.c.id))
            ]
        return tuple(one for one in found if routers is None or set(one.routers) & set(routers))

    def changes_of(self, plan: str) -> tuple[Change, ...]:
        """Every change that was begun for a plan, the newest last."""
        query = select(changes).where(changes.c.plan == plan).order_by(changes.c.expires)
        with self._engine.connect() as connection:
            return tuple(_change(row) for row in connection.execute(query))

    def at_work(self, devices: Collection[str]) -> frozenset[str]:
        """Those on which a change of ours is going on, which explains what they show.

        One that ended uncertain explains nothing any more, not even while it is tried to be taken back once again.
        """
        found: set[str] = set()
        for change in self.open_changes(tuple(devices)):
            if change.closing is None:
                back = Counter(one.router for one in self.entries(change.id) if one.step is Step.TAKING_BACK)
                found.update(name for name in change.routers if back[name] < 2)
        return frozenset(found.intersection(devices))

    def changed_between(self, router: str, since: datetime, until: datetime) -> bool:
        """Whether a change of ours was at work on the router at some time from ``since`` to ``until``."""
        query = (
            select(func.min(journal.c.at), func.max(journal.c.at), changes.c.closing)
            .join(changes, changes.c.id == journal.c.change)
            .where(journal.c.router == router)
            .group_by(changes.c.id, changes.c.closing)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return any(first <= until and (last >= since or closing is None) for first, last, closing in rows)


def _renew(connection: Connection, hold: Hold, expires: datetime) -> None:
    _prove(connection, hold)
    connection.execute(update(changes).where(changes.c.id == hold.change).values(expires=expires))
    extend(connection, hold.change, expires)


def _prove(connection: Connection, hold: Hold) -> None:
    row = connection.execute(select(changes).where(changes.c.id == hold.change)).one_or_none()
    if row is None or (row.owner, row.fence) != (hold.owner, hold.fence) or row.closing is not None:
        raise LeaseLost(
            "another process took this change over while this one stood still",
            where=hold.change,
            commands=("spokesman doctor --finish",),
        )


def _change(row: Row[tuple[object, ...]]) -> Change:
    fields = row._mapping
    closing = fields["closing"]
    return Change(
        id=fields["id"],
        plan=fields["plan"],
        who=fields["who"],
        routers=tuple(fields["routers"].split(_SEPARATOR)),
        owner=fields["owner"],
        expires=fields["expires"],
        closing=Closing(closing) if closing else None,
    )
