"""The steady clock beside the time of day in the daemon's sign of life, and what more is known of a gap's reason."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the columns; of what was before nothing more is known."""
    op.add_column("heartbeats", sa.Column("boot", sa.String(length=64), server_default="", nullable=False))
    op.add_column("heartbeats", sa.Column("steady_s", sa.Double(), server_default="0", nullable=False))
    op.add_column("poll_gaps", sa.Column("detail", sa.Text(), server_default="", nullable=False))
