"""CPU priority of the scheduler, workers and models: low, so that requests to the API are served first.

Linux shares the CPU between sessions first (autogroups, sched(7)), and between the processes of one session by their
nice value. PM2, `azak up` and every connection of PostgreSQL have sessions of their own, so a nice value alone changes
nothing there: the session's own value is lowered too. A process that asks for long time slices is preempted at once
when another one wakes (Linux 6.12). What each measure is worth: docs/decisions/0023.
"""

import ctypes
import os
import platform
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_SLICE_NS: Final = 100_000_000  # 100 ms, the longest that Linux allows
_SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274}  # glibc has a function for it since 2.41


def lower_priority(niceness: int) -> None:
    """Lower the priority of this process, its later threads and the session it leads; `niceness` 0..19, 0: do nothing.

    Never raises a priority. Where a kernel lacks one of the measures, the others are taken.
    """
    if niceness == 0 or sys.platform != "linux":
        return
    niceness = max(niceness, os.getpriority(os.PRIO_PROCESS, 0))
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    _ask_for_long_slices(niceness)
    if (
        os.getsid(0) == os.getpid()
    ):  # in a session that somebody else leads (a shell), other processes would slow down too
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))


def _ask_for_long_slices(niceness: int) -> None:
    number = _SCHED_SETATTR.get(platform.machine())
    if number is not None:
        # size, policy (other), flags, nice, real-time priority, runtime, deadline, period: sched_setattr(2)
        attributes = struct.pack("=IIQiIQQQ", 48, os.SCHED_OTHER, 0, niceness, 0, _SLICE_NS, 0, 0)
        ctypes.CDLL(None).syscall(number, 0, attributes, 0)
