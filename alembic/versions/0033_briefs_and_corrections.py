"""Briefs of the watchlist, and which report corrects which.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0033"
down_revision = "0032"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "briefs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asof", _MOMENT, nullable=False),
        sa.Column("fact_sheet", postgresql.JSONB(), nullable=False),
        sa.Column("text_ko", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("citations", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefs")),
        sa.UniqueConstraint("trade_date", "kind", name=op.f("uq_briefs_trade_date_kind")),
        sa.CheckConstraint("kind IN ('morning', 'close')", name=op.f("ck_briefs_kind")),
    )
    op.create_index("ix_briefs_asof_id", "briefs", ["asof", "id"])
    op.create_table(
        "report_corrections",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("corrected_by", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_corrections")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_corrections_report_id")),
        sa.ForeignKeyConstraint(["corrected_by"], ["reports.id"], name=op.f("fk_report_corrections_corrected_by")),
    )
    op.create_index("ix_report_corrections_corrected_by", "report_corrections", ["corrected_by"])
    for table in ("briefs", "report_corrections"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("report_corrections")
    op.drop_table("briefs")
