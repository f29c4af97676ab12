"""A stock is active, paused or archived, and the exchange's list of stocks is kept.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("stocks", sa.Column("state", sa.Text(), server_default="active", nullable=False))
    op.create_check_constraint(op.f("ck_stocks_state"), "stocks", "state IN ('active', 'paused', 'archived')")
    op.execute("UPDATE stocks SET state = 'paused' WHERE NOT is_active")
    op.drop_column("stocks", "is_active")
    is_active: sa.Column[bool] = sa.Column(
        "is_active", sa.Boolean(), sa.Computed("state = 'active'", persisted=True), nullable=False
    )
    op.add_column("stocks", is_active)
    op.create_table(
        "listings",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_listings_code")),
        sa.CheckConstraint("market IN ('KOSPI', 'KOSDAQ', 'KONEX')", name=op.f("ck_listings_market")),
        sa.CheckConstraint("status IN ('normal', 'halted', 'managed', 'delisted')", name=op.f("ck_listings_status")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_listings")),
    )


def downgrade() -> None:
    op.drop_table("listings")
    op.drop_column("stocks", "is_active")
    op.add_column("stocks", sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False))
    op.execute("UPDATE stocks SET is_active = false WHERE state <> 'active'")
    op.drop_constraint(op.f("ck_stocks_state"), "stocks", type_="check")
    op.drop_column("stocks", "state")
