"""stream events"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op
from backend.db.base import Xid8

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A hint, not the run itself: the reader fetches what it needs. Equal notifications of a transaction are one.
_RECORD = """
CREATE FUNCTION record_run_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stream_events (topic, data) VALUES (
        'run', jsonb_build_object('id', NEW.id, 'kind', NEW.kind, 'state', NEW.state, 'progress', NEW.progress)
    );
    PERFORM pg_notify('azak_stream', '');
    RETURN NULL;
END $$
"""
_ON_INSERT = "CREATE TRIGGER runs_added AFTER INSERT ON runs FOR EACH ROW EXECUTE FUNCTION record_run_change()"
_ON_UPDATE = """
CREATE TRIGGER runs_changed AFTER UPDATE OF state, progress ON runs FOR EACH ROW
WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.progress IS DISTINCT FROM NEW.progress)
EXECUTE FUNCTION record_run_change()
"""


def upgrade() -> None:
    op.create_table(
        "stream_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("ts", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_events")),
    )
    op.create_index("ix_stream_events_xid_id", "stream_events", ["xid", "id"])
    op.create_index("ix_stream_events_ts", "stream_events", ["ts"])
    op.execute(_RECORD)
    op.execute(_ON_INSERT)
    op.execute(_ON_UPDATE)


def downgrade() -> None:
    op.execute("DROP TRIGGER runs_changed ON runs")
    op.execute("DROP TRIGGER runs_added ON runs")
    op.execute("DROP FUNCTION record_run_change()")
    op.drop_table("stream_events")
