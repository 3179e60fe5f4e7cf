"""The tables of requests, webhooks, API tokens and Lync servers."""

import sqlalchemy as sa
from alembic import op

from agent.store.base import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, part by part."""
    _requests()
    _webhooks()
    _tokens()
    _lync_changes()
    _lync_backups()
    _lync_watch()


def _requests() -> None:
    """Simple service requests and chargeable events."""
    op.create_table(
        "requests",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("customer", sa.String(length=63), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_requests")),
    )
    op.create_index(op.f("ix_requests_customer"), "requests", ["customer"], unique=False)
    op.create_index(op.f("ix_requests_state"), "requests", ["state"], unique=False)
    op.create_index("uq_requests_key", "requests", ["scope", "key"], unique=True)
    pending = sa.text("state NOT IN ('applied', 'refused', 'rolled_back', 'cancelled')")
    op.create_index(
        "uq_requests_pending", "requests", ["subject"], unique=True, sqlite_where=pending, postgresql_where=pending
    )
    op.create_table(
        "charges",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("customer", sa.String(length=63), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_charges")),
    )
    op.create_index(op.f("ix_charges_customer"), "charges", ["customer"], unique=False)
    op.create_index(op.f("ix_charges_occurred_at"), "charges", ["occurred_at"], unique=False)
    named = sa.text("source != ''")
    op.create_index("uq_charges_source", "charges", ["source"], unique=True, sqlite_where=named, postgresql_where=named)


def _webhooks() -> None:
    """What is still to be told to other systems."""
    op.create_table(
        "webhook_events",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("request", sa.String(length=40), nullable=False),
        sa.Column("customer", sa.String(length=63), nullable=False),
        sa.Column("site", sa.String(length=80), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("handed_out_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_webhook_events")),
        sa.UniqueConstraint("id", name=op.f("uq_webhook_events_id")),
    )
    op.create_index(op.f("ix_webhook_events_request"), "webhook_events", ["request"], unique=False)
    op.create_index(op.f("ix_webhook_events_handed_out_at"), "webhook_events", ["handed_out_at"], unique=False)
    op.create_table(
        "webhook_receivers",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", UtcDateTime(), nullable=True),
        sa.Column("claim", sa.String(length=64), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("succeeded_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhook_receivers")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("receiver", sa.String(length=63), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("request", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["webhook_events.id"], name=op.f("fk_webhook_deliveries_event")),
        sa.ForeignKeyConstraint(["receiver"], ["webhook_receivers.name"], name=op.f("fk_webhook_deliveries_receiver")),
        sa.PrimaryKeyConstraint("receiver", "sequence", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(op.f("ix_webhook_deliveries_event"), "webhook_deliveries", ["event"], unique=False)
    for name, column in (("next", "next_at"), ("waiting", "request")):
        op.create_index(
            f"ix_webhook_deliveries_{name}", "webhook_deliveries", ["receiver", "status", column, "sequence"]
        )


def _tokens() -> None:
    """Who may use the API."""
    op.create_table(
        "api_tokens",
        sa.Column("name", sa.String(length=31), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("customer", sa.String(length=63), nullable=False),
        sa.Column("sites", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )


def _lync_changes() -> None:
    """Plans and changes of Lync pools."""
    op.create_table(
        "lync_plans",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("customer", sa.String(length=63), nullable=False),
        sa.Column("pool", sa.String(length=63), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lync_plans")),
    )
    op.create_table(
        "lync_changes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("customer", sa.String(length=63), nullable=False),
        sa.Column("server", sa.String(length=63), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("expires", UtcDateTime(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("step_at", UtcDateTime(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("closing", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lync_changes")),
    )
    op.create_index(op.f("ix_lync_changes_customer"), "lync_changes", ["customer"], unique=False)
    op.create_index(op.f("ix_lync_changes_closing"), "lync_changes", ["closing"], unique=False)


def _lync_backups() -> None:
    """Backups of Lync servers, and what was restored from them."""
    op.create_table(
        "lync_backups",
        sa.Column("server", sa.String(length=63), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=12), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("server", "number", name=op.f("pk_lync_backups")),
    )
    op.create_table(
        "lync_shelves",
        sa.Column("server", sa.String(length=63), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("server", name=op.f("pk_lync_shelves")),
    )
    op.create_table(
        "lync_restorations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("change", sa.String(length=64), nullable=False),
        sa.Column("customer", sa.String(length=63), nullable=False),
        sa.Column("server", sa.String(length=63), nullable=False),
        sa.Column("backup", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chargeable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lync_restorations")),
        sa.UniqueConstraint("change", name=op.f("uq_lync_restorations_change")),
    )
    op.create_index(op.f("ix_lync_restorations_customer"), "lync_restorations", ["customer"], unique=False)


def _lync_watch() -> None:
    """The last known states of Lync servers, and what ran when they were called good."""
    for table, moment, content in (("server_states", "polled_at", "state"), ("server_baselines", "at", "baseline")):
        op.create_table(
            table,
            sa.Column("server", sa.String(length=63), nullable=False),
            sa.Column(moment, UtcDateTime(), nullable=False),
            sa.Column(content, sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("server", name=op.f(f"pk_{table}")),
        )
