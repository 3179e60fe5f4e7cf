"""The steady clock beside the time of day in the daemon's sign of life: the latter may be set while no daemon runs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the columns; of what was before the steady clock is not known."""
    op.add_column("heartbeats", sa.Column("boot", sa.String(length=64), server_default="", nullable=False))
    op.add_column("heartbeats", sa.Column("steady_s", sa.Double(), server_default="0", nullable=False))
