"""`up.pid` in a data directory: locked by the 'azak up' that runs there, it holds its process id."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from backend.errors import AzakError, ConfigurationError

_FILE: Final = "up.pid"
_POLL_S: Final = 0.1


class NotStoppedError(AzakError):
    """'azak up' goes on running."""


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Be the only 'azak up' of a data directory. Raises ConfigurationError if there is another one."""
    with (data_dir / _FILE).open("a+") as file:
        if not _lock(file):
            raise ConfigurationError(f"'azak up' runs in {data_dir} already; end it with 'azak stop'.")
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop_running(data_dir: Path, within_s: float) -> bool:
    """Send SIGINT to the 'azak up' of a data directory and wait for its end. Returns False if none runs.

    Raises NotStoppedError when it belongs to another user or has not ended in time.
    """
    path = data_dir / _FILE
    if not path.exists():
        return False
    with path.open("r+") as file:
        if _lock(file):
            return False
        pid = int(file.read())
        try:
            os.kill(pid, signal.SIGINT)
        except PermissionError as error:
            raise NotStoppedError(f"'azak up' (pid {pid}) belongs to another user; stop it as that user.") from error
        deadline = time.monotonic() + within_s
        while not _lock(file):
            if time.monotonic() > deadline:
                raise NotStoppedError(
                    f"'azak up' (pid {pid}) is still stopping after {within_s:.0f} s; 'azak stop' once more kills it."
                )
            time.sleep(_POLL_S)
    return True
