"""Reasons to look that the rows of the processes give: a silent one, a loop that stopped, models that do not come, a
clock, a disk or a log in trouble. Health says no more than a process said of itself, and how long ago that was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from backend import trouble as troubles
from backend.domain.operations import Reason
from backend.trouble import Trouble

SILENT_AFTER_S: Final = 25.0  # five beats
CLOCK_APART_S: Final = 5.0  # NTP keeps a clock within milliseconds
MODELS_LATE_S: Final = 120.0
RESTARTS_IN_A_ROW: Final = 2  # without ever having been ready: a loop of crashes
RESTARTS_IN_TEN_MINUTES: Final = 3
_BEAT_S: Final = 5.0
_FORGOTTEN_AFTER_S: Final = 86_400.0
_WITH_ROWS: Final = ("scheduler", "api")  # components of the heartbeats that are processes
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_EXECUTING: Final = ("active", "working")


@dataclass(frozen=True, slots=True)
class Process:
    """One process of azak as its row tells it, `age_s` ago. `name`: host:pid. `signs`: backend.services...signs."""

    role: str
    host: str
    pid: int
    state: str
    age_s: float
    signs: Mapping[str, Any]
    models: Mapping[str, Any]
    started_at: datetime | None = None
    seen_at: datetime | None = None  # its last sign

    @property
    def name(self) -> str:
        return f"{self.role} {self.host}:{self.pid}"

    @property
    def is_silent(self) -> bool:
        return self.state != "stopped" and self.age_s > SILENT_AFTER_S


def list_processes(heartbeats: Sequence[Any], workers: Sequence[Any]) -> list[Process]:
    """Schedulers, API instances and workers; not those that stopped or that another one has replaced."""
    found = [_process(row.component, *_place(row.instance), row) for row in heartbeats if row.component in _WITH_ROWS]
    found += [_process("worker", row.host, row.pid, row) for row in workers if row.role == "worker"]
    living = [one for one in found if one.state != "stopped" and one.age_s < _FORGOTTEN_AFTER_S]
    replaced = _list_replaced(living)
    return [one for one in living if one not in replaced]


def _list_replaced(processes: Sequence[Process]) -> list[Process]:
    """Silent ones that another one of their role and host has followed: each follower stands for one of them, and has
    started after the last sign of it. One that was there already replaces nobody."""
    replaced: list[Process] = []
    followers = sorted((one for one in processes if one.started_at), key=lambda one: one.started_at or _NEVER)
    for silent in sorted((one for one in processes if one.is_silent), key=lambda one: one.seen_at or _NEVER):
        follows = (one for one in followers if _follows(one, silent))
        if (follower := next(follows, None)) is not None:
            followers.remove(follower)
            replaced.append(silent)
    return replaced


def _follows(later: Process, silent: Process) -> bool:
    if later.started_at is None or silent.seen_at is None:
        return False
    return (later.role, later.host) == (silent.role, silent.host) and later.started_at > silent.seen_at


def _place(instance: str) -> tuple[str, int]:
    """Host and pid of a process's name, host:pid:id."""
    host, _, rest = instance.rpartition(":")[0].rpartition(":")
    return host or instance, int(rest) if rest.isdecimal() else 0


def _process(role: str, host: str, pid: int, row: Any) -> Process:
    signs = row.details.get("signs", {})
    started = signs.get("started_at")
    return Process(
        role, host, pid, row.state, float(row.age_s), signs, row.details.get("models", {}),
        None if started is None else _by_database(started, signs), row.heartbeat_at if role == "worker" else row.ts,
    )  # fmt: skip


def _by_database(moment: str, signs: Mapping[str, Any]) -> datetime:
    """A moment of a process's clock on the database's, whose moments it is compared with."""
    return datetime.fromisoformat(moment) - timedelta(seconds=signs.get("clock_ahead_s") or 0)


def list_reasons(processes: Sequence[Process], now: datetime) -> list[Reason]:
    """What is wrong with `processes`; whether any scheduler is active at all is judged by health."""
    return [reason for process in processes for reason in _of(process, now)]


def _of(process: Process, now: datetime) -> Iterator[Reason]:
    if process.is_silent:
        if process.role != "scheduler":  # one that stood by is missed by nobody; the active one by health
            yield reason_of(troubles.PROCESS_SILENT, process.name, process=process.name, seconds=round(process.age_s))
        return
    yield from loop_reasons(process.name, process.signs.get("loops", {}), min(process.age_s, _BEAT_S))
    yield from _models(process, now)
    yield from machine_reasons(process.host, process.name, process.signs)


def loop_reasons(process: str, loops: Mapping[str, Mapping[str, Any]], row_age_s: float = 0) -> Iterator[Reason]:
    """Loops without a good turn in their time, with the last error of each."""
    for loop, told in loops.items():
        age_s = told["age_s"] + row_age_s
        if age_s > told["within_s"]:
            yield reason_of(
                troubles.LOOP_STOPPED, f"{loop} of {process}", note=told.get("error"),
                loop=loop, process=process, seconds=round(age_s),
            )  # fmt: skip


def machine_reasons(host: str, process: str, signs: Mapping[str, Any]) -> Iterator[Reason]:
    """Clock, disk, log, and what its writes and its replica told it of the database."""
    ahead_s = signs.get("clock_ahead_s") or 0.0
    if abs(ahead_s) > CLOCK_APART_S:
        other = f"the database ({process} is {'ahead' if ahead_s > 0 else 'behind'})"
        yield reason_of(troubles.CLOCK_WRONG, host, other=other, process=process, seconds=round(abs(ahead_s)))
    disk = signs.get("disk")
    if disk and disk["free_mb"] < disk.get("least_mb", 0):
        yield reason_of(troubles.DISK_LOW, f"{host} {disk['path']}", free_mb=disk["free_mb"], path=disk["path"])
    if signs.get("database_full"):
        yield reason_of(troubles.DATABASE_FULL, "")
    replica = signs.get("replica")
    if replica and not replica["is_fresh"]:
        yield reason_of(troubles.REPLICA_STALE, "", note=replica["error"], seconds=round(replica["behind_s"]))
    log = signs.get("log") or {}
    if log.get("error"):
        yield reason_of(
            troubles.LOG_GONE, process, note=f"{process}: {log['error']}", process=process, lines=log["dropped"]
        )


def _models(process: Process, now: datetime) -> Iterator[Reason]:
    """Models that an executing process has not: counted from when they were last ready, not from a restart."""
    models = process.models
    if process.state not in _EXECUTING or models.get("state") is None:
        return
    recent = models.get("recent_restarts", 0)
    state, why = models["state"], models.get("error") or "see its log"
    since = models.get("not_ready_since") or models.get("since")
    is_late = state != "ready" and since is not None and _seconds(since, now) > MODELS_LATE_S
    is_looping = state != "ready" and models.get("restarts_since_ready", 0) >= RESTARTS_IN_A_ROW
    if is_late or is_looping or recent >= RESTARTS_IN_TEN_MINUTES:
        again = f", started again {recent} times within 10 min" if recent else ""
        sentence = f"The models of the {process.name} are {state} since {since or models['since']}{again}: {why}"
        yield Reason(troubles.MODEL_PROCESS.code, process.name, sentence, {"process": process.name, "restarts": recent})


def _seconds(since: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(since)).total_seconds()


def reason_of(trouble: Trouble, subject: str, *, note: str | None = None, **values: str | float) -> Reason:
    """A reason in the words of its class; `note`: what is known besides."""
    sentence = trouble.sentence.format(**values)
    return Reason(trouble.code, subject, f"{sentence} ({note})" if note else sentence, values)
