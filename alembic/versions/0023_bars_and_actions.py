"""Corporate actions as their sources tell them, and one function that gives the bars which features may use.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa

from alembic import op

revision = "0023"
down_revision = "0022"

_TABLE = "corporate_actions"
_MISSING = "{no_trade,flat_copy,beyond_limit,outside_range,unfinished,other_basis,unknown_action}"
_BREAKS = "{beyond_limit,other_basis,unknown_action}"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("ex_date", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("factor", sa.Double(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("factor > 0", name=op.f("ck_corporate_actions_factor")),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_corporate_actions_stock_code_stocks")),
        sa.PrimaryKeyConstraint("stock_code", "ex_date", "source", name=op.f("pk_corporate_actions")),
    )
    op.execute(f"CREATE TABLE {_TABLE}_replaced (retired_at timestamptz NOT NULL, LIKE {_TABLE} INCLUDING DEFAULTS)")
    op.execute(f"""
        CREATE TRIGGER keep_replaced BEFORE UPDATE ON {_TABLE} FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION keep_replaced()
    """)
    op.create_index(
        "ix_daily_bars_breaks", "daily_bars", ["stock_code", "trade_date"], postgresql_where=f"flags && '{_BREAKS}'"
    )
    # What the exchange said of a session. Reference data of the session joins it.
    op.execute("""
        CREATE VIEW session_bases AS
        SELECT stock_code, trade_date, base_price_krw, source, true AS is_limited FROM daily_bars
    """)
    op.execute(_usable())


def _usable() -> str:
    """Adjusted prices without those that lie, rejoined at a break: the move over it is unknown, not the past before."""
    return f"""
        CREATE FUNCTION usable_bars(known_by timestamptz, recorded_by timestamptz, first_date date, last_date date)
        RETURNS TABLE (stock_code text, trade_date date, open float8, high float8, low float8, close float8,
                       volume float8, raw_close float8)
        LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC
            WITH moves AS (
                SELECT k.stock_code, k.trade_date,
                       ln(k.regular_close_krw * k.adjust_factor / (p.regular_close_krw * p.adjust_factor)) AS move
                  FROM daily_bars_as_of(known_by, recorded_by) k
                 CROSS JOIN LATERAL (
                    SELECT b.regular_close_krw, b.adjust_factor FROM daily_bars_as_of(known_by, recorded_by) b
                     WHERE b.stock_code = k.stock_code AND b.trade_date < k.trade_date AND b.is_final
                     ORDER BY b.trade_date DESC LIMIT 1
                 ) p
                 WHERE k.flags && '{_BREAKS}' AND k.is_final AND k.trade_date BETWEEN first_date AND last_date
            ), spans AS (
                SELECT m.stock_code, m.trade_date AS ends, lag(m.trade_date) OVER oldest_first AS begins,
                       exp(sum(m.move) OVER newest_first) AS scale
                  FROM moves m
                WINDOW oldest_first AS (PARTITION BY m.stock_code ORDER BY m.trade_date),
                       newest_first AS (PARTITION BY m.stock_code ORDER BY m.trade_date DESC)
            ), bars AS (
                SELECT b.*, NOT b.flags && '{_MISSING}' AS is_good,
                       b.adjust_factor * coalesce(s.scale, 1) AS factor
                  FROM daily_bars_as_of(known_by, recorded_by) b
                  LEFT JOIN spans s ON s.stock_code = b.stock_code AND b.trade_date < s.ends
                   AND (s.begins IS NULL OR b.trade_date >= s.begins)
                 WHERE b.is_final AND b.trade_date BETWEEN first_date AND last_date
            )
            SELECT bars.stock_code, bars.trade_date,
                   CASE WHEN is_good THEN open_krw * factor END,
                   CASE WHEN is_good THEN high_krw * factor END,
                   CASE WHEN is_good THEN low_krw * factor END,
                   CASE WHEN is_good THEN regular_close_krw * factor END,
                   CASE WHEN is_good AND NOT flags && '{{volume_break}}' THEN bars.volume / adjust_factor END,
                   CASE WHEN is_good THEN regular_close_krw END
              FROM bars;
        END
    """


def downgrade() -> None:
    op.execute("DROP FUNCTION usable_bars")
    op.execute("DROP VIEW session_bases")
    op.drop_index("ix_daily_bars_breaks", "daily_bars")
    op.drop_table(f"{_TABLE}_replaced")
    op.drop_table(_TABLE)
