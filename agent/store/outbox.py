"""Webhooks to be sent: events written with the state that they tell of, and their deliveries to each receiver."""

from __future__ import annotations

from secrets import token_hex

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    insert,
)

from agent.requests.webhooks.event import RequestEvent, data_text
from agent.store.base import UtcDateTime, metadata

#: What happened; ``handed_out_at`` is empty until each receiver that wants it has its delivery.
webhook_events = Table(
    "webhook_events",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("request", String(40), nullable=False, index=True),
    Column("customer", String(63), nullable=False),
    Column("site", String(80), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("data", Text, nullable=False),
    Column("handed_out_at", UtcDateTime, index=True),
)

#: A receiver as it behaves: who sends to it now (one at a time, until when), how often it failed in a row.
webhook_receivers = Table(
    "webhook_receivers",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("last_sequence", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("rests_until", UtcDateTime),
    Column("claim", String(64)),
    Column("owner", String(200), nullable=False),
    Column("claimed_until", UtcDateTime),
    Column("last_error", Text, nullable=False),
    Column("failed_at", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
)

#: One event for one receiver: the bytes, and how far it is.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("receiver", ForeignKey("webhook_receivers.name"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("event", ForeignKey("webhook_events.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("request", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("last_error", Text, nullable=False),
    #: What is next is found at once, however much waits.
    Index("ix_webhook_deliveries_next", "receiver", "status", "next_at", "sequence"),
    Index("ix_webhook_deliveries_waiting", "receiver", "status", "request", "sequence"),
)


def new_event_id() -> str:
    """An identity for an event: 128 random bits."""
    return f"evt_{token_hex(16)}"


def enqueue(connection: Connection, event: RequestEvent) -> None:
    """Write ``event`` in the caller's transaction: it is sent if, and only if, that transaction commits.

    Which receivers want it is decided later, by the daemon's settings.
    """
    connection.execute(
        insert(webhook_events).values(
            id=event.id,
            kind=event.kind,
            request=event.request,
            customer=event.customer,
            site=event.site,
            occurred_at=event.occurred_at,
            data=data_text(event),
        )
    )
