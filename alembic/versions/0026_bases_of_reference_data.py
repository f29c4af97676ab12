"""The base price and the price limits of a session are what the exchange's morning file told, too.

Revision ID: 0026
Revises: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"

_OF_BARS = "SELECT stock_code, trade_date, base_price_krw, source, true AS is_limited FROM daily_bars"


def upgrade() -> None:
    op.execute(f"""
        CREATE OR REPLACE VIEW session_bases AS
        {_OF_BARS}
        UNION ALL
        SELECT stock_code, trade_date, base_price_krw, 'kis_master', NOT is_liquidation FROM reference_days
    """)


def downgrade() -> None:
    op.execute(f"CREATE OR REPLACE VIEW session_bases AS {_OF_BARS}")
