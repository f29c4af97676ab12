"""How many connections azak may open, over all its processes, and how many the server allows.

Pools open them when they are needed and give half of them back; the budget counts what all may hold at once.
"""

from typing import Final

import asyncpg

from backend.config import Settings

_ENGINE: Final = 4  # its pool; the check at the start needs two and ends before it
_PROBES: Final = 2
_LISTENER: Final = 1
# For a person with psql, a backup and the commands of azak.
SPARE: Final = 3

_ALLOWED: Final = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true)::int, 0)
"""


def api_pool_size(settings: Settings) -> int:
    """Connections for reading and for writing each of an API process; what its pages poll has a pool of its own."""
    return max(1, settings.database.pool_size // 2)


def connections_of_api(settings: Settings) -> int:
    """Of one API process."""
    return 2 * api_pool_size(settings) + settings.database.pool_size + _PROBES + _LISTENER


def connections_of_executor(settings: Settings) -> int:
    """Of a scheduler or a worker."""
    return 2 * settings.database.pool_size + _PROBES + _ENGINE


def connections_wanted(settings: Settings, *, workers: int) -> int:
    """Of the whole installation, with `workers` workers, and what is kept spare."""
    executors = (1 + workers) * connections_of_executor(settings)
    return settings.api.instances * connections_of_api(settings) + executors + SPARE


async def connections_allowed(connection: asyncpg.Connection) -> int:
    """Those that the server gives to a role without privileges."""
    allowed: int = await connection.fetchval(_ALLOWED)
    return allowed
