"""A text of a filing keeps what DART's fields say of its event.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_AS_OF = """
    SELECT v.* FROM news_versions v
     WHERE is_evidence(v.known_at, v.recorded_at, v.retired_at, known_by, recorded_by)
       AND NOT EXISTS (
           SELECT FROM news_versions later
            WHERE later.news_id = v.news_id AND later.version > v.version
              AND is_evidence(later.known_at, later.recorded_at, later.retired_at, known_by, recorded_by));
"""
_HEAD = (
    "CREATE OR REPLACE FUNCTION news_as_of(known_by timestamptz, recorded_by timestamptz) RETURNS SETOF news_versions"
)


def upgrade() -> None:
    op.add_column("news_versions", sa.Column("told", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    # A function that returns rows of a table returns the columns that the table had when it was made.
    op.execute(f"{_HEAD} LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC {_AS_OF} END")


def downgrade() -> None:
    # As text for the moment: a body that is parsed holds on to the columns.
    op.execute(f"{_HEAD} LANGUAGE sql STABLE PARALLEL SAFE AS $body$ {_AS_OF} $body$")
    op.drop_column("news_versions", "told")
    op.execute(f"{_HEAD} LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC {_AS_OF} END")
