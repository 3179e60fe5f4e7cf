"""Notes of polls that found everything as before, and which transaction last wrote of a router."""

import sqlalchemy as sa
from alembic import op

from agent.store.base import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, and number what is there as written before any that is counted."""
    op.add_column("router_states", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_router_states_revision"), "router_states", ["revision"], unique=False)
    counter = op.create_table(
        "router_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_router_revision")),
    )
    op.bulk_insert(counter, [{"id": 1, "number": 0}])
    op.create_table(
        "router_polls",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("router", sa.String(length=63), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("uptime_s", sa.Double(), nullable=False),
        sa.Column("round_trip_ms", sa.Double(), nullable=True),
        sa.Column("usual_ms", sa.Double(), nullable=True),
        sa.Column("usual_polls", sa.Integer(), nullable=False),
        sa.Column("cpu_percent", sa.Double(), nullable=True),
        sa.Column("sent", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("slot", "router", name=op.f("pk_router_polls")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_router_polls_router"), "router_polls", ["router"], unique=False)
