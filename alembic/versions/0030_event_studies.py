"""Studies of the moves after events, in snapshots.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "event_studies",
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("sign", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("horizon", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("n_days", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("shrunk", sa.Double(), nullable=False),
        sa.Column("drift", sa.Double(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.CheckConstraint("horizon IN (1, 3, 5)", name=op.f("ck_event_studies_horizon")),
        sa.CheckConstraint("n >= 1 AND n_days >= 1", name=op.f("ck_event_studies_counts")),
        sa.CheckConstraint("(low IS NULL) = (high IS NULL)", name=op.f("ck_event_studies_interval")),
        sa.CheckConstraint("verdict IN ('too_few', 'none', 'effect')", name=op.f("ck_event_studies_verdict")),
        sa.PrimaryKeyConstraint(
            "computed_at", "stock_code", "type", "sign", "size", "horizon", name=op.f("pk_event_studies")
        ),
    )
    op.create_index("ix_event_studies_stock_code_computed_at", "event_studies", ["stock_code", "computed_at"])


def downgrade() -> None:
    op.drop_table("event_studies")
