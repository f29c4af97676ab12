"""news"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend.db.base import HalfVector

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "news",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("snippet", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("published_precision", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=True),
        sa.Column("flags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_precision = 'none')", name=op.f("ck_news_precision_given")
        ),
        sa.CheckConstraint(
            "CASE WHEN 'archive' = ANY (flags) THEN known_at = published_at"
            " ELSE known_at = GREATEST(published_at, first_seen_at) END",
            name=op.f("ck_news_known_at"),
        ),
        sa.CheckConstraint("kind IN ('article', 'filing')", name=op.f("ck_news_kind")),
        sa.CheckConstraint(
            "published_precision IN ('second', 'minute', 'day', 'none')", name=op.f("ck_news_published_precision")
        ),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 500 AND length(snippet) <= 1000", name=op.f("ck_news_lengths")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        sa.UniqueConstraint("url_key", name=op.f("uq_news_url_key")),
    )
    op.create_index("ix_news_known_at_id", "news", ["known_at", "id"], unique=False)
    op.create_index("ix_news_source_known_at", "news", ["source", "known_at"], unique=False)
    op.create_index("ix_news_story_id", "news", ["story_id"], unique=False)
    op.create_table(
        "embeddings",
        sa.Column("news_id", sa.BigInteger(), nullable=False),
        sa.Column("embedder", sa.Text(), nullable=False),
        sa.Column("vector", HalfVector(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["news_id"], ["news.id"], name=op.f("fk_embeddings_news_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("news_id", "embedder", name=op.f("pk_embeddings")),
    )
    op.create_table(
        "news_stocks",
        sa.Column("news_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "method IN ('feed_tag', 'code', 'name', 'alias', 'snippet')", name=op.f("ck_news_stocks_method")
        ),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_news_stocks_stock_code")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_news_stocks_confidence")),
        sa.ForeignKeyConstraint(["news_id"], ["news.id"], name=op.f("fk_news_stocks_news_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_news_stocks_stock_code")),
        sa.PrimaryKeyConstraint("news_id", "stock_code", name=op.f("pk_news_stocks")),
    )
    op.create_index(
        "ix_news_stocks_stock_code_known_at_news_id", "news_stocks", ["stock_code", "known_at", "news_id"], unique=False
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("head_news_id", sa.BigInteger(), nullable=False),
        sa.Column("first_known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("event_type", sa.Text(), server_default="other", nullable=False),
        sa.Column("materiality", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("materiality BETWEEN 0 AND 3", name=op.f("ck_stories_materiality")),
        sa.CheckConstraint("size >= 1", name=op.f("ck_stories_size")),
        sa.ForeignKeyConstraint(
            ["head_news_id"], ["news.id"], name=op.f("fk_stories_head_news_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("head_news_id", name=op.f("uq_stories_head_news_id")),
    )
    op.create_index("ix_stories_first_known_at_id", "stories", ["first_known_at", "id"], unique=False)
    op.create_table(
        "impacts",
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("horizon", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("entry_ts", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("entry_price_krw", sa.Integer(), nullable=True),
        sa.Column("exit_trade_date", sa.Date(), nullable=True),
        sa.Column("exit_price_krw", sa.Integer(), nullable=True),
        sa.Column("raw_return", sa.Double(), nullable=True),
        sa.Column("adjusted_return", sa.Double(), nullable=True),
        sa.Column("z", sa.Double(), nullable=True),
        sa.Column("y", sa.Double(), nullable=True),
        sa.Column("input_hash", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name=op.f("ck_impacts_void_reason")),
        sa.CheckConstraint("state IN ('pending', 'partial', 'final', 'void')", name=op.f("ck_impacts_state")),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_impacts_stock_code")),
        sa.CheckConstraint("horizon IN (0, 1, 3, 5)", name=op.f("ck_impacts_horizon")),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_impacts_stock_code")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_impacts_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", "stock_code", "horizon", name=op.f("pk_impacts")),
    )
    op.create_index(
        "ix_impacts_state", "impacts", ["state"], unique=False, postgresql_where="state IN ('pending', 'partial')"
    )
    op.create_index("ix_impacts_stock_code_exit_trade_date", "impacts", ["stock_code", "exit_trade_date"], unique=False)
    op.create_foreign_key(
        op.f("fk_news_story_id"), "news", "stories", ["story_id"], ["id"], deferrable=True, initially="DEFERRED"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_news_story_id"), "news")
    op.drop_index("ix_impacts_stock_code_exit_trade_date", table_name="impacts")
    op.drop_index("ix_impacts_state", table_name="impacts", postgresql_where="state IN ('pending', 'partial')")
    op.drop_table("impacts")
    op.drop_index("ix_stories_first_known_at_id", table_name="stories")
    op.drop_table("stories")
    op.drop_index("ix_news_stocks_stock_code_known_at_news_id", table_name="news_stocks")
    op.drop_table("news_stocks")
    op.drop_table("embeddings")
    op.drop_index("ix_news_story_id", table_name="news")
    op.drop_index("ix_news_source_known_at", table_name="news")
    op.drop_index("ix_news_known_at_id", table_name="news")
    op.drop_table("news")
