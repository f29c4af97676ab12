"""The newest migration of the code, found without Alembic, whose import costs the API process 8 MB (measured)."""

import re
from functools import cache

import asyncpg

from backend import trouble as troubles
from backend.config import MIGRATIONS
from backend.errors import TroubleError

_REVISION = re.compile(r'^revision\b.*?=\s*"([^"]+)"', re.MULTILINE)
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
    """The revision of the database; None when it was never migrated."""
    if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


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
