"""Finds the class of trouble (backend.trouble) of whatever was raised: `explain` is what every edge asks.

PostgreSQL's SQLSTATE decides; a driver's exception without one means a connection that cannot be used. An `OSError`
is one of the disk or of the process: those of the network become TroubleError where the connection is (connections,
session.py, reader.py), because only there it is certain that they are about the database.
"""

import errno
from collections.abc import Iterator
from typing import Any, Final

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend import trouble as troubles
from backend.errors import AzakError, TroubleError
from backend.trouble import Area, Trouble

# SQLSTATE, or the beginning of one -> class. The longest that fits counts.
_BY_STATE: Final = {
    "08": troubles.DATABASE_AWAY,
    "57P01": troubles.DATABASE_AWAY,  # shutting down
    "57P02": troubles.DATABASE_AWAY,
    "57P03": troubles.DATABASE_AWAY,  # starting up
    "57P05": troubles.DATABASE_AWAY,  # idle_session_timeout
    "25P03": troubles.DATABASE_AWAY,  # idle_in_transaction_session_timeout
    "57014": troubles.DATABASE_BUSY,  # statement_timeout
    "25P04": troubles.DATABASE_BUSY,  # transaction_timeout
    "55P03": troubles.DATABASE_BUSY,  # lock_timeout
    "40": troubles.DATABASE_BUSY,  # deadlock, serialization
    "28": troubles.DATABASE_REFUSES,
    "3D000": troubles.DATABASE_MISSING,
    "57P04": troubles.DATABASE_MISSING,  # dropped
    "25006": troubles.DATABASE_READ_ONLY,
    "53": troubles.DATABASE_FULL,
    "53300": troubles.DATABASE_TOO_MANY_CLIENTS,
    "26000": troubles.DATABASE_POOLER,  # the prepared statement is another server's
    "42P05": troubles.DATABASE_POOLER,
    "42501": troubles.DATABASE_RIGHTS,
    "3F000": troubles.DATABASE_NO_SCHEMA,  # azak names none: nothing of search_path exists
    "42P01": troubles.DATABASE_OLDER,  # no such table, column, function, type
    "42703": troubles.DATABASE_OLDER,
    "42883": troubles.DATABASE_OLDER,
    "42704": troubles.DATABASE_OLDER,
    # The server's own: a wrong file of settings, a state that lets nobody in, files, internal errors.
    "F0": troubles.DATABASE_FAULT,
    "55000": troubles.DATABASE_FAULT,
    "58": troubles.DATABASE_FAULT,
    "XX": troubles.DATABASE_FAULT,
    "08P01": troubles.DATABASE_FAULT,
    # Values that are valid JSON or Python and that PostgreSQL refuses.
    "22000": troubles.UNSTORABLE,  # of the driver, before it is sent
    "22001": troubles.UNSTORABLE,
    "22003": troubles.UNSTORABLE,
    "22007": troubles.UNSTORABLE,
    "22008": troubles.UNSTORABLE,
    "22021": troubles.UNSTORABLE,
    "22P02": troubles.UNSTORABLE,
    "22P03": troubles.UNSTORABLE,
    "22P05": troubles.UNSTORABLE,
}
# One SQLSTATE with several causes: words of its message -> class. They win over the table above.
_BY_WORDS: Final = (
    ("0A000", "cached", troubles.DATABASE_PLAN_STALE),
    ("0A000", "extension", troubles.DATABASE_EXTENSION),
    ("58P01", "extension", troubles.DATABASE_EXTENSION),
    ("42501", "extension", troubles.DATABASE_EXTENSION),
    ("42704", "vec", troubles.DATABASE_EXTENSION),  # vector, halfvec
    ("42704", "trgm", troubles.DATABASE_EXTENSION),
    ("42704", "extension", troubles.DATABASE_EXTENSION),
    ("28000", "no encryption", troubles.DATABASE_TLS),
    ("08P01", "startup parameter", troubles.DATABASE_POOLER),
    ("08P01", "no more connections", troubles.DATABASE_TOO_MANY_CLIENTS),  # pgbouncer's max_client_conn
    ("08P01", "no such database", troubles.DATABASE_MISSING),  # pgbouncer's words, also of the next two
    ("08P01", "no such user", troubles.DATABASE_REFUSES),
    ("08P01", "authentication failed", troubles.DATABASE_REFUSES),
    ("XX000", "max client", troubles.DATABASE_TOO_MANY_CLIENTS),  # Supavisor's words
    ("XX000", "tenant or user", troubles.DATABASE_REFUSES),
)
_BY_TYPE: Final[dict[type[BaseException], Trouble]] = {
    asyncpg.TargetServerAttributeNotMatched: troubles.DATABASE_READ_ONLY,
    asyncpg.OutdatedSchemaCacheError: troubles.DATABASE_PLAN_STALE,
    asyncpg.ClientConfigurationError: troubles.CONFIGURATION,
    PoolTimeoutError: troubles.DATABASE_BUSY,
}
_SAID_CHARS: Final = 200
_BY_ERRNO: Final = {
    errno.ENOSPC: troubles.DISK_FULL,
    errno.EDQUOT: troubles.DISK_FULL,
    errno.EROFS: troubles.DISK_REFUSES,
    errno.EACCES: troubles.DISK_REFUSES,
    errno.EPERM: troubles.DISK_REFUSES,
    errno.EIO: troubles.DISK_REFUSES,
    errno.EMFILE: troubles.TOO_MANY_FILES,
    errno.ENFILE: troubles.TOO_MANY_FILES,
}


def explain(error: BaseException) -> AzakError:
    """What happened, in azak's words: `error` itself if it is ours, else its class; INTERNAL_ERROR if it is a bug."""
    if isinstance(error, AzakError):
        return error
    found = _find(error)
    return fault_of(next(_causes(error))) if found is troubles.DATABASE_FAULT else TroubleError(found)


def fault_of(error: BaseException) -> TroubleError:
    """The server's own trouble, with the first line of what it says, in which no SQL stands."""
    says = str(error).partition("\n")[0].strip().rstrip(".;") or type(error).__name__
    trouble = TroubleError(troubles.DATABASE_FAULT, says=says[:_SAID_CHARS])
    trouble.__cause__ = error
    return trouble


def is_of_database(error: BaseException) -> bool:
    """Whether the database is in trouble, rather than azak, the work or its input."""
    return explain(error).trouble.area is Area.DATABASE


def describe(error: BaseException) -> dict[str, Any]:
    """`error` as everybody may read it: the sentence of its class, or the first line of a bug's; never SQL.

    With `values` where the sentence is the one of its class, so that pages word it in the reader's language.
    """
    found = explain(error)
    speaks = not isinstance(error, SQLAlchemyError) and found.trouble in (troubles.INTERNAL_ERROR, troubles.TIMED_OUT)
    message = (str(error).partition("\n")[0] if speaks else "") or found.detail
    told: dict[str, Any] = {"class": type(error).__name__, "code": found.trouble.code, "message": message[:1000]}
    return told | {"values": found.values} if isinstance(found, TroubleError) and message == found.detail else told


def tell(error: BaseException) -> str:
    """`describe` as one line: the class of the exception and the sentence."""
    told = describe(error)
    return f"{told['class']}: {told['message']}"


def _find(error: BaseException) -> Trouble:
    for one in _causes(error):
        if type(one) in _BY_TYPE:
            return _BY_TYPE[type(one)]
        state = str(getattr(one, "sqlstate", None) or "")
        if state:
            return _of_state(state, str(one).lower())
    if isinstance(error, (OperationalError, InterfaceError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
        return troubles.DATABASE_AWAY
    if isinstance(error, DBAPIError) and (error.connection_invalidated or isinstance(error.orig, OSError)):
        return troubles.DATABASE_AWAY
    number = error.errno if isinstance(error, OSError) else None
    unknown = troubles.TIMED_OUT if isinstance(error, TimeoutError) else troubles.INTERNAL_ERROR
    return _BY_ERRNO.get(number or 0, unknown)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The driver's error under one of SQLAlchemy's, the deepest first; else `error`."""
    below = error.orig if isinstance(error, DBAPIError) else None
    if below is not None:
        if below.__cause__ is not None:
            yield below.__cause__
        yield below
    yield error


def _of_state(state: str, message: str) -> Trouble:
    for of_state, words, trouble in _BY_WORDS:
        if state == of_state and words in message:
            return trouble
    return next((_BY_STATE[state[:n]] for n in (5, 2) if state[:n] in _BY_STATE), troubles.INTERNAL_ERROR)
