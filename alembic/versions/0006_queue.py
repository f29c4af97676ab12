"""queue

The tables of the job engine (PgQueuer) in their own schema, as the installed version declares them.
They are the engine's, so autogenerate does not see them; `engine.verify` checks them at boot.
"""

from typing import Any

from alembic import op

try:
    from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
    from pgqueuer.domain.settings import DBSettings
except ImportError as error:  # pragma: no cover
    raise SystemExit(
        "Migrations need the job engine: run 'uv sync --group scheduler' on this machine first."
    ) from error

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ENGINE = QueryBuilderEnvironment(DBSettings(db_schema="azak_queue"))


def _execute(script: str) -> None:
    """Run many statements at once on the driver's own connection, inside the migration's transaction."""
    adapted: Any = op.get_bind().connection.dbapi_connection
    adapted.run_async(lambda connection: connection.execute(script))


def upgrade() -> None:
    _execute(_ENGINE.build_install_query(create_schema=True))


def downgrade() -> None:
    _execute(_ENGINE.build_uninstall_query())
    op.execute("DROP SCHEMA azak_queue")
