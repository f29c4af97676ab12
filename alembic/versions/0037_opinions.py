"""What a language model said of stories.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "llm_opinions",
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("news_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("language_model", sa.Text(), nullable=False),
        sa.Column("p_up", postgresql.ARRAY(sa.Double()), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "story_id", "stock_code", "news_id", "version", "language_model", name=op.f("pk_llm_opinions")
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_llm_opinions_story_id_stories"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_llm_opinions_stock_code_stocks")),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_llm_opinions_stock_code")),
        sa.CheckConstraint(
            "cardinality(p_up) = 3 AND 0.05 <= ALL (p_up) AND 0.95 >= ALL (p_up)", name=op.f("ck_llm_opinions_p_up")
        ),
    )


def downgrade() -> None:
    op.drop_table("llm_opinions")
