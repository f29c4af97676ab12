"""Every class of trouble, in one table: what it is called, answered with, and what azak does about it.

`backend.errors` raises these classes and `backend.db.troubles` finds them in what libraries raise. Each edge (route,
job, loop, command) acts by the row and never by the type of an exception. On the wire stand the code, its parameters
and the English sentence; the page words a trouble by its code (dashboard/src/i18n/ko/rare.ts, en/rare.ts).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Area(StrEnum):
    """Which part of azak is in trouble."""

    DATABASE = "database"
    MACHINE = "machine"  # disk, files, log sink, clock
    SOURCE = "source"
    MODEL = "model"
    SERVICE = "service"  # another process of azak
    INPUT = "input"
    AZAK = "azak"  # a fault of the program, or of its settings


@dataclass(frozen=True, slots=True)
class Trouble:
    """One class of trouble.

    `sentence`: what is wrong and what to do, in English; `{names}` in it are the parameters of the one who raises it.
    `retries`: work that met it is tried again, by itself. `drops`: the connection it was met on is not used again.
    `alarms`: the operator is told. `retry_after_s`: when a client may ask again.
    """

    code: str
    area: Area
    status: int
    title: str
    sentence: str
    retries: bool = False
    drops: bool = False
    alarms: bool = False
    retry_after_s: int | None = None


def _database(
    code: str, title: str, sentence: str, *, drops: bool = False, retries: bool = True, retry_after_s: int = 5
) -> Trouble:
    return Trouble(code, Area.DATABASE, 503, title, sentence, retries, drops, True, retry_after_s)


def _source(code: str, title: str, *, retries: bool = False, alarms: bool = False) -> Trouble:
    sentence = "The source '{source}' failed; ask it with 'azak sources check'."
    return Trouble(code, Area.SOURCE, 502, title, sentence, retries=retries, alarms=alarms)


def _input(code: str, status: int, title: str, sentence: str) -> Trouble:
    return Trouble(code, Area.INPUT, status, title, sentence)


DATABASE_AWAY: Final = _database(
    "database-unavailable", "Database unavailable",
    "The database does not answer; start it with 'azak up' or check AZAK_DATABASE_URL.", drops=True,
)  # fmt: skip
DATABASE_BUSY: Final = _database(
    "database-busy", "Database busy",
    "The database is too busy to answer in time; ask again, and look for long statements in pg_stat_activity.",
)  # fmt: skip
DATABASE_REFUSES: Final = _database(
    "database-refuses-login", "Database refuses the login",
    "The database answers but refuses the user or the password; correct them in AZAK_DATABASE_URL.", drops=True,
)  # fmt: skip
DATABASE_MISSING: Final = _database(
    "database-missing", "Database missing",
    "The server has no database of that name; create it, or correct the name in AZAK_DATABASE_URL.", drops=True,
)  # fmt: skip
DATABASE_TLS: Final = _database(
    "database-tls", "No TLS with the database",
    "No TLS connection to the database can be made as AZAK_DATABASE_URL demands; check the server's certificate, "
    "the host name, and sslmode and sslrootcert in the URL.", drops=True,
)  # fmt: skip
DATABASE_READ_ONLY: Final = _database(
    "database-read-only", "Database read-only",
    "The database takes no writes; end its read-only mode, or let AZAK_DATABASE_URL name the primary.", drops=True,
)  # fmt: skip
DATABASE_FULL: Final = _database(
    "database-full", "Database full",
    "The database has no room left on its disk or in its memory; give it more room.", retry_after_s=60,
)  # fmt: skip
DATABASE_TOO_MANY_CLIENTS: Final = _database(
    "database-too-many-clients", "Database has too many clients",
    "The database has no connection left; lower AZAK_DATABASE_POOL_SIZE or raise its max_connections "
    "('azak doctor' counts them).", drops=True,
)  # fmt: skip
DATABASE_PLAN_STALE: Final = _database(
    "database-plan-stale", "Database changed",
    "The database was changed while this was read; ask again.", retry_after_s=1,
)  # fmt: skip
DATABASE_EXTENSION: Final = _database(
    "database-extension-missing", "Database extension missing",
    "The database cannot use the extension vector (pgvector 0.7 or newer) or pg_trgm; install the package "
    "postgresql-NN-pgvector of its version NN, and let its owner run CREATE EXTENSION.", retry_after_s=60,
)  # fmt: skip
DATABASE_RIGHTS: Final = _database(
    "database-rights", "Database rights missing",
    "The role of AZAK_DATABASE_URL may not do this in the database; make it the owner of the database.",
    retry_after_s=60,
)  # fmt: skip
DATABASE_OLDER: Final = _database(
    "database-schema-older", "Database schema older",
    "The database has not the schema that this version needs; run 'azak db migrate'.", retry_after_s=60,
)  # fmt: skip
DATABASE_NEWER: Final = _database(
    "database-schema-newer", "Database schema newer",
    "The database is at migration {found}, which this version does not know (its newest is {known}); "
    "install the version of azak that made it, or a newer one.", retry_after_s=60,
)  # fmt: skip
DATABASE_SCHEMA_UNKNOWN: Final = _database(
    "database-schema-unknown", "Database schema unknown",
    "The table alembic_version of the database has {rows} rows instead of one; restore a backup, or leave the row of "
    "the last migration that was applied.", retry_after_s=60,
)  # fmt: skip
DATABASE_NO_SCHEMA: Final = _database(
    "database-no-schema", "No schema in the database",
    "The search_path of the database's role names no schema that exists; correct it, or options in AZAK_DATABASE_URL.",
    drops=True, retry_after_s=60,
)  # fmt: skip
DATABASE_FAULT: Final = _database(
    "database-fault", "Database refuses or fails",
    "The database server refuses or fails: {says}; see its log, and check AZAK_DATABASE_URL.", drops=True,
)  # fmt: skip
DATABASE_POOLER: Final = _database(
    "database-pooler", "Transaction pooler",
    "Between azak and the database stands a transaction pooler; set AZAK_DATABASE_POOLER=true and let "
    "AZAK_DATABASE_DIRECT_URL go past it.", drops=True, retry_after_s=60,
)  # fmt: skip

LOG_GONE: Final = Trouble(
    "log-gone", Area.MACHINE, 500, "Log cannot be written",
    "The log cannot be written, {lines} lines are lost so far; free its disk, or start the process again if nobody "
    "reads its output. The work goes on.", alarms=True,
)  # fmt: skip
DISK_FULL: Final = Trouble(
    "disk-full", Area.MACHINE, 507, "Disk full",
    "The disk of this machine is full; free some space where AZAK_DATA_DIR and the temporary files are.",
    retries=True, alarms=True, retry_after_s=60,
)  # fmt: skip
DISK_LOW: Final = Trouble(
    "disk-low", Area.MACHINE, 507, "Disk nearly full",
    "Only {free_mb} MB are free where {path} is; free some space there.", alarms=True,
)  # fmt: skip
DISK_REFUSES: Final = Trouble(
    "disk-refuses", Area.MACHINE, 507, "Disk refuses",
    "The disk of this machine refuses to be read or written; make AZAK_DATA_DIR writable for the user of azak.",
    retries=True, alarms=True, retry_after_s=60,
)  # fmt: skip
NO_KOREAN_FONT: Final = Trouble(
    "no-korean-font", Area.MACHINE, 501, "No Korean font",
    "This machine has no Korean font for PDF; install one (Debian: apt install fonts-nanum), or take .html and print "
    "it.",
)  # fmt: skip
TOO_MANY_FILES: Final = Trouble(
    "too-many-files", Area.MACHINE, 503, "Too many open files",
    "This process has as many open files as the machine allows; raise 'ulimit -n' for azak.",
    retries=True, alarms=True, retry_after_s=5,
)  # fmt: skip
CLOCK_WRONG: Final = Trouble(
    "clock-wrong", Area.MACHINE, 503, "Clock wrong",
    "The clock of this machine and that of {other} differ by {seconds} s; let NTP set them.", retries=True, alarms=True,
)  # fmt: skip

SOURCE: Final = _source("source", "Source failed")
SOURCE_TEMPORARY: Final = _source("source-temporary", "Source failed", retries=True)
SOURCE_CHANGED: Final = _source("source-changed", "Source failed", alarms=True)
SOURCES_FAILED: Final = _source("sources-failed", "Source failed")
SOURCE_REFUSED: Final = _source("source-refused", "Source failed", alarms=True)

QUOTA_GONE: Final = Trouble(
    "source-quota-gone", Area.SOURCE, 503, "Quota used up",
    "The source {source} has used its quota of today ({used} of {limit}); it is asked again after midnight in Seoul.",
    alarms=True,
)  # fmt: skip

MODEL_PROCESS: Final = Trouble(
    "model-process", Area.MODEL, 503, "Model process unavailable",
    "The model process does not answer; it is started again by itself.", retries=True, alarms=True,
)  # fmt: skip
MODEL_MEMBER: Final = Trouble(
    "model-member", Area.MODEL, 500, "Model failed",
    "The model '{model}' fails and is left out; correct or retire it with 'azak models'.", alarms=True,
)  # fmt: skip
MODEL_DRIFTS: Final = Trouble(
    "model-drifts", Area.MODEL, 500, "Model out of calibration",
    "The model '{model}' is no longer calibrated as in its backtest; look at it with 'azak models'.", alarms=True,
)  # fmt: skip

SCHEDULER_UNAVAILABLE: Final = Trouble(
    "scheduler-unavailable", Area.SERVICE, 503, "Scheduler unavailable",
    "The scheduler does not answer; start it again.", retries=True, alarms=True,
)  # fmt: skip
TOO_MANY_STREAMS: Final = Trouble(
    "too-many-streams", Area.SERVICE, 503, "Too many streams",
    "This instance has as many event streams as AZAK_API_EVENT_STREAMS allows; poll /api/runs instead.",
    retries=True, retry_after_s=30,
)  # fmt: skip
TOO_MANY_EXPORTS: Final = Trouble(
    "too-many-exports", Area.SERVICE, 503, "Too many exports",
    "This instance writes as many lists as CSV or NDJSON as it does at once; ask again in a while.",
    retries=True, retry_after_s=10,
)  # fmt: skip
LOOP_STOPPED: Final = Trouble(
    "loop-stopped", Area.SERVICE, 503, "Loop stopped",
    "The loop '{loop}' of the {process} has had no good turn for {seconds} s; see its log, and start it again.",
    alarms=True,
)  # fmt: skip
PROCESS_SILENT: Final = Trouble(
    "process-silent", Area.SERVICE, 503, "Process silent",
    "The {process} is silent for {seconds} s; see its log, and start it again.", alarms=True,
)  # fmt: skip
QUEUE_UNSERVED: Final = Trouble(
    "queue-unserved", Area.SERVICE, 503, "Queue unserved",
    "Nobody executes runs of {kind}; take it into AZAK_SCHEDULER_KINDS, or start an 'azak worker' that takes it.",
    alarms=True,
)  # fmt: skip
JOB_OVERDUE: Final = Trouble(
    "job-overdue",
    Area.SERVICE,
    503,
    "Job overdue",
    "The job {job} does not do what its schedule promises.",
    alarms=True,
)
SCHEDULER_PROBLEM: Final = Trouble(
    "scheduler-problem", Area.SERVICE, 503, "Scheduler problem", "The scheduler has a problem: {problem}", alarms=True
)
NEWS_NOT_SEEN: Final = Trouble(
    "news-not-seen", Area.SOURCE, 503, "News not seen", "News was not seen; see 'azak sources list'.", alarms=True
)
LISTING_ODD: Final = Trouble(
    "listing-odd", Area.SOURCE, 503, "List of stocks odd",
    "The exchange's list of stocks has something that a person must look at.", alarms=True,
)  # fmt: skip
CHANNEL_FAILS: Final = Trouble(
    "channel-failing", Area.SERVICE, 502, "Channel failing",
    "The channel {channel} does not take {waiting} messages; check {setting}.", retries=True, alarms=True,
)  # fmt: skip
DATA_MISSING: Final = Trouble(
    "data-missing", Area.SOURCE, 503, "Data missing", "No source delivers {data}; see 'azak sources'.", alarms=True
)
UNREACHABLE: Final = Trouble(
    "unreachable", Area.SERVICE, 503, "Service unreachable", "{service} does not answer; start it.", retries=True
)
REPLICA_STALE: Final = Trouble(
    "replica-stale", Area.SERVICE, 503, "Replica stale",
    "The read replica is not in use, for {seconds} s now: it is behind, or does not answer. The primary serves its "
    "reads; look at its replication, or take AZAK_DATABASE_REPLICA_URL out.", alarms=True,
)  # fmt: skip
RUN_UNREPORTED: Final = Trouble(
    "run-unreported", Area.SERVICE, 500, "End not reported",
    "The last of {attempts} attempts, on {worker}, did not say how it ended: its process died, or could not reach the "
    "database for as long as a lease; see its log, then retry the run.",
)  # fmt: skip
LEASE_LOST: Final = Trouble(
    "lease-lost", Area.SERVICE, 500, "Lease lost", "Another process owns this work now.", retries=True
)

INVALID_INPUT: Final = _input("invalid-input", 422, "Invalid input", "Correct what was sent.")
UNSTORABLE: Final = _input(
    "unstorable", 422, "Invalid input",
    "A value in it cannot be stored (NUL, NaN, or out of range); correct it and send again.",
)  # fmt: skip
NOT_FOUND: Final = _input("not-found", 404, "Not found", "There is no such thing.")
CONFLICT: Final = _input("conflict", 409, "Conflict", "This is not possible in the present state.")
UNAUTHORIZED: Final = _input("unauthorized", 401, "Not signed in", "Sign in with 'azak sign-in'.")
FORBIDDEN: Final = _input("forbidden", 403, "Not allowed", "Use a key that may do this.")
TOO_MANY_REQUESTS: Final = _input("too-many-requests", 429, "Too many requests", "Ask again later.")
NOTHING_TO_DO: Final = _input("nothing-to-do", 409, "Nothing to do", "There was nothing to do.")
RUN_CANCELLED: Final = _input("run-cancelled", 409, "Run cancelled", "The run was cancelled.")

CONFIGURATION: Final = Trouble(
    "configuration", Area.AZAK, 500, "Wrong configuration", "A setting is wrong; see .env.example.", alarms=True
)
TIMED_OUT: Final = Trouble(
    "timed-out", Area.AZAK, 500, "Timed out", "It took longer than its time limit.", retries=True, alarms=True
)
INTERNAL_ERROR: Final = Trouble(
    "internal-error", Area.AZAK, 500, "Internal error",
    "azak failed at this; look for the id in the log of this process.", retries=True, alarms=True,
)  # fmt: skip

TROUBLES: Final = {trouble.code: trouble for trouble in tuple(globals().values()) if isinstance(trouble, Trouble)}
