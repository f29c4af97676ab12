"""What libraries and the machine raise, with the class of trouble that a person would call it. Written by hand."""

# ruff: noqa: E501  (one case a line)

import errno
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend import trouble as troubles
from backend.errors import (
    ConfigurationError,
    InvalidInputError,
    ModelProcessError,
    SourceChangedError,
    SourceTemporaryError,
    TroubleError,
)


def of_sqlalchemy(error: Exception) -> DBAPIError:
    """As SQLAlchemy passes an error of asyncpg on: its own, around the dialect's, around the driver's."""
    between = Exception(str(error))
    between.__cause__ = error
    return DBAPIError("SELECT * FROM keys WHERE token = $1", ("secret-of-a-key",), between)


# code, what is raised, whether a run that meets it is tried again, whether the connection is dropped
RAISED: list[tuple[str, Exception, bool, bool]] = [
    ("database-unavailable", asyncpg.AdminShutdownError("terminating connection due to administrator command"), True, True),
    ("database-unavailable", asyncpg.CannotConnectNowError("the database system is starting up"), True, True),
    ("database-unavailable", asyncpg.ConnectionDoesNotExistError("closed in the middle of operation"), True, True),
    ("database-unavailable", asyncpg.InterfaceError("connection is closed"), True, True),
    ("database-unavailable", asyncpg.InternalClientError("unexpected message"), True, True),
    ("database-unavailable", asyncpg.IdleInTransactionSessionTimeoutError("idle"), True, True),
    ("database-unavailable", OperationalError("SELECT 1", {}, Exception("gone")), True, True),
    ("database-busy", asyncpg.QueryCanceledError("canceling statement due to statement timeout"), True, False),
    ("database-busy", asyncpg.LockNotAvailableError("canceling statement due to lock timeout"), True, False),
    ("database-busy", asyncpg.DeadlockDetectedError("deadlock detected"), True, False),
    ("database-busy", asyncpg.SerializationError("could not serialize access"), True, False),
    ("database-busy", PoolTimeoutError("QueuePool limit of size 5 overflow 5 reached"), True, False),
    ("database-refuses-login", asyncpg.InvalidPasswordError('password authentication failed for user "azak"'), True, True),
    ("database-refuses-login", asyncpg.InvalidAuthorizationSpecificationError('role "x" does not exist'), True, True),
    ("database-missing", asyncpg.InvalidCatalogNameError('database "x" does not exist'), True, True),
    ("database-read-only", asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT"), True, True),
    ("database-read-only", asyncpg.TargetServerAttributeNotMatched("read-write"), True, True),
    ("database-full", asyncpg.DiskFullError("could not extend file: No space left on device"), True, False),
    ("database-full", asyncpg.OutOfMemoryError("out of memory"), True, False),
    ("database-too-many-clients", asyncpg.TooManyConnectionsError("sorry, too many clients already"), True, True),
    ("database-plan-stale", asyncpg.InvalidCachedStatementError("cached plan must not change result type"), True, False),
    ("database-plan-stale", asyncpg.OutdatedSchemaCacheError("cached schema"), True, False),
    ("database-extension-missing", asyncpg.FeatureNotSupportedError('extension "vector" is not available'), True, False),
    ("database-extension-missing", asyncpg.UndefinedObjectError('type "halfvec" does not exist'), True, False),
    ("database-extension-missing", asyncpg.InsufficientPrivilegeError('permission denied to create extension "vector"'), True, False),
    ("database-rights", asyncpg.InsufficientPrivilegeError("permission denied for table runs"), True, False),
    ("database-schema-older", asyncpg.UndefinedTableError('relation "stories" does not exist'), True, False),
    ("database-schema-older", asyncpg.UndefinedColumnError('column "x" does not exist'), True, False),
    ("database-schema-newer", TroubleError(troubles.DATABASE_NEWER, found="9999", known="0035"), True, False),
    ("database-schema-unknown", TroubleError(troubles.DATABASE_SCHEMA_UNKNOWN, rows=2), True, False),
    ("database-no-schema", asyncpg.InvalidSchemaNameError("no schema has been selected to create in"), True, True),
    ("database-fault", asyncpg.ObjectNotInPrerequisiteStateError('database "azak" is not currently accepting connections'), True, True),
    ("database-fault", asyncpg.InternalServerError("Control plane request failed"), True, True),
    ("database-fault", asyncpg.IndexCorruptedError("index contains unexpected zero page"), True, True),
    ("database-fault", asyncpg.PostgresIOError("could not read block 3"), True, True),
    ("database-fault", asyncpg.ConfigFileError("could not load pg_hba.conf"), True, True),
    ("database-fault", asyncpg.ProtocolViolationError("bad packet"), True, True),
    ("database-missing", asyncpg.ProtocolViolationError("no such database: azak"), True, True),
    ("database-refuses-login", asyncpg.ProtocolViolationError("no such user: azak"), True, True),
    ("database-refuses-login", asyncpg.ProtocolViolationError("password authentication failed"), True, True),
    ("database-tls", asyncpg.InvalidAuthorizationSpecificationError("no pg_hba.conf entry for host, no encryption"), True, True),
    ("database-tls", TroubleError(troubles.DATABASE_TLS), True, True),
    ("database-pooler", asyncpg.ProtocolViolationError("unsupported startup parameter: synchronous_commit"), True, True),
    ("database-pooler", asyncpg.InvalidSQLStatementNameError('prepared statement "__asyncpg_1" does not exist'), True, True),
    ("database-pooler", asyncpg.DuplicatePreparedStatementError('prepared statement "x" already exists'), True, True),
    ("unstorable", asyncpg.CharacterNotInRepertoireError("invalid byte sequence"), False, False),
    ("unstorable", asyncpg.DataError("invalid input for query argument $1: value out of int64 range"), False, False),
    ("unstorable", asyncpg.NumericValueOutOfRangeError("out of range"), False, False),
    ("disk-full", OSError(errno.ENOSPC, "No space left on device"), True, False),
    ("disk-refuses", OSError(errno.EROFS, "Read-only file system"), True, False),
    ("disk-refuses", PermissionError(errno.EACCES, "Permission denied"), True, False),
    ("too-many-files", OSError(errno.EMFILE, "Too many open files"), True, False),
    ("log-gone", TroubleError(troubles.LOG_GONE, lines=3), False, False),
    ("clock-wrong", TroubleError(troubles.CLOCK_WRONG, seconds=300, other="the database"), True, False),
    ("source-temporary", SourceTemporaryError("kis answered 503; it is asked again."), True, False),
    ("source-changed", SourceChangedError("rss_mk sent no list; tell its maintainers."), False, False),
    ("model-process", ModelProcessError("The model process ended; it is started again."), True, False),
    ("model-member", TroubleError(troubles.MODEL_MEMBER, model="poison"), False, False),
    ("invalid-input", InvalidInputError("Correct the code."), False, False),
    ("configuration", ConfigurationError("AZAK_API_PORT is wrong; correct it."), False, False),
    ("timed-out", TimeoutError("The run took longer than 5 s; see its log."), True, False),
    # Neither the database's nor the disk's: bugs, or the network of something else.
    ("internal-error", BrokenPipeError(errno.EPIPE, "Broken pipe"), True, False),
    ("internal-error", ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), True, False),
    ("internal-error", FileNotFoundError(errno.ENOENT, "No such file"), True, False),
    ("internal-error", asyncpg.UniqueViolationError("duplicate key value"), True, False),
    ("internal-error", asyncpg.PostgresSyntaxError("syntax error"), True, False),
    ("internal-error", ValueError("year 0 is out of range"), True, False),
]  # fmt: skip
STATUS: dict[str, int] = {
    "unstorable": 422,
    "invalid-input": 422,
    "disk-full": 507,
    "disk-refuses": 507,
    "log-gone": 500,
    "source-temporary": 502,
    "source-changed": 502,
    "model-member": 500,
    "configuration": 500,
    "timed-out": 500,
    "internal-error": 500,
}  # fmt: skip  (any other: 503)


def name_of(case: Any) -> str:
    return f"{case[0]}-{type(case[1]).__name__}" if isinstance(case, tuple) else str(case)
