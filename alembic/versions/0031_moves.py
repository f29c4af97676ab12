"""Why each stock moved, by session; what a final row was is kept when a bar is restated.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa

from alembic import op

revision = "0031"
down_revision = "0030"

_MOMENT = sa.DateTime(timezone=True)
_COLUMNS = (
    "stock_code, trade_date, is_final, move, market_return, market_part, industry_part, industry_stocks, own_part,"
    " own_sigmas, story_ids, known_at, recorded_at"
)


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("move", sa.Double(), nullable=False),
        sa.Column("market_return", sa.Double(), nullable=False),
        sa.Column("market_part", sa.Double(), nullable=False),
        sa.Column("industry_part", sa.Double(), nullable=True),
        sa.Column("industry_stocks", sa.SmallInteger(), nullable=False),
        sa.Column("own_part", sa.Double(), nullable=False),
        sa.Column("own_sigmas", sa.Double(), nullable=False),
        sa.Column("story_ids", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("stock_code", "trade_date", name=op.f("pk_moves")),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_moves_stock_code")),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_moves_stock_code")),
        sa.CheckConstraint("industry_stocks >= 0", name=op.f("ck_moves_industry_stocks")),
    )
    op.create_index("ix_moves_trade_date", "moves", ["trade_date"])
    op.execute("CREATE TABLE moves_replaced (retired_at timestamptz NOT NULL, LIKE moves INCLUDING DEFAULTS)")
    op.create_index("ix_moves_replaced_stock_code_trade_date", "moves_replaced", ["stock_code", "trade_date"])
    # What a running session had moved so far is replaced every minute: only what was final is kept.
    op.execute("""
        CREATE TRIGGER keep_replaced BEFORE UPDATE ON moves FOR EACH ROW
        WHEN (OLD.is_final AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION keep_replaced()
    """)
    op.execute(f"""
        CREATE FUNCTION moves_as_of(known_by timestamptz, recorded_by timestamptz) RETURNS SETOF moves
        LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC
            SELECT {_COLUMNS} FROM moves WHERE is_evidence(known_at, recorded_at, NULL, known_by, recorded_by)
            UNION ALL
            SELECT {_COLUMNS} FROM moves_replaced
             WHERE is_evidence(known_at, recorded_at, retired_at, known_by, recorded_by);
        END
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION moves_as_of")
    op.drop_table("moves_replaced")
    op.drop_table("moves")
