"""The newest migration of the code, and what it needs of a server.

Found without Alembic, whose import costs the API process 8 MB (measured).
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import asyncpg

from backend import trouble as troubles
from backend.config import MIGRATIONS
from backend.errors import TroubleError

EXTENSIONS: Final = {"vector": (0, 7), "pg_trgm": (1, 0)}  # name -> oldest version; halfvec came with 0.7
# The version that is there, or that CREATE EXTENSION would make.
_AVAILABLE: Final = "SELECT coalesce(installed_version, default_version) FROM pg_available_extensions WHERE name = $1"
_REVISION = re.compile(r'^revision\b.*?=\s*"([^"]+)"', re.MULTILINE)
PLACE: Final = "SELECT current_schema(), to_regclass('alembic_version') IS NOT NULL"
REVISIONS: Final = "SELECT version_num FROM alembic_version"
_DOWN_REVISION = re.compile(r'^down_revision\b.*?=\s*"([^"]+)"', re.MULTILINE)


@cache
def _revisions() -> tuple[frozenset[str], str]:
    """Every revision of the code, and the one that no other one follows."""
    texts = [path.read_text() for path in (MIGRATIONS / "versions").glob("*.py")]
    known = {found[1] for text in texts if (found := _REVISION.search(text))}
    (head,) = known - {found[1] for text in texts if (found := _DOWN_REVISION.search(text))}
    return frozenset(known), head


def newest_revision() -> str:
    """The newest revision of the code; the same as `migrations.head_revision()` (a test compares)."""
    return _revisions()[1]


async def read_revision(connection: asyncpg.Connection) -> str | None:
    """The revision of the database; None when it was never migrated. Raises TroubleError where that cannot be told."""
    if not judge_place(*await connection.fetchrow(PLACE)):
        return None
    return only_revision([row["version_num"] for row in await connection.fetch(REVISIONS)])


def judge_place(schema: str | None, is_migrated: bool) -> bool:
    """Whether there is a revision to read, from the row of PLACE. Raises TroubleError without a schema to work in."""
    if schema is None:
        raise TroubleError(troubles.DATABASE_NO_SCHEMA)
    return is_migrated


def only_revision(found: Sequence[str]) -> str:
    """The one row of alembic_version. Raises TroubleError for any other number of them."""
    if len(found) != 1:
        raise TroubleError(troubles.DATABASE_SCHEMA_UNKNOWN, rows=len(found))
    return found[0]


def refuse_newer(found: str | None) -> None:
    """Raise TroubleError when `found`, the database's revision, is none of this code: a newer azak made it."""
    known, head = _revisions()
    if found is not None and found not in known:
        raise TroubleError(troubles.DATABASE_NEWER, found=found, known=head)


def require_schema(found: str | None) -> None:
    """Raise TroubleError unless `found` is the newest revision of this code; None: it was never migrated."""
    refuse_newer(found)
    if found != newest_revision():
        raise TroubleError(troubles.DATABASE_OLDER)


async def require_extensions(connection: asyncpg.Connection) -> None:
    """Raise TroubleError when the server has not the extensions that azak's schema uses."""
    for extension, least in EXTENSIONS.items():
        found = await connection.fetchval(_AVAILABLE, extension)
        if found is None or tuple(map(int, re.findall(r"[0-9]+", found)[:2])) < least:
            raise TroubleError(troubles.DATABASE_EXTENSION)
