"""benchmark models, what A/B tests found, scores of reports"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KINDS = "'base', 'price', 'knn', 'event', 'text', 'gated', 'llm'"
_BENCHMARKS = "'momentum', 'reversal', 'always_up'"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_models_kind"), "models")
    op.create_check_constraint(op.f("ck_models_kind"), "models", f"kind IN ({_KINDS}, {_BENCHMARKS})")
    op.add_column("models", sa.Column("is_shown", sa.Boolean(), server_default="false", nullable=False))
    op.execute("UPDATE models SET is_shown = true WHERE name = 'gated'")
    op.create_index("uq_models_one_shown", "models", ["is_shown"], unique=True, postgresql_where=sa.text("is_shown"))
    op.add_column("metrics", sa.Column("details", postgresql.JSONB(), server_default="{}", nullable=False))
    op.create_index("ix_metrics_newest", "metrics", ["horizon", "mode", "window_name", "trade_date"])
    op.add_column("ab_tests", sa.Column("seed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("ab_tests", sa.Column("panel", postgresql.JSONB(), nullable=True))
    op.add_column("ab_tests", sa.Column("panel_hash", sa.Text(), nullable=True))
    op.add_column("ab_tests", sa.Column("computed_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("ab_tests", sa.Column("promoted_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.create_table(
        "report_scores",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("engine_version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("sessions", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("hit_session", sa.SmallInteger(), nullable=True),
        sa.Column("highest_krw", sa.Integer(), nullable=True),
        sa.Column("lowest_krw", sa.Integer(), nullable=True),
        sa.Column("target_score", sa.Double(), nullable=True),
        sa.Column("timing_score", sa.Double(), nullable=True),
        sa.Column("risk_score", sa.Double(), nullable=True),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'partial', 'final', 'void')", name=op.f("ck_report_scores_state")),
        sa.CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name=op.f("ck_report_scores_void_reason")),
        sa.CheckConstraint("target_score BETWEEN 0 AND 1", name=op.f("ck_report_scores_target_score")),
        sa.CheckConstraint("timing_score BETWEEN 0 AND 1", name=op.f("ck_report_scores_timing_score")),
        sa.CheckConstraint("risk_score BETWEEN 0 AND 1", name=op.f("ck_report_scores_risk_score")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_scores_report_id")),
        sa.PrimaryKeyConstraint("report_id", "engine_version", name=op.f("pk_report_scores")),
    )


def downgrade() -> None:
    op.drop_table("report_scores")
    for name in ("promoted_at", "computed_at", "panel_hash", "panel", "seed"):
        op.drop_column("ab_tests", name)
    op.drop_index("ix_metrics_newest", "metrics")
    op.drop_column("metrics", "details")
    op.drop_index("uq_models_one_shown", "models")
    op.drop_column("models", "is_shown")
    op.drop_constraint(op.f("ck_models_kind"), "models")
    op.create_check_constraint(op.f("ck_models_kind"), "models", f"kind IN ({_KINDS})")
