"""Deliveries of webhooks: handed out once, sent by one process at a time, kept when they fail, looked at by people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Label,
    Select,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from agent.errors import Refused
from agent.requests.webhooks.event import RequestEvent, body_of, stored_event
from agent.requests.webhooks.ports import Claim, Claimed, Delivery, ReceiverState, Wants
from agent.requests.webhooks.schedule import Standing, Status, Verdict
from agent.store.base import write
from agent.store.outbox import webhook_deliveries, webhook_events, webhook_receivers

_d, _e, _r = webhook_deliveries.c, webhook_events.c, webhook_receivers.c
_SHOWN = tuple(_d[one.name] for one in fields(Delivery))
#: Events that one transaction hands out.
BATCH = 50
#: Sequence numbers go no further: what every database's integers hold.
LARGEST = 2**31 - 1
#: No wait and no claim lasts as long: one that ends later was written before the clock was set back.
TOO_FAR = timedelta(hours=2)


class Deliveries:
    """Implements ``agent.requests.webhooks.ports.Outbox``; ``lives`` says whether a claim's owner may still run."""

    def __init__(self, engine: Engine, lives: Callable[[str], bool]) -> None:
        self._engine, self._lives = engine, lives

    def hand_out(self, wants: Mapping[str, Wants], now: datetime) -> int:
        """Give each receiver a delivery of each new event that it wants, in order; returns how many events were new."""
        done = 0
        while self._any_new():
            with write(self._engine) as connection:
                query = select(webhook_events).where(_e.handed_out_at.is_(None)).order_by(_e.position).limit(BATCH)
                query = query.with_for_update()
                rows = connection.execute(query).all()
                for row in rows:
                    event = _event(row)
                    for name in (name for name, wanted in wants.items() if wanted(event)):
                        _deliver(connection, name, event, now)
                numbers = [row.position for row in rows]
                given = update(webhook_events).where(_e.position.in_(numbers))
                connection.execute(given.values(handed_out_at=now))
            done += len(rows)
        return done

    def _any_new(self) -> bool:
        with self._engine.connect() as connection:
            return (
                connection.execute(select(_e.position).where(_e.handed_out_at.is_(None)).limit(1)).first() is not None
            )

    def due(self, now: datetime) -> tuple[str, ...]:
        """Receivers that have something to be sent now and do not rest, by name; somebody may be sending to one."""
        with self._engine.connect() as connection:
            awake = connection.scalars(select(_r.name).where(_over(_r.rests_until, now)).order_by(_r.name)).all()
            return tuple(name for name in awake if connection.execute(_head(name, now)).first() is not None)

    def claim(self, receiver: str, now: datetime, claim: Claim) -> Claimed | None:
        """Take the receiver and its next event, or None where nothing is due or somebody else sends to it."""
        with write(self._engine) as connection:
            state = connection.execute(_locked(receiver)).one_or_none()
            if state is None or not _passed(state.rests_until, now):
                return None
            if state.claim is not None and not _passed(state.claimed_until, now) and self._lives(state.owner):
                return None
            row = connection.execute(_head(receiver, now)).first()
            if row is None:
                return None
            taken = {"claim": claim.token, "owner": claim.owner, "claimed_until": claim.until}
            connection.execute(update(webhook_receivers).where(_r.name == receiver).values(taken))
        standing = Standing(row.attempts, row.queued_at, state.failures)
        return Claimed(claim.token, receiver, row.sequence, row.event, row.body, standing)

    def settle(self, claimed: Claimed, verdict: Verdict, now: datetime) -> bool:
        """Keep what an attempt led to and free the receiver; False where the claim was lost: nothing is changed."""
        mine = (_r.name == claimed.receiver) & (_r.claim == claimed.claim)
        taken = verdict.status is Status.DELIVERED
        state: dict[str, Any] = {
            "claim": None, "owner": "", "claimed_until": None,
            "failures": verdict.receiver_failures, "rests_until": verdict.rests_until,
            **({"succeeded_at": now} if taken else {"failed_at": now, "last_error": verdict.why}),
        }  # fmt: skip
        values = {
            "status": verdict.status, "attempts": claimed.standing.attempts + 1, "next_at": verdict.next_at,
            "ended_at": None if verdict.status is Status.PENDING else now, "last_error": verdict.why,
        }  # fmt: skip
        change = update(webhook_deliveries).where(_d.receiver == claimed.receiver, _d.sequence == claimed.sequence)
        if not taken:  # what a person dropped meanwhile stays dropped
            change = change.where(_d.status == Status.PENDING)
        with write(self._engine) as connection:
            if connection.execute(update(webhook_receivers).where(mine).values(state)).rowcount == 0:
                return False
            connection.execute(change.values(values))
        return True

    def receivers(self) -> tuple[ReceiverState, ...]:
        """Every receiver that ever had an event, by name."""
        with self._engine.connect() as connection:
            query = select(webhook_receivers, _count(Status.PENDING), _count(Status.FAILED)).order_by(_r.name)
            return tuple(
                ReceiverState(**{one.name: getattr(row, one.name) for one in fields(ReceiverState)})
                for row in connection.execute(query)
            )

    def deliveries(self, receiver: str = "", *, ended: bool = False, limit: int = 1000) -> tuple[Delivery, ...]:
        """What waits and what failed, oldest first; with ``ended`` the newest of all, delivered ones as well."""
        query = select(*_SHOWN).order_by(_d.queued_at.desc(), _d.receiver.desc(), _d.sequence.desc()).limit(limit)
        if receiver:
            query = query.where(_d.receiver == receiver)
        if not ended:
            query = query.where(_d.status.in_((Status.PENDING, Status.FAILED)))
        with self._engine.connect() as connection:
            return tuple(reversed([_delivery(row) for row in connection.execute(query)]))

    def delivery(self, receiver: str, sequence: int) -> tuple[Delivery, bytes]:
        """One delivery and the bytes that are sent; raises Refused for one that does not exist."""
        with self._engine.connect() as connection:
            return _one(connection, receiver, sequence)

    def retry(self, receiver: str, sequence: int | None, now: datetime) -> int:
        """Send again at once what failed or waits: one, or all of a receiver; returns how many. Order is kept."""
        which = _d.receiver == receiver
        with write(self._engine) as connection:
            if sequence is not None:
                _one(connection, receiver, sequence)
                which &= _d.sequence == sequence
            failed = update(webhook_deliveries).where(which, _d.status == Status.FAILED)
            anew = {"status": Status.PENDING, "attempts": 0, "queued_at": now, "next_at": now, "ended_at": None}
            connection.execute(failed.values(anew))
            waiting = update(webhook_deliveries).where(which, _d.status == Status.PENDING)
            count = connection.execute(waiting.values(next_at=now)).rowcount
            rested = update(webhook_receivers).where(_r.name == receiver)
            if connection.execute(rested.values(rests_until=None, failures=0)).rowcount == 0:
                raise Refused(f"no event was ever for a receiver {receiver!r}", remedy="see `spokesman webhook list`")
        return count

    def drop(self, receiver: str, sequence: int, now: datetime) -> None:
        """Send one no more; raises Refused for one that ended otherwise or does not exist."""
        with write(self._engine) as connection:
            found, _body = _one(connection, receiver, sequence)
            if found.status not in (Status.PENDING, Status.FAILED):
                raise Refused(
                    f"is {found.status} already", where=f"{receiver} {sequence}", remedy="nothing is to be done"
                )
            change = update(webhook_deliveries).where(_d.receiver == receiver, _d.sequence == sequence)
            connection.execute(change.values(status=Status.DROPPED, ended_at=now))

    def forget(self, before: datetime) -> None:
        """Remove what was delivered or dropped before a moment; what failed or waits stays."""
        with write(self._engine) as connection:
            over = _d.status.in_((Status.DELIVERED, Status.DROPPED)) & (_d.ended_at < before)
            connection.execute(delete(webhook_deliveries).where(over))
            used = exists().where(_d.event == _e.id)
            connection.execute(delete(webhook_events).where(_e.handed_out_at < before, ~used))


def _deliver(connection: Connection, receiver: str, event: RequestEvent, now: datetime) -> None:
    row = connection.execute(_locked(receiver)).one_or_none()
    sequence = row.last_sequence + 1 if row is not None else 1
    if row is None:
        connection.execute(
            insert(webhook_receivers).values(name=receiver, last_sequence=1, failures=0, owner="", last_error="")
        )
    else:
        connection.execute(update(webhook_receivers).where(_r.name == receiver).values(last_sequence=sequence))
    connection.execute(
        insert(webhook_deliveries).values(
            receiver=receiver, sequence=sequence, event=event.id, kind=event.kind, request=event.request,
            body=body_of(event, sequence), status=Status.PENDING, attempts=0, queued_at=now, next_at=now,
            last_error="",
        )
    )  # fmt: skip


def _locked(receiver: str) -> Select[Any]:
    """A receiver's row, nobody else's until the transaction ends; SQLite's write lock does without the words."""
    return select(webhook_receivers).where(_r.name == receiver).with_for_update()


def _head(receiver: str, now: datetime) -> Select[Any]:
    """What a receiver is to be sent next: of each request the oldest that waits, of these whose turn came first."""
    earlier = webhook_deliveries.alias("earlier")
    waits = exists().where(
        earlier.c.receiver == _d.receiver,
        earlier.c.status == Status.PENDING,
        earlier.c.request == _d.request,
        earlier.c.sequence < _d.sequence,
    )
    ready = (_d.receiver == receiver) & (_d.status == Status.PENDING) & _over(_d.next_at, now)
    return select(webhook_deliveries).where(ready, ~waits).order_by(_d.next_at, _d.sequence).limit(1)


def _over(column: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column <= now, column > now + TOO_FAR)


def _passed(moment: datetime | None, now: datetime) -> bool:
    return moment is None or moment <= now or moment > now + TOO_FAR


def _count(status: Status) -> Label[int]:
    counted = select(func.count()).select_from(webhook_deliveries).where(_d.receiver == _r.name, _d.status == status)
    return counted.scalar_subquery().label(status.value)


def _one(connection: Connection, receiver: str, sequence: int) -> tuple[Delivery, bytes]:
    query = select(webhook_deliveries).where(_d.receiver == receiver, _d.sequence == sequence)
    row = connection.execute(query).one_or_none() if 0 < sequence <= LARGEST else None
    if row is None:
        raise Refused(
            f"there is no event {sequence} for a receiver {receiver!r}", remedy="see `spokesman webhook list --all`"
        )
    return _delivery(row), row.body


def _delivery(row: Any) -> Delivery:
    values = {one.name: getattr(row, one.name) for one in fields(Delivery)}
    return Delivery(**{**values, "status": Status(row.status)})


def _event(row: Any) -> RequestEvent:
    texts = {name: getattr(row, name) for name in ("id", "kind", "request", "customer", "site")}
    return stored_event(texts, row.occurred_at, row.data)
