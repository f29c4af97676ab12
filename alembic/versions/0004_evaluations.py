"""evaluations"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ab_tests",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("model_version_a", sa.Integer(), nullable=False),
        sa.Column("model_version_b", sa.Integer(), nullable=False),
        sa.Column("horizon", sa.Integer(), server_default="1", nullable=False),
        sa.Column("metric", sa.Text(), server_default="brier", nullable=False),
        sa.Column("alpha", sa.Double(), server_default="0.05", nullable=False),
        sa.Column("minimum_sessions", sa.Integer(), server_default="40", nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("verdict", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("metric IN ('brier', 'log_loss', 'accuracy')", name=op.f("ck_ab_tests_metric")),
        sa.CheckConstraint("state IN ('draft', 'running', 'decided', 'archived')", name=op.f("ck_ab_tests_state")),
        sa.CheckConstraint("alpha > 0 AND alpha < 1", name=op.f("ck_ab_tests_alpha")),
        sa.CheckConstraint("horizon IN (0, 1, 3, 5)", name=op.f("ck_ab_tests_horizon")),
        sa.CheckConstraint("minimum_sessions > 0", name=op.f("ck_ab_tests_minimum_sessions")),
        sa.CheckConstraint("model_version_a <> model_version_b", name=op.f("ck_ab_tests_two_versions")),
        sa.ForeignKeyConstraint(["model_version_a"], ["model_versions.id"], name=op.f("fk_ab_tests_model_version_a")),
        sa.ForeignKeyConstraint(["model_version_b"], ["model_versions.id"], name=op.f("fk_ab_tests_model_version_b")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_tests")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_tests_name")),
    )
    op.create_index(
        "uq_ab_tests_one_running",
        "ab_tests",
        [sa.literal_column("(state)")],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "metrics",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("model_version_id", sa.Integer(), nullable=False),
        sa.Column("horizon", sa.SmallInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("window_name", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("metric_version", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("n_days", sa.Integer(), nullable=False),
        sa.Column("n_eff", sa.Double(), nullable=True),
        sa.Column("metric_values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("mode IN ('live', 'backfill', 'backtest')", name=op.f("ck_metrics_mode")),
        sa.CheckConstraint("window_name IN ('d', '20', '60', '250', 'all')", name=op.f("ck_metrics_window_name")),
        sa.CheckConstraint("horizon IN (0, 1, 3, 5)", name=op.f("ck_metrics_horizon")),
        sa.CheckConstraint("n >= 0 AND n_days >= 0", name=op.f("ck_metrics_counts")),
        sa.ForeignKeyConstraint(["model_version_id"], ["model_versions.id"], name=op.f("fk_metrics_model_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metrics")),
        sa.UniqueConstraint(
            "model_version_id",
            "horizon",
            "mode",
            "window_name",
            "trade_date",
            "metric_version",
            name=op.f("uq_metrics_identity"),
        ),
    )
    op.create_table(
        "outcome_revisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("prediction_id", sa.BigInteger(), nullable=False),
        sa.Column("engine_version", sa.Text(), nullable=False),
        sa.Column("previous", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["prediction_id"], ["predictions.id"], name=op.f("fk_outcome_revisions_prediction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_revisions")),
    )
    op.create_index("ix_outcome_revisions_prediction_id", "outcome_revisions", ["prediction_id"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("prediction_id", sa.BigInteger(), nullable=False),
        sa.Column("engine_version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("entry_ts", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("entry_price_krw", sa.Integer(), nullable=True),
        sa.Column("exit_trade_date", sa.Date(), nullable=True),
        sa.Column("exit_price_krw", sa.Integer(), nullable=True),
        sa.Column("raw_return", sa.Double(), nullable=True),
        sa.Column("adjusted_return", sa.Double(), nullable=True),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("z", sa.Double(), nullable=True),
        sa.Column("y", sa.Double(), nullable=True),
        sa.Column("in_band", sa.Boolean(), nullable=True),
        sa.Column("loss_brier", sa.Double(), nullable=True),
        sa.Column("loss_log", sa.Double(), nullable=True),
        sa.Column("loss_pinball", sa.Double(), nullable=True),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name=op.f("ck_outcomes_void_reason")),
        sa.CheckConstraint(
            "state <> 'final' OR (adjusted_return IS NOT NULL AND y IS NOT NULL)",
            name=op.f("ck_outcomes_final_is_whole"),
        ),
        sa.CheckConstraint("state IN ('pending', 'partial', 'final', 'void')", name=op.f("ck_outcomes_state")),
        sa.CheckConstraint("y IN (0, 0.5, 1)", name=op.f("ck_outcomes_y")),
        sa.ForeignKeyConstraint(["prediction_id"], ["predictions.id"], name=op.f("fk_outcomes_prediction_id")),
        sa.PrimaryKeyConstraint("prediction_id", "engine_version", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_evaluated_at", "outcomes", ["evaluated_at"], unique=False)
    op.create_index(
        "ix_outcomes_state", "outcomes", ["state"], unique=False, postgresql_where="state IN ('pending', 'partial')"
    )


def downgrade() -> None:
    op.drop_index("ix_outcomes_state", table_name="outcomes", postgresql_where="state IN ('pending', 'partial')")
    op.drop_index("ix_outcomes_evaluated_at", table_name="outcomes")
    op.drop_table("outcomes")
    op.drop_index("ix_outcome_revisions_prediction_id", table_name="outcome_revisions")
    op.drop_table("outcome_revisions")
    op.drop_table("metrics")
    op.drop_index("uq_ab_tests_one_running", table_name="ab_tests", postgresql_where=sa.text("state = 'running'"))
    op.drop_table("ab_tests")
