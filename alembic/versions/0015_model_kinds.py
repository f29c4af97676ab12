"""Kinds of model are data of the code: the database checks their form only, so that a new kind needs no migration.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"

_FORM = "kind ~ '^[a-z][a-z0-9_]{0,19}$'"
_LISTED = "base price knn event text gated llm momentum reversal always_up"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_models_kind"), "models", type_="check")
    op.create_check_constraint(op.f("ck_models_kind"), "models", _FORM)


def downgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in _LISTED.split())
    op.drop_constraint(op.f("ck_models_kind"), "models", type_="check")
    op.create_check_constraint(op.f("ck_models_kind"), "models", f"kind IN ({listed})")
