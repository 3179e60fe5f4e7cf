"""What is shown of each router, beside its state, and which routers and servers there are: status reads no more."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from agent.store.base import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the columns and tables; what the states tell already is shown at once."""
    with op.batch_alter_table("router_states") as table:
        table.add_column(sa.Column("reach", sa.String(length=16), nullable=False, server_default="unknown"))
        table.add_column(sa.Column("since", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("booted_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("broken", sa.Text(), nullable=False, server_default=""))
    _fill()
    with op.batch_alter_table("router_states") as table:
        table.alter_column("since", existing_type=UtcDateTime(), nullable=False)
        for name, kind in (("reach", sa.String(length=16)), ("reason", sa.Text()), ("broken", sa.Text())):
            table.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    op.create_table(
        "fleet_routers",
        sa.Column("router", sa.String(length=63), nullable=False),
        sa.Column("site", sa.String(length=127), nullable=False),
        sa.Column("proactive", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("router", name=op.f("pk_fleet_routers")),
    )
    op.create_index(op.f("ix_fleet_routers_site"), "fleet_routers", ["site"], unique=False)
    op.create_table(
        "fleet_servers",
        sa.Column("server", sa.String(length=63), nullable=False),
        sa.Column("site", sa.String(length=127), nullable=False),
        sa.Column("pool", sa.String(length=63), nullable=False),
        sa.Column("role", sa.String(length=63), nullable=False),
        sa.Column("proactive", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("server", name=op.f("pk_fleet_servers")),
    )
    op.create_table(
        "fleet_rosters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_rosters")),
    )


def _fill() -> None:
    """From the states that are kept; ``broken`` follows with each router's next poll."""
    connection = op.get_bind()
    moment = UtcDateTime()
    states = sa.table(
        "router_states", sa.column("router"), sa.column("state"), sa.column("reach"), sa.column("since", moment),
        sa.column("reason"), sa.column("booted_at", moment),
    )  # fmt: skip
    for router, text in connection.execute(sa.select(states.c.router, states.c.state)).all():
        state = json.loads(text)
        values = {name: state.get(name) for name in ("reach", "reason")}
        values |= {name: _moment(state.get(name)) for name in ("since", "booted_at")}
        connection.execute(sa.update(states).where(states.c.router == router).values(**values))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
