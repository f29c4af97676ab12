"""A child process of `azak up`: start, readiness, log file and stop.

A child has its own session, so that Ctrl-C reaches the supervisor only (a second SIGINT makes uvicorn drop requests),
and a parent-death signal, so that it ends when the supervisor is killed.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from backend.errors import AzakError

MAX_LOG_BYTES: Final = 10_000_000
KEPT_LOGS: Final = 5
_PR_SET_PDEATHSIG = 1
# Loaded here: between fork and exec a child must not import or open a library.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _send(pid: int, number: signal.Signals) -> None:
    """Signal a child; one that has ended by itself a moment ago needs none."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


class ChildFailedError(AzakError):
    """A child did not become ready."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service to start: arguments of the interpreter, readiness check, limits of start and stop in seconds."""

    name: str
    arguments: tuple[str, ...]
    is_ready: Callable[[], Awaitable[bool]]
    ready_within_s: float
    stop_within_s: float


def rotate(path: Path) -> None:
    """Rotate a log over MAX_LOG_BYTES; KEPT_LOGS are kept. For the database and the stand-in, which do not."""
    if not path.exists() or path.stat().st_size <= MAX_LOG_BYTES:
        return
    for number in range(KEPT_LOGS - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


class Child:
    """A running service. `restarts`: how often it was restarted."""

    def __init__(self, service: Service, log_dir: Path) -> None:
        self.service = service
        self.log_path = log_dir / f"{service.name}.jsonl"
        self.restarts = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        rotate(self.log_path)
        descriptor = os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            self._process = await self._spawn(log)

    async def _spawn(self, log: IO[bytes]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *self.service.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "AZAK_LOG_FILE": str(self.log_path)},  # it begins a new file while it runs
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    async def wait(self) -> int:
        """Wait for its end. Returns the exit code, or minus the number of the signal that ended it."""
        assert self._process is not None
        return await self._process.wait()

    async def wait_until_ready(self) -> None:
        """Raises ChildFailedError when it ends first, or is not ready in time."""
        deadline = asyncio.get_running_loop().time() + self.service.ready_within_s
        while not await self.service.is_ready():
            if self.pid is None:
                raise ChildFailedError(f"{self.service.name} stopped while starting: {self.last_line()}")
            if asyncio.get_running_loop().time() > deadline:
                limit = f"{self.service.ready_within_s:.0f} s"
                raise ChildFailedError(f"{self.service.name} was not ready after {limit}; see {self.log_path}.")
            await asyncio.sleep(0.1)

    def last_line(self) -> str:
        """The last line of its log, for an error message."""
        with self.log_path.open("rb") as log:
            log.seek(max(0, self.log_path.stat().st_size - 2_000))
            lines = log.read().decode(errors="replace").strip().splitlines()
        return f"{lines[-1][:300] if lines else 'it wrote nothing'} ({self.log_path})"

    async def stop(self) -> None:
        """Send SIGINT, and SIGKILL when the time limit has passed."""
        if (pid := self.pid) is None:
            return
        _send(pid, signal.SIGINT)
        try:
            async with asyncio.timeout(self.service.stop_within_s):
                await self.wait()
        except TimeoutError:
            self.kill()
            await self.wait()

    def kill(self) -> None:
        if self.pid is not None:
            _send(self.pid, signal.SIGKILL)
