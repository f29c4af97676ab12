"""Why a source is off, for programs, and the settings of its keys; both are stored anew at the scheduler's next start.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0040"
down_revision = "0039"

_CHECK = "ck_sources_off_code"
_CODES = "off_code IN ('needs_key', 'needs_consent', 'switched_off', 'replaced', 'paper_account')"


def upgrade() -> None:
    op.add_column("sources", sa.Column("off_code", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("off_setting", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("key_settings", ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_check_constraint(op.f(_CHECK), "sources", _CODES)


def downgrade() -> None:
    op.drop_constraint(op.f(_CHECK), "sources", type_="check")
    for column in ("key_settings", "off_setting", "off_code"):
        op.drop_column("sources", column)
