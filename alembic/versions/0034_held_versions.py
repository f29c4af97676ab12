"""A model can be put back to an earlier version until it is let go.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("models", sa.Column("held_version_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_models_held_version_id"), "models", "model_versions", ["held_version_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_models_held_version_id"), "models")
    op.drop_column("models", "held_version_id")
