"""Ends API instances of this machine that are stopped (SIGSTOP, a stuck debugger), so that whoever started them does
so again: the kernel goes on handing connections to their port, and no other instance can take those back.

A blocked event loop ends its own process (backend.loops.watch); only one that is stopped as a whole cannot.
"""

import os
import signal
import socket
from contextlib import suppress
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from backend.log import get_logger
from backend.services.operations.processes import list_heartbeats
from backend.services.operations.watching.presence import COMPONENT
from backend.services.operations.watching.signs import read_proc_stat

_log = get_logger(__name__)
_STOPPED: Final = ("T", "t")  # by a signal, by a debugger: proc(5)


async def end_frozen(session: AsyncSession, *, after_s: float) -> list[int]:
    """Kill the instances of this host that are silent for `after_s` seconds and stopped; returns their pids.

    `after_s` 0: none. A pid that was given to another process since is told by when it started.
    """
    if not after_s:
        return []
    ended = []
    for row in await list_heartbeats(session):
        host, _, pid = row.instance.rpartition(":")[0].rpartition(":")
        is_ours = row.component == COMPONENT and host == socket.gethostname() and pid.isdecimal()
        if not is_ours or row.state != "serving" or row.age_s < after_s:
            continue
        now = read_proc_stat(int(pid))
        if now.get("state") in _STOPPED and now.get("start") == row.details.get("signs", {}).get("proc_start"):
            _log.error("frozen_instance_ended", pid=int(pid), silent_s=round(float(row.age_s)))
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(pid), signal.SIGKILL)
                ended.append(int(pid))
    return ended
