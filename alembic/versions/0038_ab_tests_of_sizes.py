"""A/B tests may compare how well two models say how large a move will be.

Revision ID: 0038
Revises: 0037
"""

from alembic import op

revision = "0038"
down_revision = "0037"

_CHECK = "ck_ab_tests_metric"
_DIRECTION = "metric IN ('brier', 'log_loss', 'accuracy')"
_ALL = "metric IN ('brier', 'log_loss', 'accuracy', 'size_brier', 'size_pinball')"


def _allow(metrics: str) -> None:
    op.drop_constraint(op.f(_CHECK), "ab_tests", type_="check")
    op.create_check_constraint(op.f(_CHECK), "ab_tests", metrics)


def upgrade() -> None:
    _allow(_ALL)


def downgrade() -> None:
    op.execute("DELETE FROM ab_tests WHERE metric IN ('size_brier', 'size_pinball')")
    _allow(_DIRECTION)
