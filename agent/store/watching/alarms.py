"""Alarms, active and past: raised, cleared and decided on for many devices at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from agent.incidents.opening import Decision
from agent.monitoring.alarms import Alarm, AlarmKey, Cleared, Kind, Verdicts
from agent.store.base import chunks
from agent.store.watching.tables import alarms

_CHANGE = (
    update(alarms)
    .where(alarms.c.id == bindparam("number"))
    .values({name: bindparam(name) for name in ("why", "decision", "incident", "cleared_at", "cleared", "cleared_why")})
)


class Judged(NamedTuple):
    """What a poll led to for the alarms of its device: ``active`` are those before it.

    ``incident`` is the reference that goes with the decisions to open one or to join it; empty: there is none.
    """

    active: tuple[Alarm, ...]
    verdicts: Verdicts
    decisions: Mapping[AlarmKey, Decision]
    incident: str = ""


def keep(connection: Connection, judged: Iterable[Judged]) -> frozenset[str]:
    """Raise, clear and decide; of one device once at most. Returns the devices whose alarms are not what they were."""
    new, changed = [], []
    for one in judged:
        for former, after in _after(one):
            if former is None:
                new.append(_row(after))
            elif after != former:
                changed.append(_row(after) | {"number": former.id})
    if new:
        connection.execute(insert(alarms), new)
    if changed:
        connection.execute(_CHANGE, changed)
    return frozenset(str(row["subject"]) for row in (*new, *changed))


def _after(judged: Judged) -> Iterator[tuple[Alarm | None, Alarm]]:
    """Each alarm that is concerned, before and after; a raised one that is active gets fresh words."""
    former, decisions = {alarm.key: alarm for alarm in judged.active}, judged.decisions
    after = dict(former)
    for raised in judged.verdicts.raised:
        known = former.get(raised.key) or Alarm(0, raised.key, raised.at, raised.first_failed_at, raised.why)
        after[raised.key] = replace(known, why=raised.why)
    for clear in judged.verdicts.cleared:
        if (alarm := after.get(clear.key)) is not None:
            after[clear.key] = replace(alarm, cleared_at=clear.at, cleared=clear.reason, cleared_why=clear.why)
    for key, decision in decisions.items():
        joined = decision in (Decision.OPENED, Decision.ATTACHED)
        after[key] = replace(after[key], decision=decision, incident=judged.incident if joined else "")
    return ((former.get(key), alarm) for key, alarm in after.items())


def _row(alarm: Alarm) -> dict[str, object]:
    row = {field.name: getattr(alarm, field.name) for field in fields(Alarm) if field.name not in ("id", "key")}
    return {"subject": alarm.key.subject, "kind": alarm.key.kind, "item": alarm.key.item, **row}


def apply(connection: Connection, verdicts: Verdicts) -> frozenset[str]:
    """Raise and clear alarms that no poll caused; returns the devices whose alarms are not what they were."""
    subjects = {one.key.subject for one in verdicts.raised} | {one.key.subject for one in verdicts.cleared}
    active = active_of(connection, subjects)
    every = tuple(alarm for found in active.values() for alarm in found)
    return keep(connection, (Judged(every, verdicts, {}),))


def clear_all(connection: Connection, subjects: Iterable[str], at: datetime, why: str) -> None:
    """Clear the alarms of devices that left the inventory."""
    values = {"cleared_at": at, "cleared": Cleared.NOT_MANAGED, "cleared_why": why}
    for names in chunks(subjects):
        gone = alarms.c.subject.in_(names) & alarms.c.cleared_at.is_(None)
        connection.execute(update(alarms).where(gone).values(values))


def active_of(connection: Connection, subjects: Collection[str]) -> dict[str, tuple[Alarm, ...]]:
    """The active alarms of those devices that have any; newest first."""
    found: dict[str, tuple[Alarm, ...]] = {}
    for names in chunks(subjects):
        query = select(alarms).where(alarms.c.cleared_at.is_(None), alarms.c.subject.in_(names))
        for row in connection.execute(query.order_by(alarms.c.id.desc())):
            found[row.subject] = (*found.get(row.subject, ()), alarm_of(row))
    return found


def alarm_of(row: Row[tuple[object, ...]]) -> Alarm:
    """The alarm of a row of the table."""
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
