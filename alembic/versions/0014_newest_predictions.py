"""newest predictions"""

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Live only. Rows are written in the order of the key, so that two writers cannot wait for each other.
_NEWEST = """
INSERT INTO newest_predictions AS known (model_id, stock_code, horizon, is_scored, prediction_id, asof)
SELECT DISTINCT ON (v.model_id, p.stock_code, p.horizon)
       v.model_id, p.stock_code, p.horizon, {is_scored}, p.id, p.asof
  FROM {source}
  JOIN model_versions v ON v.id = p.model_version_id
 WHERE p.mode = 'live' {condition}
 ORDER BY v.model_id, p.stock_code, p.horizon, p.asof DESC, p.id DESC
    ON CONFLICT (model_id, stock_code, horizon, is_scored) DO UPDATE
   SET prediction_id = excluded.prediction_id, asof = excluded.asof
 WHERE (known.asof, known.prediction_id) < (excluded.asof, excluded.prediction_id)
"""
_FINAL = "AND o.state = 'final'"
_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {statement};
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION {function}()
"""


def upgrade() -> None:
    op.create_table(
        "newest_predictions",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("horizon", sa.SmallInteger(), nullable=False),
        sa.Column("is_scored", sa.Boolean(), nullable=False),
        sa.Column("prediction_id", sa.BigInteger(), nullable=False),
        sa.Column("asof", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_newest_predictions_model_id")),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_newest_predictions_stock_code")),
        sa.ForeignKeyConstraint(
            ["prediction_id"], ["predictions.id"], name=op.f("fk_newest_predictions_prediction_id")
        ),
        sa.PrimaryKeyConstraint("model_id", "stock_code", "horizon", "is_scored", name=op.f("pk_newest_predictions")),
    )
    made = _NEWEST.format(is_scored="false", source="added p", condition="")
    scored = _NEWEST.format(
        is_scored="true", source="added o JOIN predictions p ON p.id = o.prediction_id", condition=_FINAL
    )
    op.execute(_FUNCTION.format(name="record_newest_prediction", statement=made))
    op.execute(_FUNCTION.format(name="record_newest_outcome", statement=scored))
    for name, event, table, function in (
        ("newest_made", "INSERT", "predictions", "record_newest_prediction"),
        ("newest_scored", "INSERT", "outcomes", "record_newest_outcome"),
        ("newest_scored_later", "UPDATE", "outcomes", "record_newest_outcome"),
    ):
        op.execute(_TRIGGER.format(name=name, event=event, table=table, function=function))
    op.execute(_NEWEST.format(is_scored="false", source="predictions p", condition=""))
    op.execute(
        _NEWEST.format(
            is_scored="true", source="outcomes o JOIN predictions p ON p.id = o.prediction_id", condition=_FINAL
        )
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER newest_scored_later ON outcomes")
    op.execute("DROP TRIGGER newest_scored ON outcomes")
    op.execute("DROP TRIGGER newest_made ON predictions")
    op.execute("DROP FUNCTION record_newest_outcome()")
    op.execute("DROP FUNCTION record_newest_prediction()")
    op.drop_table("newest_predictions")
