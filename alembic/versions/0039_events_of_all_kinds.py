"""Events for news, forecasts, outcomes and reports, and how far each reader of the stream has read.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa

from alembic import op
from backend.db.base import Xid8

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# One event a statement: an import of a million articles is one hint, not a million. Replayed forecasts are no news.
_FUNCTION = """
CREATE FUNCTION record_new_{topic}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stream_events (topic, data)
    SELECT '{topic}', jsonb_build_object(
               'count', count(*), 'ids', coalesce((array_agg(id ORDER BY id DESC))[1:100], '{{}}'),
               'stock_codes', coalesce((array_agg(DISTINCT code) FILTER (WHERE code IS NOT NULL))[1:100], '{{}}')
           )
      FROM ({rows}) AS found HAVING count(*) > 0;
    IF FOUND THEN
        PERFORM pg_notify('azak_stream', '');
    END IF;
    RETURN NULL;
END $$
"""
_ROWS = {
    "news": "SELECT id, NULL::text AS code FROM added",
    "prediction": "SELECT id, stock_code AS code FROM added WHERE mode = 'live'",
    "report": "SELECT id, stock_code AS code FROM added",
    "outcome": "SELECT p.id, p.stock_code AS code FROM added o JOIN predictions p ON p.id = o.prediction_id"
    " WHERE p.mode = 'live' AND o.state IN ('final', 'void')",
}
_TRIGGERS = (
    ("news_told", "INSERT", "news", "news"),
    ("predictions_told", "INSERT", "predictions", "prediction"),
    ("reports_told", "INSERT", "reports", "report"),
    ("outcomes_told", "INSERT", "outcomes", "outcome"),
    ("outcomes_told_anew", "UPDATE", "outcomes", "outcome"),
)


def upgrade() -> None:
    op.create_table(
        "stream_readers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stream_readers")),
    )
    for topic, rows in _ROWS.items():
        op.execute(_FUNCTION.format(topic=topic, rows=rows))
    for name, event, table, topic in _TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING NEW TABLE AS added"
            f" FOR EACH STATEMENT EXECUTE FUNCTION record_new_{topic}()"
        )


def downgrade() -> None:
    for name, _, table, _ in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for topic in _ROWS:
        op.execute(f"DROP FUNCTION record_new_{topic}()")
    op.drop_table("stream_readers")
