"""Requests come first: the processes that work behind them take what CPU is left.

Linux shares the CPU between sessions first (autogroups, sched(7)), and between the processes of one session by their
nice value. PM2, `azak up` and every connection of PostgreSQL have sessions of their own, so that a nice value alone
changes nothing there. Who asks for long slices of time is interrupted at once when somebody else wakes (Linux 6.12).
What each is worth to a reader: docs/decisions/0023.
"""

import ctypes
import os
import platform
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_SLICE_NS: Final = 100_000_000  # the longest that Linux gives
_SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274}  # glibc has a function for it since 2.41


def lower_priority(niceness: int) -> None:
    """This process, its later threads and the session it leads give way to others; `niceness` 0 to 19, 0 does nothing.

    Never raises a priority that somebody gave it. Where a kernel lacks one of the means, the others are used.
    """
    if niceness == 0 or sys.platform != "linux":
        return
    niceness = max(niceness, os.getpriority(os.PRIO_PROCESS, 0))
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    _ask_for_long_slices(niceness)
    if os.getsid(0) == os.getpid():  # a shell's session is not ours to slow down
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))


def _ask_for_long_slices(niceness: int) -> None:
    number = _SCHED_SETATTR.get(platform.machine())
    if number is not None:
        # size, policy (other), flags, nice, real-time priority, runtime, deadline, period: sched_setattr(2)
        attributes = struct.pack("=IIQiIQQQ", 48, os.SCHED_OTHER, 0, niceness, 0, _SLICE_NS, 0, 0)
        ctypes.CDLL(None).syscall(number, 0, attributes, 0)
