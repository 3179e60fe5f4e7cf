"""Lync in the database: plans, the journal of changes, sealed backups, and the count of restorations."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from agent.archive.cipher import Cipher, Sealed
from agent.errors import LeaseLost, Refused
from agent.lync.model import INCLUDED, Backup, Change, Closing, Kind, LyncPlan, Restoration, Step, Taking, Why
from agent.lync.moving import RECOVER
from agent.store.base import UtcDateTime, metadata, write

lync_plans = Table(
    "lync_plans",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("customer", String(63), nullable=False),
    Column("pool", String(63), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
)

lync_changes = Table(
    "lync_changes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("customer", String(63), nullable=False, index=True),
    Column("server", String(63), nullable=False),
    Column("who", String(120), nullable=False),
    Column("why", Text, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("step", String(16), nullable=False),
    Column("step_at", UtcDateTime, nullable=False),
    Column("before", Integer, nullable=True),
    Column("closing", String(16), nullable=True, index=True),
)

lync_backups = Table(
    "lync_backups",
    metadata,
    Column("server", String(63), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("why", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", String(120), nullable=False),
    Column("parts", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("key_id", String(12), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

#: The last number given out, so that none is used twice.
lync_shelves = Table(
    "lync_shelves",
    metadata,
    Column("server", String(63), primary_key=True),
    Column("last_number", Integer, nullable=False),
)

lync_restorations = Table(
    "lync_restorations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("change", String(64), nullable=False, unique=True),
    Column("customer", String(63), nullable=False, index=True),
    Column("server", String(63), nullable=False),
    Column("backup", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(120), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("chargeable", Boolean, nullable=False),
)

_c, _b, _r = lync_changes.c, lync_backups.c, lync_restorations.c
_SHOWN = (_b.server, _b.number, _b.taken_at, _b.why, _b.reason, _b.author, _b.parts, _b.size)
_SEPARATOR = ","


class LyncPlans:
    """Implements ``agent.lync.ports.Plans``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, plan: LyncPlan) -> None:
        """Keep a plan."""
        row = {"id": plan.id, "customer": plan.customer, "pool": plan.pool, "created": plan.created}
        with write(self._engine) as connection:
            connection.execute(insert(lync_plans).values(**row, document=plan.model_dump_json()))

    def plan(self, plan_id: str) -> LyncPlan:
        """A stored plan; Refused if there is none."""
        with self._engine.connect() as connection:
            document = connection.scalar(select(lync_plans.c.document).where(lync_plans.c.id == plan_id))
        if document is None:
            raise Refused("there is no such Lync plan", where=plan_id, remedy="make one: spokesman lync plan POOL")
        try:
            return LyncPlan.model_validate_json(document)
        except ValidationError:
            raise Refused("the plan is not one of this release", where=plan_id, remedy="plan again") from None


class LyncChanges:
    """Implements ``agent.lync.ports.Changes``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, change: Change, now: datetime) -> Change:
        """Open a change; Refused while another one of the customer's is open: one deployment has one configuration."""
        with write(self._engine) as connection:
            other = connection.execute(select(lync_changes).where(_open(), _c.customer == change.customer)).first()
            if other is not None:
                raise Refused(
                    _busy(other, now), where=change.customer, remedy=f"try again when it ended, or: {RECOVER}"
                )
            opened = replace(change, fence=1)
            connection.execute(insert(lync_changes).values(_row(opened)))
        return opened

    def advance(self, change: Change, step: Step, now: datetime, expires: datetime, before: int | None) -> Change:
        """Write down a step and keep the lease; LeaseLost if somebody took the change over."""
        reached = replace(change, step=step, step_at=now, expires=expires, before=before or change.before)
        with write(self._engine) as connection:
            _change(connection, change, step=step.value, step_at=now, expires=expires, before=reached.before)
        return reached

    def take_over(self, change: Change, owner: str, expires: datetime) -> Change:
        """Become the owner of an open change as it was read; Refused if somebody else was faster."""
        taken = replace(change, owner=owner, fence=change.fence + 1, expires=expires, closing=None)
        with write(self._engine) as connection:
            row = connection.execute(select(lync_changes).where(_c.id == change.id)).one()
            if _read(row) != change:
                raise Refused("somebody else took the change over", where=change.id)
            values = {"owner": owner, "fence": taken.fence, "expires": expires, "closing": None}
            connection.execute(update(lync_changes).where(_c.id == change.id).values(values))
        return taken

    def close(self, change: Change, closing: Closing) -> None:
        """End a change; LeaseLost if somebody took it over."""
        with write(self._engine) as connection:
            _change(connection, change, closing=closing.value)

    def open_changes(self) -> tuple[Change, ...]:
        """Changes that are not closed, or are uncertain."""
        with self._engine.connect() as connection:
            return tuple(_read(row) for row in connection.execute(select(lync_changes).where(_open()).order_by(_c.id)))


class LyncBackups:
    """Implements ``agent.lync.ports.Backups``; every body is sealed and bound to its server and number."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher

    def add(self, taking: Taking, body: bytes, keep: Callable[[tuple[Backup, ...]], frozenset[int]]) -> Backup:
        """Keep a backup under the server's next number, and only those that ``keep`` names of what is there then."""
        text = b64encode(body).decode()
        with write(self._engine) as connection:
            number = _next_number(connection, taking.server)
            bound = _bound(taking.server, number)
            digest = self._cipher.digest(bound, text)
            sealed = self._cipher.seal(bound, digest, text)
            row = {
                "server": taking.server, "number": number, "taken_at": taking.taken_at, "why": taking.why.value,
                "reason": taking.reason, "author": taking.author, "parts": _SEPARATOR.join(taking.parts),
                "size": len(body), "digest": digest,
                "key_id": sealed.key_id, "nonce": sealed.nonce, "ciphertext": sealed.ciphertext,
            }  # fmt: skip
            connection.execute(insert(lync_backups).values(row))
            stay = keep(_backups(connection, taking.server)) | {number}
            connection.execute(delete(lync_backups).where(_b.server == taking.server, _b.number.not_in(stay)))
            return next(one for one in _backups(connection, taking.server) if one.number == number)

    def backups(self, server: str | None = None) -> tuple[Backup, ...]:
        """Backups, newest first."""
        with self._engine.connect() as connection:
            return _backups(connection, server)

    def body(self, server: str, number: int) -> bytes:
        """What a backup holds; Refused if there is none, ArchiveDamaged if it is not what was stored."""
        query = select(_b.digest, _b.key_id, _b.nonce, _b.ciphertext).where(_b.server == server, _b.number == number)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise Refused(f"there is no backup {number}", where=server, remedy=f"spokesman lync backups {server}")
        text = self._cipher.open(_bound(server, number), row.digest, Sealed(row.key_id, row.nonce, row.ciphertext))
        return b64decode(text)


class LyncRestorations:
    """Implements ``agent.lync.ports.Restorations``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, restoration: Restoration) -> Restoration:
        """Count a restoration, once for each change; gives it with its number within the customer's year."""
        with write(self._engine) as connection:
            known = connection.execute(select(lync_restorations).where(_r.change == restoration.change)).first()
            if known is not None:
                return _restoration(known)
            same = (_r.customer == restoration.customer) & (_r.year == restoration.year)
            number = 1 + (connection.scalar(select(func.count()).select_from(lync_restorations).where(same)) or 0)
            counted = replace(restoration, number=number, chargeable=number > INCLUDED)
            names = Restoration.__dataclass_fields__
            connection.execute(insert(lync_restorations).values({name: getattr(counted, name) for name in names}))
        return counted

    def restorations(self, customer: str | None = None) -> tuple[Restoration, ...]:
        """All restorations, newest first."""
        query = select(lync_restorations).order_by(_r.id.desc())
        if customer is not None:
            query = query.where(_r.customer == customer)
        with self._engine.connect() as connection:
            return tuple(_restoration(row) for row in connection.execute(query))


def _restoration(row: Row[tuple[object, ...]]) -> Restoration:
    return Restoration(**{name: row._mapping[name] for name in Restoration.__dataclass_fields__})


def _open() -> ColumnElement[bool]:
    return or_(_c.closing.is_(None), _c.closing == Closing.UNCERTAIN.value)


def _row(change: Change) -> dict[str, object]:
    values = {name: getattr(change, name) for name in Change.__dataclass_fields__}
    return {**values, "kind": change.kind.value, "step": change.step.value, "closing": None}


def _read(row: Row[tuple[object, ...]]) -> Change:
    fields = dict(row._mapping)
    closing = fields.pop("closing")
    kind, step = Kind(fields.pop("kind")), Step(fields.pop("step"))
    return Change(**fields, kind=kind, step=step, closing=Closing(closing) if closing else None)


def _change(connection: Connection, change: Change, **values: object) -> None:
    ours = (_c.id == change.id) & (_c.owner == change.owner) & (_c.fence == change.fence) & _c.closing.is_(None)
    if connection.execute(update(lync_changes).where(ours).values(values)).rowcount != 1:
        raise LeaseLost(
            "another process took this change over while this one stood still", where=change.id, commands=(RECOVER,)
        )


def _busy(row: Row[tuple[object, ...]], now: datetime) -> str:
    change = _read(row)
    state = "is uncertain" if change.closing is Closing.UNCERTAIN else "is in progress"
    until = f", at most until {change.expires:%H:%M:%S} UTC" if change.expires > now and not change.closing else ""
    return f"another change of this customer's Lync {state} ({change.server}, by {change.who}{until})"


def _next_number(connection: Connection, server: str) -> int:
    last = connection.scalar(select(lync_shelves.c.last_number).where(lync_shelves.c.server == server))
    number = (last or 0) + 1
    if last is None:
        connection.execute(insert(lync_shelves).values(server=server, last_number=number))
    else:
        connection.execute(update(lync_shelves).where(lync_shelves.c.server == server).values(last_number=number))
    return number


def _backups(connection: Connection, server: str | None) -> tuple[Backup, ...]:
    query = select(*_SHOWN).order_by(_b.taken_at.desc(), _b.number.desc())
    if server is not None:
        query = query.where(_b.server == server)
    return tuple(
        Backup(row.server, row.number, row.taken_at, Why(row.why), row.reason, row.author,
               tuple(row.parts.split(_SEPARATOR)), row.size)
        for row in connection.execute(query)
    )  # fmt: skip


def _bound(server: str, number: int) -> str:
    """What a sealed backup belongs to: none can be passed off as another server's or another number's."""
    return f"lync backup {server} {number}"
