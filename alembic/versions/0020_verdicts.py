"""A forecast has a word: call, lean or none. Those made before keep theirs and get the new one in a row beside it.

No earlier version kept a proof of its forecasts, so none of them becomes a call.

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


def downgrade() -> None:
    op.drop_table("verdicts")
    op.drop_constraint(op.f("ck_predictions_verdict"), "predictions", type_="check")
    op.drop_column("predictions", "verdict")
