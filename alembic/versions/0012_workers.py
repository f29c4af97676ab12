"""workers

Workers say how they are. The engine gets a queue for each kind: what it holds is offered again by the reconciler.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workers", sa.Column("state", sa.Text(), server_default="starting", nullable=False))
    op.add_column(
        "workers", sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.execute("DELETE FROM azak_queue.pgqueuer")


def downgrade() -> None:
    op.drop_column("workers", "details")
    op.drop_column("workers", "state")
    op.execute("DELETE FROM azak_queue.pgqueuer")
