"""stocks_and_prices"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "index_bars",
        sa.Column("index_code", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("close", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("close > 0", name=op.f("ck_index_bars_close")),
        sa.PrimaryKeyConstraint("index_code", "trade_date", name=op.f("pk_index_bars")),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("off_reason", sa.Text(), nullable=True),
        sa.Column("last_ok_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_error_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("newest_item_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("consecutive_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("consecutive_empty", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blocked_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("quota_date", sa.Date(), nullable=True),
        sa.Column("quota_used", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("kind IN ('news', 'filings', 'prices', 'index')", name=op.f("ck_sources_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
    )
    op.create_table(
        "stocks",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("aliases", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("status", sa.Text(), server_default="normal", nullable=False),
        sa.Column("dart_corp_code", sa.Text(), nullable=True),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_stocks_code")),
        sa.CheckConstraint("market IN ('KOSPI', 'KOSDAQ', 'KONEX')", name=op.f("ck_stocks_market")),
        sa.CheckConstraint("status IN ('normal', 'halted', 'managed', 'delisted')", name=op.f("ck_stocks_status")),
        sa.CheckConstraint("priority BETWEEN 1 AND 5", name=op.f("ck_stocks_priority")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_stocks")),
    )
    op.create_table(
        "daily_bars",
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("open_krw", sa.Integer(), nullable=False),
        sa.Column("high_krw", sa.Integer(), nullable=False),
        sa.Column("low_krw", sa.Integer(), nullable=False),
        sa.Column("regular_close_krw", sa.Integer(), nullable=False),
        sa.Column("last_price_krw", sa.Integer(), nullable=True),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.Column("adjust_factor", sa.Double(), server_default="1", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_final", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_daily_bars_stock_code")),
        sa.CheckConstraint("adjust_factor > 0", name=op.f("ck_daily_bars_adjust_factor")),
        sa.CheckConstraint("low_krw <= high_krw", name=op.f("ck_daily_bars_low_below_high")),
        sa.CheckConstraint(
            "open_krw > 0 AND low_krw > 0 AND regular_close_krw > 0", name=op.f("ck_daily_bars_prices_positive")
        ),
        sa.CheckConstraint("volume >= 0", name=op.f("ck_daily_bars_volume")),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_daily_bars_stock_code")),
        sa.PrimaryKeyConstraint("stock_code", "trade_date", name=op.f("pk_daily_bars")),
    )
    op.create_table(
        "minute_bars",
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_krw", sa.Integer(), nullable=False),
        sa.Column("high_krw", sa.Integer(), nullable=False),
        sa.Column("low_krw", sa.Integer(), nullable=False),
        sa.Column("close_krw", sa.Integer(), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_minute_bars_stock_code")),
        sa.CheckConstraint("low_krw > 0 AND low_krw <= high_krw", name=op.f("ck_minute_bars_prices")),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_minute_bars_stock_code")),
        sa.PrimaryKeyConstraint("stock_code", "ts", name=op.f("pk_minute_bars")),
        postgresql_partition_by="RANGE (ts)",
    )
    op.create_table(
        "quotes",
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("last_price_krw", sa.Integer(), nullable=False),
        sa.Column("previous_close_krw", sa.Integer(), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_quotes_stock_code")),
        sa.CheckConstraint("last_price_krw > 0 AND previous_close_krw > 0", name=op.f("ck_quotes_prices_positive")),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_quotes_stock_code")),
        sa.PrimaryKeyConstraint("stock_code", name=op.f("pk_quotes")),
    )


def downgrade() -> None:
    op.drop_table("quotes")
    op.drop_table("minute_bars")
    op.drop_table("daily_bars")
    op.drop_table("stocks")
    op.drop_table("sources")
    op.drop_table("index_bars")
