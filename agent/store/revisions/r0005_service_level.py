"""The poller's own service level: gaps between polls, and what was counted of each day."""

import sqlalchemy as sa
from alembic import op

from agent.store.base import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables; of what was before nothing is known."""
    op.create_table(
        "poll_gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("router", sa.String(length=63), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_gaps")),
    )
    op.create_index(op.f("ix_poll_gaps_ended_at_router"), "poll_gaps", ["ended_at", "router"], unique=False)
    op.create_table(
        "poll_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("routers", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_poll_days")),
    )
