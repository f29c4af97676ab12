"""schedule changes

What people change of the schedule survives restarts; which run repeats which; lists of runs by state.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("custom_cron", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("interval_minutes", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("changed_by", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_jobs_interval"), "jobs", "interval_minutes BETWEEN 1 AND 10080")
    op.create_check_constraint(op.f("ck_jobs_one_schedule"), "jobs", "custom_cron IS NULL OR interval_minutes IS NULL")
    op.add_column("runs", sa.Column("retry_of", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_runs_retry_of"), "runs", "runs", ["retry_of"], ["id"], ondelete="SET NULL")
    op.create_index(op.f("ix_runs_retry_of"), "runs", ["retry_of"])
    op.create_index("ix_runs_state_created_at_id", "runs", ["state", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_runs_state_created_at_id", "runs")
    op.drop_index(op.f("ix_runs_retry_of"), "runs")
    op.drop_constraint(op.f("fk_runs_retry_of"), "runs")
    op.drop_column("runs", "retry_of")
    op.drop_constraint(op.f("ck_jobs_one_schedule"), "jobs")
    op.drop_constraint(op.f("ck_jobs_interval"), "jobs")
    for column in ("changed_by", "changed_at", "interval_minutes", "custom_cron"):
        op.drop_column("jobs", column)
