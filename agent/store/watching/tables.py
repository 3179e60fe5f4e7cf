"""The tables of watching; to show what they hold takes nothing of what decides."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, String, Table, Text, case, text

from agent.store.base import UtcDateTime, metadata

#: A router's state whole, and of it what is shown: so that to show many reads no state. ``broken`` is a JSON list, or
#: empty. ``revision`` is that of the transaction in which the state or an alarm of the router was last written.
states = Table(
    "router_states",
    metadata,
    Column("router", String(63), primary_key=True),
    Column("polled_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("reach", String(16), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("booted_at", UtcDateTime),
    Column("broken", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0", index=True),
)

#: How many transactions wrote of routers: one row.
revisions = Table(
    "router_revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
)

#: Polls that found everything as before since a state was written, of each router the last. They lie in the order in
#: which routers are polled, so that what is noted together lies together.
notes = Table(
    "router_polls",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("router", String(63), primary_key=True, index=True),
    Column("since", Double, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("uptime_s", Double, nullable=False),
    Column("round_trip_ms", Double),
    Column("usual_ms", Double),
    Column("usual_polls", Integer, nullable=False),
    Column("cpu_percent", Double),
    Column("sent", String(63), nullable=False),
    sqlite_with_rowid=False,
)

#: When a router was last polled, in a query that outer joins the notes: a poll that found all as before is only noted.
POLLED_AT = case((notes.c.at > states.c.polled_at, notes.c.at), else_=states.c.polled_at)

_ACTIVE = text("cleared_at IS NULL")

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(63), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("item", String(63), nullable=False),
    Column("raised_at", UtcDateTime, nullable=False, index=True),
    Column("first_failed_at", UtcDateTime, nullable=False),
    Column("why", Text, nullable=False),
    Column("decision", Text, nullable=False, default=""),
    Column("incident", String(16), nullable=False, default=""),
    Column("cleared_at", UtcDateTime),
    Column("cleared", String(32)),
    Column("cleared_why", Text, nullable=False, default=""),
    Index("uq_alarms_active", "subject", "kind", "item", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
)
