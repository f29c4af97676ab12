"""counting links: when news, and so its story, counts for a stock

A link is firm from a confidence of 0.5 on: what a search alone named has less. A round-up is about the market, and a
report of a price move has the price as its cause; neither can be the cause of a move.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE VIEW counting_links AS
        SELECT l.news_id, l.stock_code, n.story_id, l.known_at AS link_known_at, n.known_at AS news_known_at
          FROM news_stocks l JOIN news n ON n.id = l.news_id
         WHERE l.confidence >= 0.5 AND NOT n.flags && ARRAY['roundup', 'reports_price']
    """)


def downgrade() -> None:
    op.execute("DROP VIEW counting_links")
