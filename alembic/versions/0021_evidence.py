"""Evidence has two clocks: when the world could know it, when azak had it. A value that changes keeps its old one.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"

# What is known at the close of its session, and kept when it changes.
_BARS = ("daily_bars", "index_bars")
_PRICES = ("open_krw", "high_krw", "low_krw", "regular_close_krw")
# Prices that windows were measured with.
_MEASURED = [(table, price) for table in ("impacts", "outcomes") for price in ("entry_price_krw", "exit_price_krw")]
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION is_evidence(known_at timestamptz, recorded_at timestamptz, retired_at timestamptz,
                                    known_by timestamptz, recorded_by timestamptz) RETURNS boolean
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN known_at <= known_by AND recorded_at <= recorded_by AND (retired_at IS NULL OR retired_at > recorded_by)
    """)
    op.execute("""
        CREATE FUNCTION keep_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.recorded_at = OLD.recorded_at THEN
                NEW.recorded_at := clock_timestamp();
            END IF;
            EXECUTE format('INSERT INTO %I SELECT $2, ($1).*', TG_TABLE_NAME || '_replaced')
                USING OLD, NEW.recorded_at;
            RETURN NEW;
        END $$
    """)
    # For rows that come without the moment of their close: the regular one of the Korea Exchange.
    op.execute("""
        CREATE FUNCTION know_at_close() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.known_at IS NULL THEN
                NEW.known_at := (NEW.trade_date + time '15:30') AT TIME ZONE 'Asia/Seoul';
            END IF;
            RETURN NEW;
        END $$
    """)
    for name in _PRICES:
        op.alter_column("daily_bars", name, type_=sa.Double(), existing_nullable=False)
    for name in _PRICES[:3]:
        op.alter_column("daily_bars", name, nullable=True)
    op.add_column("daily_bars", sa.Column("basis", sa.Text(), server_default="raw", nullable=False))
    op.create_check_constraint(op.f("ck_daily_bars_basis"), "daily_bars", "basis IN ('raw', 'adjusted')")
    op.add_column("daily_bars", sa.Column("base_price_krw", sa.Double(), nullable=True))
    op.add_column("daily_bars", sa.Column("flags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    for table in _BARS:
        op.add_column(table, sa.Column("known_at", _MOMENT, nullable=True))
        op.execute(f"UPDATE {table} SET known_at = (trade_date + time '15:30') AT TIME ZONE 'Asia/Seoul'")
        op.alter_column(table, "known_at", nullable=False)
        # Of rows from before this column nobody knows when they came: as soon as they could.
        op.add_column(table, sa.Column("recorded_at", _MOMENT, server_default=sa.func.now(), nullable=False))
        op.execute(f"UPDATE {table} SET recorded_at = LEAST(known_at, now())")
        op.add_column(table, sa.Column("hindsight", sa.Boolean(), server_default="false", nullable=False))
        # A column that is added to a table later is added to both, so that their order stays the same.
        op.execute(f"CREATE TABLE {table}_replaced (retired_at timestamptz NOT NULL, LIKE {table} INCLUDING DEFAULTS)")
        op.execute(f"""
            CREATE TRIGGER know_at_close BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION know_at_close()
        """)
        op.execute(f"""
            CREATE TRIGGER keep_replaced BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
            EXECUTE FUNCTION keep_replaced()
        """)
    op.create_index("ix_daily_bars_replaced_stock_code_trade_date", "daily_bars_replaced", ["stock_code", "trade_date"])
    op.create_index("ix_index_bars_replaced_index_code_trade_date", "index_bars_replaced", ["index_code", "trade_date"])
    for table in _BARS:
        op.execute(_recorded(table))
    for table, price in _MEASURED:
        op.alter_column(table, price, type_=sa.Double(), existing_nullable=True)
    op.add_column("predictions", sa.Column("recorded_by", _MOMENT, nullable=True))


def _recorded(table: str) -> str:
    """A function: the rows of a table as azak had them at a moment."""
    columns = {
        "daily_bars": "stock_code, trade_date, open_krw, high_krw, low_krw, regular_close_krw, last_price_krw, volume,"
        " adjust_factor, source, is_final, basis, base_price_krw, flags, known_at, recorded_at, hindsight",
        "index_bars": "index_code, trade_date, close, source, known_at, recorded_at, hindsight",
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
    op.drop_column("predictions", "recorded_by")
    for table, price in _MEASURED:
        op.alter_column(table, price, type_=sa.Integer(), postgresql_using=f"round({price})::int")
    for table in _BARS:
        op.execute(f"DROP FUNCTION {table}_as_of")
        op.execute(f"DROP TRIGGER keep_replaced ON {table}")
        op.execute(f"DROP TRIGGER know_at_close ON {table}")
        op.drop_table(f"{table}_replaced")
        for column in ("known_at", "recorded_at", "hindsight"):
            op.drop_column(table, column)
    op.execute("DELETE FROM daily_bars WHERE open_krw IS NULL OR high_krw IS NULL OR low_krw IS NULL")
    op.drop_constraint(op.f("ck_daily_bars_basis"), "daily_bars", type_="check")
    for column in ("basis", "base_price_krw", "flags"):
        op.drop_column("daily_bars", column)
    for name in _PRICES[:3]:
        op.alter_column("daily_bars", name, nullable=False)
    for name in _PRICES:
        op.alter_column("daily_bars", name, type_=sa.Integer(), postgresql_using=f"round({name})::int")
    for function in ("know_at_close", "keep_replaced", "is_evidence"):
        op.execute(f"DROP FUNCTION {function}")
