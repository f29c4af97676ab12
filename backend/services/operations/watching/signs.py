"""What a process says of itself in its row: its loops, its clock against the database's, its disk and its log.

Every process reads its own signs and every process judges those of all (process_troubles), so that the one that is in
trouble need not be the one that tells it.
"""

import importlib.metadata
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock, log_sink
from backend.config import Settings
from backend.db.replica import Replica
from backend.db.session import Database
from backend.db.troubles import explain
from backend.domain.operations import Reason
from backend.loops.pulse import Pulse
from backend.loops.registry import Loops
from backend.services.operations.process_reasons import loop_reasons

_START_FIELD: Final = 19  # of /proc/PID/stat after the name: when it started, in ticks since the boot


class Signs:
    """The signs of this process, named `process` in sentences. `loops` and `pulse` are its own."""

    def __init__(self, settings: Settings, process: str, loops: Loops, pulse: Pulse) -> None:
        self._process = process
        self._trouble: Reason | None = None
        self._loops = loops
        self._pulse = pulse
        self._data_dir = settings.data_dir
        self._least_mb = settings.watchdog.disk_free_mb
        self._started_at = clock.now().isoformat()
        self._clock_ahead_s: float | None = None
        self.database: Database | None = None  # whose writes tell whether it has room
        self.replica: Replica | None = None  # of an API with AZAK_DATABASE_REPLICA_URL

    async def measure_clock(self, session: AsyncSession) -> None:
        """Compare the clock with the database's; what the round trip took is no difference."""
        before = clock.now()
        theirs = await session.scalar(select(func.clock_timestamp()))
        after = clock.now()
        if theirs is None:
            return
        ahead_s = ((before - theirs) + (after - theirs)).total_seconds() / 2
        doubt_s = abs((after - before).total_seconds()) / 2
        self._clock_ahead_s = 0.0 if abs(ahead_s) <= doubt_s else round(ahead_s, 2)

    def written(self, error: Exception | None = None) -> None:
        """The row was written, or could not be for `error`: then nobody else can read what is wrong here."""
        if error is None:
            self._trouble = None
        else:
            found = explain(error)
            self._trouble = Reason(found.trouble.code, "", found.detail, found.values)

    def list_reasons(self) -> list[Reason]:
        """What this process knows of its own trouble, whether or not its row tells it."""
        told = [] if self._trouble is None else [self._trouble]
        return told + list(loop_reasons(self._process, self._loops.snapshot()))

    def read(self) -> dict[str, Any]:
        """As JSON for the process's row."""
        return {
            "started_at": self._started_at,
            "proc_start": read_proc_stat(os.getpid()).get("start"),
            "version": importlib.metadata.version("azak"),
            "loops": self._loops.snapshot(),
            "lag_s": round(self._pulse.lag_s, 3),
            "clock_ahead_s": self._clock_ahead_s,
            "disk": _read_disk(self._data_dir, self._least_mb),
            "log": log_sink.read_state(),
            "database_full": self.database is not None and self.database.was_full,
            "replica": None if self.replica is None else self.replica.state(),
        }


def _read_disk(folder: Path, least_mb: int) -> dict[str, Any] | None:
    """Free megabytes where the data directory is, or will be; None where the system does not say."""
    place = next((path for path in (folder, *folder.parents) if path.exists()), None)
    if place is None:
        return None
    try:
        usage = shutil.disk_usage(place)
    except OSError:
        return None
    return {"path": str(folder), "free_mb": usage.free // 2**20, "least_mb": least_mb}


def read_proc_stat(pid: int) -> Mapping[str, str]:
    """`state` (R, S, T, ...) and `start` of a process of this machine; empty if there is none, or no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return {}
    return {"state": fields[0], "start": fields[_START_FIELD]}
