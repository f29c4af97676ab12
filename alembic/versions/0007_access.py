"""access"""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_check_constraint("scopes", "api_keys", "scopes <@ ARRAY['read', 'write', 'admin']")
    for table in ("sign_ins", "sign_in_links"):
        op.create_table(
            table,
            sa.Column("token_hash", sa.LargeBinary(), nullable=False),
            sa.Column("key_hash", sa.LargeBinary(), nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("token_hash", name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("ts", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )


def downgrade() -> None:
    for table in ("audit", "sign_in_links", "sign_ins"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_api_keys_scopes"), "api_keys", type_="check")
