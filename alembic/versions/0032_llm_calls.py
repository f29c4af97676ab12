"""Calls of a language model, what they cost, and what an endpoint can do.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0032"
down_revision = "0031"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "llm_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("cost_micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_kind", sa.Text(), nullable=True),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("review", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_calls")),
        sa.CheckConstraint("state IN ('reserved', 'ok', 'failed')", name=op.f("ck_llm_calls_state")),
        sa.CheckConstraint("cost_micro_usd >= 0", name=op.f("ck_llm_calls_cost")),
    )
    op.create_index("ix_llm_calls_prompt_hash_id", "llm_calls", ["prompt_hash", "id"])
    op.create_index("ix_llm_calls_endpoint_id", "llm_calls", ["endpoint", "id"])
    op.create_table(
        "llm_spend",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "scope_id", name=op.f("pk_llm_spend")),
        sa.CheckConstraint("scope IN ('day', 'run')", name=op.f("ck_llm_spend_scope")),
        sa.CheckConstraint("micro_usd >= 0", name=op.f("ck_llm_spend_micro_usd")),
    )
    op.create_table(
        "llm_endpoints",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("limit_field", sa.Text(), nullable=False),
        sa.Column("takes_temperature", sa.Boolean(), nullable=False),
        sa.Column("takes_lengths", sa.Boolean(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("checked_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "model", name=op.f("pk_llm_endpoints")),
    )


def downgrade() -> None:
    op.drop_table("llm_endpoints")
    op.drop_table("llm_spend")
    op.drop_table("llm_calls")
