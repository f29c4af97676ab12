"""The exchange's reference data has a history: listings, base prices and states of each session, names, events.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa

from alembic import op

revision = "0025"
down_revision = "0024"

_MOMENT = sa.DateTime(timezone=True)
_KINDS = "kind IN ('share', 'preferred', 'fund', 'other')"
_FORECAST = "state = 'active' AND (kind = 'share' OR kind = 'preferred')"
_MARKETS = "market IN ('KOSPI', 'KOSDAQ', 'KONEX')"
_CODE = "stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'"
_LOCKS = (
    "lock_class IN ('none', 'ex_rights', 'ex_dividend', 'ex_distribution', 'ex_rights_dividend', 'ex_interim',"
    " 'ex_rights_interim', 'other')"
)
_INCREASES = "capital_increase IN ('none', 'paid', 'bonus', 'paid_and_bonus', 'other')"
_EVENTS = (
    "kind IN ('listed', 'delisted', 'renamed', 'moved', 'halted', 'resumed', 'managed', 'released', 'liquidation',"
    " 'par_changed', 'ex', 'rebased')"
)
_VERSIONED = ("listings", "reference_days")


def upgrade() -> None:
    op.add_column("stocks", sa.Column("kind", sa.Text(), server_default="share", nullable=False))
    op.create_check_constraint(op.f("ck_stocks_kind"), "stocks", _KINDS)
    is_forecast: sa.Column[bool] = sa.Column(
        "is_forecast", sa.Boolean(), sa.Computed(_FORECAST, persisted=True), nullable=False
    )
    op.add_column("stocks", is_forecast)
    _upgrade_listings()
    op.create_table(
        "reference_days",
        sa.Column("base_price_krw", sa.Integer(), nullable=True),
        sa.Column("lock_class", sa.Text(), nullable=True),
        sa.Column("par_change", sa.Text(), nullable=True),
        sa.Column("capital_increase", sa.Text(), nullable=True),
        sa.Column("is_halted", sa.Boolean(), nullable=False),
        sa.Column("is_liquidation", sa.Boolean(), nullable=False),
        sa.Column("is_managed", sa.Boolean(), nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.CheckConstraint(_CODE, name=op.f("ck_reference_days_stock_code")),
        sa.CheckConstraint("base_price_krw > 0", name=op.f("ck_reference_days_base_price_krw")),
        sa.CheckConstraint(_LOCKS, name=op.f("ck_reference_days_lock_class")),
        sa.CheckConstraint(
            "par_change IN ('none', 'split', 'reverse_split', 'other')", name=op.f("ck_reference_days_par_change")
        ),
        sa.CheckConstraint(_INCREASES, name=op.f("ck_reference_days_capital_increase")),
        sa.PrimaryKeyConstraint("stock_code", "trade_date", name=op.f("pk_reference_days")),
    )
    op.create_index("ix_reference_days_trade_date", "reference_days", ["trade_date"])
    _keep_versions()
    op.create_table(
        "master_files",
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=True),
        sa.Column("digests", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=True),
        sa.Column("refused_at", _MOMENT, nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.CheckConstraint(_MARKETS, name=op.f("ck_master_files_market")),
        sa.PrimaryKeyConstraint("market", name=op.f("pk_master_files")),
    )
    op.create_table(
        "listing_events",
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=True),
        sa.CheckConstraint(_CODE, name=op.f("ck_listing_events_stock_code")),
        sa.CheckConstraint(_EVENTS, name=op.f("ck_listing_events_kind")),
        sa.PrimaryKeyConstraint("stock_code", "trade_date", "kind", name=op.f("pk_listing_events")),
    )
    op.create_table(
        "stock_names",
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.CheckConstraint(_CODE, name=op.f("ck_stock_names_stock_code")),
        sa.CheckConstraint("kind IN ('earlier', 'legal', 'english')", name=op.f("ck_stock_names_kind")),
        sa.PrimaryKeyConstraint("stock_code", "kind", "name", name=op.f("pk_stock_names")),
    )


def _upgrade_listings() -> None:
    op.drop_column("listings", "status")
    op.add_column("listings", sa.Column("kind", sa.Text(), server_default="share", nullable=False))
    op.create_check_constraint(op.f("ck_listings_kind"), "listings", _KINDS)
    op.add_column("listings", sa.Column("isin", sa.Text(), nullable=True))
    op.add_column("listings", sa.Column("group_code", sa.Text(), server_default="ST", nullable=False))
    op.add_column("listings", sa.Column("industry", sa.Text(), nullable=True))
    op.add_column("listings", sa.Column("conglomerate", sa.Text(), nullable=True))
    op.add_column("listings", sa.Column("shares", sa.BigInteger(), nullable=True))
    op.add_column("listings", sa.Column("par_value_krw", sa.Integer(), nullable=True))
    op.add_column("listings", sa.Column("delisted_on", sa.Date(), nullable=True))
    for name in ("known_at", "recorded_at"):
        op.add_column("listings", sa.Column(name, _MOMENT, server_default=sa.func.now(), nullable=False))


def _keep_versions() -> None:
    """What a listing or a day was before it changed, as daily_bars does it, and reads as of a moment."""
    for table in _VERSIONED:
        op.execute(f"CREATE TABLE {table}_replaced (retired_at timestamptz NOT NULL, LIKE {table} INCLUDING DEFAULTS)")
        op.execute(f"""
            CREATE TRIGGER keep_replaced BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
            EXECUTE FUNCTION keep_replaced()
        """)
        op.execute(_as_of(table))
    op.create_index("ix_listings_replaced_code", "listings_replaced", ["code"])
    op.create_index(
        "ix_reference_days_replaced_stock_code_trade_date", "reference_days_replaced", ["stock_code", "trade_date"]
    )


def _as_of(table: str) -> str:
    columns = {
        "listings": "code, name, market, listed_on, kind, isin, group_code, industry, conglomerate, shares,"
        " par_value_krw, delisted_on, known_at, recorded_at",
        "reference_days": "base_price_krw, lock_class, par_change, capital_increase, is_halted, is_liquidation,"
        " is_managed, known_at, recorded_at, stock_code, trade_date",
    }[table]
    return f"""
        CREATE FUNCTION {table}_as_of(known_by timestamptz, recorded_by timestamptz) RETURNS SETOF {table}
        LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC
            SELECT {columns} FROM {table}
             WHERE is_evidence(known_at, recorded_at, NULL, known_by, recorded_by)
            UNION ALL
            SELECT {columns} FROM {table}_replaced
             WHERE is_evidence(known_at, recorded_at, retired_at, known_by, recorded_by);
        END
    """


def downgrade() -> None:
    for table in ("stock_names", "listing_events", "master_files"):
        op.drop_table(table)
    for table in _VERSIONED:
        op.execute(f"DROP FUNCTION {table}_as_of")
        op.execute(f"DROP TRIGGER keep_replaced ON {table}")
        op.drop_table(f"{table}_replaced")
    op.drop_table("reference_days")
    op.execute("DELETE FROM listings WHERE delisted_on IS NOT NULL OR kind <> 'share'")
    for column in (
        "known_at", "recorded_at", "delisted_on", "par_value_krw", "shares", "conglomerate", "industry", "group_code",
        "isin", "kind",
    ):  # fmt: skip
        op.drop_column("listings", column)
    op.add_column("listings", sa.Column("status", sa.Text(), server_default="normal", nullable=False))
    op.alter_column("listings", "status", server_default=None)
    op.create_check_constraint(
        op.f("ck_listings_status"), "listings", "status IN ('normal', 'halted', 'managed', 'delisted')"
    )
    op.drop_column("stocks", "is_forecast")
    op.drop_column("stocks", "kind")
