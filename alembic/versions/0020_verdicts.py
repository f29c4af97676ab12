"""A forecast has a word: call, lean or none. Models that say the same are known.

Forecasts made before keep their direction and get the new word in a row beside it. No earlier version kept a proof of
its forecasts, so none of them becomes a call.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("predictions", sa.Column("verdict", sa.Text(), nullable=True))
    words = "verdict IN ('call', 'lean', 'none')"
    op.create_check_constraint(op.f("ck_predictions_verdict"), "predictions", words)
    op.create_table(
        "verdicts",
        sa.Column("prediction_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint(words, name=op.f("ck_verdicts_verdict")),
        sa.ForeignKeyConstraint(
            ["prediction_id"], ["predictions.id"], name=op.f("fk_verdicts_prediction_id_predictions")
        ),
        sa.PrimaryKeyConstraint("prediction_id", "rule", name=op.f("pk_verdicts")),
    )
    op.execute(
        """
        INSERT INTO verdicts (prediction_id, rule, verdict)
        SELECT id, 1, CASE WHEN abs(p_up - (explanation ->> 'p0')::float8) >= 0.001 THEN 'lean' ELSE 'none' END
        FROM predictions
        """
    )
    op.create_table(
        "equal_models",
        sa.Column("horizon", sa.SmallInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("window_name", sa.Text(), nullable=False),
        sa.Column("metric_version", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("same_as", sa.Integer(), nullable=False),
        sa.CheckConstraint("mode IN ('live', 'backfill', 'backtest')", name=op.f("ck_equal_models_mode")),
        sa.CheckConstraint("window_name IN ('d', '20', '60', '250', 'all')", name=op.f("ck_equal_models_window_name")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_equal_models_model_id_models")),
        sa.ForeignKeyConstraint(["same_as"], ["models.id"], name=op.f("fk_equal_models_same_as_models")),
        sa.PrimaryKeyConstraint(
            "horizon", "mode", "window_name", "metric_version", "model_id", name=op.f("pk_equal_models")
        ),
    )


def downgrade() -> None:
    op.drop_table("equal_models")
    op.drop_table("verdicts")
    op.drop_constraint(op.f("ck_predictions_verdict"), "predictions", type_="check")
    op.drop_column("predictions", "verdict")
