"""Rows of routers: the state that was last written, notes of polls after it, and which were written when."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from agent.monitoring.keeping.note import Note, slot
from agent.monitoring.ports import Revised
from agent.monitoring.states import RouterState
from agent.store.base import chunks, json_of, upsert
from agent.store.watching.tables import notes, revisions, states

_CHANGE = (
    update(states)
    .where(states.c.router == bindparam("name"))
    .values({column.name: bindparam(column.name) for column in states.c if column.name != "router"})
)


def revise(connection: Connection) -> int:
    """The revision of this transaction; from here on nobody else writes of routers until it ends."""
    if connection.execute(update(revisions).values(number=revisions.c.number + 1)).rowcount == 0:
        connection.execute(insert(revisions).values(id=1, number=1))
    number: int = connection.execute(select(revisions.c.number)).scalar_one()
    return number


def revised(connection: Connection, since: int | None, now: int | None = None) -> Revised:
    """Which routers were written of after revision ``since``, up to ``now``, the last one."""
    number = connection.execute(select(revisions.c.number)).scalar() or 0 if now is None else now
    if since is None or since == number:
        return Revised(number, frozenset())
    found = connection.scalars(select(states.c.router).where(states.c.revision > since))
    return Revised(number, frozenset(found))


def touch(connection: Connection, routers: Collection[str], revision: int) -> None:
    """Tell whoever carries these routers on in memory that something of them was written."""
    for names in chunks(routers):
        connection.execute(update(states).where(states.c.router.in_(names)).values(revision=revision))


def read_states(connection: Connection, routers: Collection[str] | None) -> dict[str, RouterState]:
    """States as they were last written, of all or of some."""
    read, query = json_of(RouterState).validate_json, select(states.c.router, states.c.state)
    queries = [query] if routers is None else [query.where(states.c.router.in_(names)) for names in chunks(routers)]
    return {router: read(state) for one in queries for router, state in connection.execute(one)}


def present(connection: Connection, routers: Collection[str] | None) -> dict[str, RouterState]:
    """States as they are, with the polls that were noted since they were written; of all or of some."""
    noted = read_notes(connection, routers)
    found = read_states(connection, routers)
    return {
        name: noted[name].onto(state) if name in noted and noted[name].of(state) else state
        for name, state in found.items()
    }


def columns(state: RouterState) -> dict[str, object]:
    """How a state is kept, but for the router's name."""
    return {
        "polled_at": state.polled_at,
        "state": json_of(RouterState).dump_json(state).decode(),
        "reach": state.reach,
        "since": state.since,
        "reason": state.reason,
        "booted_at": state.booted_at,
        "broken": json.dumps(state.broken, ensure_ascii=False) if state.broken else "",
    }


def save_states(connection: Connection, changed: Iterable[RouterState], known: Collection[str], revision: int) -> None:
    """Write states, each of another router; ``known`` are those that have a row."""
    new, old = [], []
    for state in changed:
        row = {**columns(state), "revision": revision}
        if state.router in known:
            old.append(row | {"name": state.router})
        else:
            new.append(row | {"router": state.router})
    if old:
        connection.execute(_CHANGE, old)
    if new:
        connection.execute(insert(states), new)


def read_notes(connection: Connection, routers: Collection[str] | None) -> dict[str, Note]:
    """Notes of polls, of all or of some."""
    query = select(*(notes.c[name] for name in Note._fields))
    queries = [query] if routers is None else [query.where(notes.c.router.in_(names)) for names in chunks(routers)]
    found = (row._asdict() for one in queries for row in connection.execute(one))
    return {row["router"]: Note(**row | {"at": row["at"].timestamp()}) for row in found}


def save_notes(connection: Connection, made: Iterable[Note]) -> None:
    """Keep notes in place of former ones."""
    rows = [{**note._asdict(), "slot": slot(note.router), "at": datetime.fromtimestamp(note.at, UTC)} for note in made]
    if rows:
        connection.execute(upsert(connection, notes), rows)


def forget(connection: Connection, routers: Collection[str]) -> None:
    """Routers that left the inventory."""
    for names in chunks(routers):
        connection.execute(delete(states).where(states.c.router.in_(names)))
        connection.execute(delete(notes).where(notes.c.router.in_(names)))
