"""What a feed published while nobody asked it is a gap, until a source that can be asked by time has filled it.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa

from alembic import op

revision = "0028"
down_revision = "0027"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feed_gaps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("found_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("next_try_at", _MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("filled_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_gaps")),
        sa.UniqueConstraint("source", "since", name=op.f("uq_feed_gaps_source_since")),
        sa.CheckConstraint("since <= until", name=op.f("ck_feed_gaps_span")),
        sa.CheckConstraint("(closed_at IS NULL) = (filled_by IS NULL)", name=op.f("ck_feed_gaps_closed")),
    )


def downgrade() -> None:
    op.drop_table("feed_gaps")
