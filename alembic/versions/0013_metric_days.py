"""outcomes of a session as the metrics read them"""

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "metric_days",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("horizon", sa.SmallInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("metric_version", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("model_version_id", sa.Integer(), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("stocks", sa.LargeBinary(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("mode IN ('live', 'backfill', 'backtest')", name=op.f("ck_metric_days_mode")),
        sa.CheckConstraint("n > 0", name=op.f("ck_metric_days_n")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_metric_days_model_id")),
        sa.PrimaryKeyConstraint(
            "model_id", "horizon", "mode", "trade_date", "metric_version", name=op.f("pk_metric_days")
        ),
    )
    op.create_table(
        "metric_progress",
        sa.Column("metric_version", sa.Text(), nullable=False),
        sa.Column("aggregated_through", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("metric_version", name=op.f("pk_metric_progress")),
    )
    # What the metrics of one session read: every prediction of a horizon and mode that was made in it.
    op.create_index("ix_predictions_trade_date", "predictions", ["trade_date", "horizon", "mode"])


def downgrade() -> None:
    op.drop_index("ix_predictions_trade_date", "predictions")
    op.drop_table("metric_progress")
    op.drop_table("metric_days")
