"""Current states of Lync servers and their baselines; a state is written with its alarms in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, Text, delete, insert, select, update
from sqlalchemy.engine import Engine

from agent.monitoring.servers.expected import Baseline
from agent.monitoring.servers.ports import ServerKnown, ServerOutcome
from agent.monitoring.servers.states import ServerState
from agent.store import incidents as tickets
from agent.store.base import UtcDateTime, json_of, metadata, write
from agent.store.watching import alarms, rows

server_states = Table(
    "server_states",
    metadata,
    Column("server", String(63), primary_key=True),
    Column("polled_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
)

baselines = Table(
    "server_baselines",
    metadata,
    Column("server", String(63), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("baseline", Text, nullable=False),
)


class Servers:
    """States and baselines of servers, on the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def observe(self, server: str, router: str, decide: Callable[[ServerKnown], ServerOutcome]) -> ServerOutcome:
        """Read what is known of ``server``, decide, and write: one transaction, on the disk when it returns."""
        with write(self._engine) as connection:
            known = ServerKnown(
                state=_states(connection, server).get(server),
                active=alarms.active_of(connection, (server,)).get(server, ()),
                incident=tickets.current(connection, (server,)).get(server),
                next_reference=next(tickets.references(connection)),
                router=rows.present(connection, (router,)).get(router),
            )
            outcome = decide(known)
            state = outcome.step.state
            values = {"polled_at": state.polled_at, "state": json_of(ServerState).dump_json(state).decode()}
            _put(connection, server_states, server, values)
            incident = outcome.incident or known.incident
            joins = incident.reference if incident is not None else ""
            alarms.keep(connection, (alarms.Judged(known.active, outcome.verdicts, outcome.decisions, joins),))
            if outcome.incident is not None:
                tickets.save(connection, ((known.incident, outcome.incident),))
            return outcome

    def states(self) -> Mapping[str, ServerState]:
        """The last known state of every server that was ever looked at and is not forgotten."""
        with self._engine.connect() as connection:
            return _states(connection, None)

    def baselines(self) -> Mapping[str, Baseline]:
        """The baseline of each server that has one."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(baselines)).all()
        return {row.server: json_of(Baseline).validate_json(row.baseline) for row in rows}

    def keep_baseline(self, baseline: Baseline) -> None:
        """Keep a baseline in place of the server's former one."""
        values = {"at": baseline.at, "baseline": json_of(Baseline).dump_json(baseline).decode()}
        with write(self._engine) as connection:
            _put(connection, baselines, baseline.server, values)

    def forget(self, servers: tuple[str, ...], at: datetime) -> None:
        """Servers that left the inventory: their state goes, their alarms are cleared, their history stays."""
        with write(self._engine) as connection:
            connection.execute(delete(server_states).where(server_states.c.server.in_(servers)))
            alarms.clear_all(connection, servers, at, "the server is no longer in the inventory")


def _states(connection: Connection, server: str | None) -> dict[str, ServerState]:
    query = select(server_states)
    if server is not None:
        query = query.where(server_states.c.server == server)
    return {row.server: json_of(ServerState).validate_json(row.state) for row in connection.execute(query)}


def _put(connection: Connection, table: Table, server: str, values: Mapping[str, object]) -> None:
    done = connection.execute(update(table).where(table.c.server == server).values(values))
    if done.rowcount == 0:
        connection.execute(insert(table).values(server=server, **values))
