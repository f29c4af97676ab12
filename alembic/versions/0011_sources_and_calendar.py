"""sources and calendar"""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KINDS = ("news", "filings", "prices", "index")


def upgrade() -> None:
    _replace_kinds((*_KINDS, "listings"))
    op.add_column("sources", sa.Column("quota_limit", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("is_stalled", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "source_tokens",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=False),
        sa.Column("issued_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_tokens")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=True),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(opens_at IS NULL) = (closes_at IS NULL) AND opens_at < closes_at", name=op.f("ck_calendar_days_hours")
        ),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 200", name=op.f("ck_calendar_days_reason")),
        sa.PrimaryKeyConstraint("trade_date", name=op.f("pk_calendar_days")),
    )


def downgrade() -> None:
    op.drop_table("calendar_days")
    op.drop_table("source_tokens")
    op.drop_column("sources", "is_stalled")
    op.drop_column("sources", "quota_limit")
    op.execute("DELETE FROM sources WHERE kind = 'listings'")
    _replace_kinds(_KINDS)


def _replace_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_sources_kind"), "sources", type_="check")
    op.create_check_constraint(
        op.f("ck_sources_kind"), "sources", f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
    )
