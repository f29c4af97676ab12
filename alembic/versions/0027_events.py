"""Texts and stories say what happened: scope, sign, stage, amount, the other side, share and surprise.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa

from alembic import op

revision = "0027"
down_revision = "0026"

_TABLES = ("news_versions", "stories")
_SCOPES = "'company', 'companies', 'sector', 'fund', 'market', 'other'"
_STAGES = "'rumoured', 'announced', 'decided', 'completed', 'cancelled'"
# Old types that have another name now, with the sign that they stood for; the run `restate_news` reads the rest again.
_RENAMED = (
    ("supply_contract", "contract", "+"),
    ("results_beat", "results", "+"),
    ("results_miss", "results", "-"),
    ("rating", "target_price", "0"),
)
_KEPT = (
    "'halt', 'merger', 'rights_issue', 'convertible_bond', 'buy_back', 'lawsuit', 'recall', 'dividend', 'ceo',"
    " 'product', 'other'"
)
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
    for table in _TABLES:
        op.add_column(table, sa.Column("scope", sa.Text(), server_default="other", nullable=False))
        op.add_column(table, sa.Column("sign", sa.Text(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("stage", sa.Text(), server_default="announced", nullable=False))
        op.add_column(table, sa.Column("amount_krw", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("counterparty", sa.Text(), server_default="", nullable=False))
        op.add_column(table, sa.Column("share", sa.Double(), nullable=True))
        op.add_column(table, sa.Column("surprise", sa.Double(), nullable=True))
        op.create_check_constraint(op.f(f"ck_{table}_scope"), table, f"scope IN ({_SCOPES})")
        op.create_check_constraint(op.f(f"ck_{table}_sign"), table, "sign IN ('+', '-', '0', 'reversed')")
        op.create_check_constraint(op.f(f"ck_{table}_stage"), table, f"stage IN ({_STAGES})")
        for old, new, sign in _RENAMED:
            op.execute(f"UPDATE {table} SET event_type = '{new}', sign = '{sign}' WHERE event_type = '{old}'")
    # A function that returns rows of a table returns the columns that the table had when it was made.
    op.execute(f"{_HEAD} LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC {_AS_OF} END")


def downgrade() -> None:
    # As text for the moment: a body that is parsed holds on to the columns.
    op.execute(f"{_HEAD} LANGUAGE sql STABLE PARALLEL SAFE AS $body$ {_AS_OF} $body$")
    for table in _TABLES:
        for old, new, sign in _RENAMED:
            same = "" if new != "results" else f" AND sign = '{sign}'"
            op.execute(f"UPDATE {table} SET event_type = '{old}' WHERE event_type = '{new}'{same}")
        renamed = ", ".join(f"'{old}'" for old, _, _ in _RENAMED)
        op.execute(f"UPDATE {table} SET event_type = 'other' WHERE event_type NOT IN ({_KEPT}, {renamed})")
        for column in ("surprise", "share", "counterparty", "amount_krw", "stage", "sign", "scope"):
            op.drop_column(table, column)
    op.execute(f"{_HEAD} LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC {_AS_OF} END")
