"""The size of the next move: what it is read from, what was said of it, what came, and how good that was.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0035"
down_revision = "0034"

_COLUMNS = (
    "stock_code, trade_date, bars, sessions_since_bar, close_krw, beta, sigma, features, feature_set, known_at,"
    " recorded_at"
)


def _as_of(columns: str) -> str:
    return f"""
        CREATE FUNCTION stock_days_as_of(known_by timestamptz, recorded_by timestamptz) RETURNS SETOF stock_days
        LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC
            SELECT {columns} FROM stock_days
             WHERE is_evidence(known_at, recorded_at, NULL, known_by, recorded_by)
            UNION ALL
            SELECT {columns} FROM stock_days_replaced
             WHERE is_evidence(known_at, recorded_at, retired_at, known_by, recorded_by);
        END
    """


def upgrade() -> None:
    op.execute("DROP FUNCTION stock_days_as_of")
    for table in ("stock_days", "stock_days_replaced"):
        op.add_column(table, sa.Column("sizes", sa.ARRAY(sa.Double()), nullable=True))
    op.execute(_as_of(f"{_COLUMNS}, sizes"))
    op.add_column("predictions", sa.Column("size", JSONB(), nullable=True))
    op.add_column("outcomes", sa.Column("size_move", sa.Double(), nullable=True))
    op.add_column("outcomes", sa.Column("size_losses", sa.ARRAY(sa.Double()), nullable=True))
    op.create_table(
        "size_metrics",
        sa.Column("model_id", sa.Integer(), sa.ForeignKey("models.id"), nullable=False),
        sa.Column("horizon", sa.SmallInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("window_name", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("n_days", sa.Integer(), nullable=False),
        sa.Column("metric_values", JSONB(), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("model_id", "horizon", "mode", "window_name", name=op.f("pk_size_metrics")),
        sa.CheckConstraint("mode IN ('live', 'backfill', 'backtest')", name=op.f("ck_size_metrics_mode")),
        sa.CheckConstraint("n > 0 AND n_days > 0", name=op.f("ck_size_metrics_counts")),
    )


def downgrade() -> None:
    op.drop_table("size_metrics")
    op.drop_column("outcomes", "size_losses")
    op.drop_column("outcomes", "size_move")
    op.drop_column("predictions", "size")
    op.execute("DROP FUNCTION stock_days_as_of")
    for table in ("stock_days", "stock_days_replaced"):
        op.drop_column(table, "sizes")
    op.execute(_as_of(_COLUMNS))
