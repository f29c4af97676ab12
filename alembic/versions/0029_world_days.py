"""Closes of US indices and of the dollar, with both clocks; what foreigners and institutions bought of each stock.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa

from alembic import op

revision = "0029"
down_revision = "0028"

_MOMENT = sa.DateTime(timezone=True)
_COLUMNS = {
    "world_days": "symbol, trade_date, source, close, known_at, recorded_at",
    "investor_flows": "stock_code, trade_date, source, foreign_shares, institution_shares, individual_shares,"
    " foreign_krw, institution_krw, individual_krw, known_at, recorded_at",
}
_KEYS = {"world_days": "symbol", "investor_flows": "stock_code"}


def upgrade() -> None:
    op.create_table(
        "world_days",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("close", sa.Double(), nullable=False),
        *_moments(),
        sa.PrimaryKeyConstraint("symbol", "trade_date", "source", name=op.f("pk_world_days")),
        sa.CheckConstraint("close > 0", name=op.f("ck_world_days_close")),
        sa.CheckConstraint("symbol IN ('sp500', 'nasdaq', 'sox', 'usdkrw')", name=op.f("ck_world_days_symbol")),
    )
    bought = ("foreign_shares", "institution_shares", "individual_shares")
    paid = ("foreign_krw", "institution_krw", "individual_krw")
    op.create_table(
        "investor_flows",
        sa.Column("stock_code", sa.Text(), sa.ForeignKey("stocks.code"), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in bought),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in paid),
        *_moments(),
        sa.PrimaryKeyConstraint("stock_code", "trade_date", "source", name=op.f("pk_investor_flows")),
    )
    for table in _COLUMNS:
        _keep(table)


def _moments() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, server_default=sa.func.now(), nullable=False),
    )


def _keep(table: str) -> None:
    """The trigger and the function of rows with two clocks, as of the bars (0021)."""
    columns = _COLUMNS[table]
    op.execute(f"CREATE TABLE {table}_replaced (retired_at timestamptz NOT NULL, LIKE {table} INCLUDING DEFAULTS)")
    op.create_index(f"ix_{table}_replaced_{_KEYS[table]}_trade_date", f"{table}_replaced", [_KEYS[table], "trade_date"])
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
    for table in _COLUMNS:
        op.execute(f"DROP FUNCTION {table}_as_of")
        op.drop_table(f"{table}_replaced")
        op.drop_table(table)
