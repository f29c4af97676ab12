"""The market model of each stock and session, computed once a close and kept as it was when a bar is restated.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa

from alembic import op

revision = "0024"
down_revision = "0023"

_MOMENT = sa.DateTime(timezone=True)
_KEYS = {"stock_days": "stock_code", "market_days": "market"}
_VALUES = {
    "stock_days": "bars, sessions_since_bar, close_krw, beta, sigma, features, feature_set",
    "market_days": "market_return, open_to_close, n_stocks",
}


def upgrade() -> None:
    op.create_table(
        "stock_days",
        sa.Column("stock_code", sa.Text(), sa.ForeignKey("stocks.code"), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("bars", sa.Integer(), nullable=False),
        sa.Column("sessions_since_bar", sa.Integer(), nullable=False),
        sa.Column("close_krw", sa.Double(), nullable=False),
        sa.Column("beta", sa.Double(), nullable=False),
        sa.Column("sigma", sa.Double(), nullable=False),
        sa.Column("features", sa.ARRAY(sa.Double()), nullable=True),
        sa.Column("feature_set", sa.SmallInteger(), nullable=False),
        *_moments(),
        sa.PrimaryKeyConstraint("stock_code", "trade_date", name=op.f("pk_stock_days")),
        sa.CheckConstraint("sigma > 0", name=op.f("ck_stock_days_sigma")),
    )
    op.create_table(
        "market_days",
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("market_return", sa.Double(), nullable=False),
        sa.Column("open_to_close", sa.Double(), nullable=True),
        sa.Column("n_stocks", sa.Integer(), nullable=False),
        *_moments(),
        sa.PrimaryKeyConstraint("market", "trade_date", name=op.f("pk_market_days")),
    )
    for table, key in _KEYS.items():
        _keep(table, key)
    op.create_index("ix_stock_days_trade_date", "stock_days", ["trade_date"])
    op.create_table(
        "market_model_state",
        sa.Column("id", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("read_by", _MOMENT, nullable=False),
        sa.Column("feature_set", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_model_state")),
        sa.CheckConstraint("id", name=op.f("ck_market_model_state_one_row")),
    )
    # What has come since the market model was last computed is looked for before every use of it.
    op.create_index("ix_daily_bars_recorded_at", "daily_bars", ["recorded_at"])
    op.create_index("ix_index_bars_recorded_at", "index_bars", ["recorded_at"])


def _moments() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, server_default=sa.func.now(), nullable=False),
    )


def _keep(table: str, key: str) -> None:
    """The triggers and the function of rows with two clocks, as of the bars (0021)."""
    columns = f"{key}, trade_date, {_VALUES[table]}, known_at, recorded_at"
    op.execute(f"CREATE TABLE {table}_replaced (retired_at timestamptz NOT NULL, LIKE {table} INCLUDING DEFAULTS)")
    op.create_index(f"ix_{table}_replaced_{key}_trade_date", f"{table}_replaced", [key, "trade_date"])
    op.execute(f"CREATE TRIGGER know_at_close BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION know_at_close()")
    op.execute(f"""
        CREATE TRIGGER keep_replaced BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION keep_replaced()
    """)
    op.execute(f"""
        CREATE FUNCTION {table}_as_of(known_by timestamptz, recorded_by timestamptz) RETURNS SETOF {table}
        LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC
            SELECT {columns} FROM {table}
             WHERE is_evidence(known_at, recorded_at, NULL, known_by, recorded_by)
            UNION ALL
            SELECT {columns} FROM {table}_replaced
             WHERE is_evidence(known_at, recorded_at, retired_at, known_by, recorded_by);
        END
    """)


def downgrade() -> None:
    for table in ("daily_bars", "index_bars"):
        op.drop_index(f"ix_{table}_recorded_at", table)
    op.drop_table("market_model_state")
    for table in _KEYS:
        op.execute(f"DROP FUNCTION {table}_as_of")
        op.drop_table(f"{table}_replaced")
        op.drop_table(table)
