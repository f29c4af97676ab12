"""Where log lines go: standard output, or a file of this process that is moved aside while the process runs.

A line may never raise into the work that wrote it: one that cannot be written is dropped and counted, and health tells
it. Settings: AZAK_LOG_FILE, AZAK_LOG_FILE_MB, AZAK_LOG_FILES.
"""

import contextlib
import json
import os
import select
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final, TextIO

MAX_LINE_CHARS: Final = 20_000  # a traceback is one line; what is longer is cut
_RETRY_AFTER_S: Final = 5.0
_PRIVATE: Final = 0o600
_STANDARD: Final = (1, 2)  # descriptors of standard output and error, which `azak up` opens on the same file


class Sink:
    """A text stream for log lines: standard output, or the file `path` of at most `max_bytes` and `kept` older ones."""

    def __init__(self, path: Path | None = None, *, max_bytes: int = 10_000_000, kept: int = 5) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._kept = kept
        self._file: TextIO | None = sys.stdout if path is None else None
        self._ours: os.stat_result | None = None  # of the file that was opened last
        self._size = 0
        self._lock = threading.Lock()
        self._dropped = 0
        self._error: str | None = None
        self._failed_at = 0.0

    @property
    def state(self) -> dict[str, Any]:
        """Lines dropped since the start, and why the next one will be; `error` None once a line was written again.

        An idle process writes no line for minutes: a reader or a file that is gone is looked for, and so is the end of
        a trouble.
        """
        if self._error is None:
            self._look()
        elif time.monotonic() >= self._failed_at + _RETRY_AFTER_S:
            self._try_again()
        error = self._error
        if error is None and self._file is not None and _has_lost_its_reader(self._file):
            error = "BrokenPipeError: nobody reads the log any more"
        return {"dropped": self._dropped, "error": error}

    def write(self, text: str) -> int:
        """Write `text`, or drop and count it. Never raises."""
        with self._lock:
            try:
                self._write(_cut(text))
                self._error = None
            except (OSError, ValueError) as error:  # a full disk, a closed pipe; a closed file
                self._dropped += 1
                self._fail(error)
        return len(text)

    def _try_again(self) -> None:
        """Say in the log how many of its lines are missing, as soon as it takes a line."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        told = {"lines": self._dropped, "event": "log_lines_lost", "level": "warning", "ts": now}
        with self._lock:
            try:
                self._write(json.dumps(told) + "\n")
                self._error = None
            except (OSError, ValueError) as error:
                self._fail(error)

    def _look(self) -> None:
        """Make a file that was deleted or moved away again, or find out why that cannot be."""
        with self._lock:
            try:
                if self._path is not None and self._file is not None:
                    self._rotate_before(0)
            except (OSError, ValueError) as error:
                self._fail(error)

    def flush(self) -> None:
        """Standard output is flushed by line; never raises."""
        with contextlib.suppress(OSError, ValueError):
            if self._file is not None:
                self._file.flush()

    def close(self) -> None:
        """Close the file; the next line opens it again. Standard output stays open."""
        if self._path is not None and self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                self._file.close()
            self._file = None

    def isatty(self) -> bool:
        return self._path is None and sys.stdout.isatty()

    def _write(self, text: str) -> None:
        if self._path is not None:
            self._rotate_before(len(text.encode("utf-8", "replace")))
        if self._file is None:
            raise OSError("it could not be opened")
        self._file.write(text)
        self._file.flush()

    def _fail(self, error: Exception) -> None:
        self._error = f"{type(error).__name__}: {error}"[:200]
        self._failed_at = time.monotonic()
        self.close()

    def _rotate_before(self, size: int) -> None:
        """Open the file if need be, and begin a new one when `size` more bytes would not fit.

        What is written to a file that no longer stands at its path is read by nobody, so it is opened there again.
        """
        assert self._path is not None
        if self._file is not None and not _is_same(self._path, self._ours):
            self.close()
        if self._file is None:
            if self._error is not None and time.monotonic() < self._failed_at + _RETRY_AFTER_S:
                raise OSError(self._error.partition(": ")[2])
            self._open()
        if self._size and self._size + size > self._max_bytes:
            self._begin_anew()
        self._size += size

    def _begin_anew(self) -> None:
        """Move the file aside and open a new one."""
        assert self._file is not None
        self._file.close()
        self._file = None
        self._move_aside()
        self._open()

    def _open(self) -> None:
        """Open the file at the path; standard output and error follow if they were the one before."""
        assert self._path is not None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _PRIVATE)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
        followers = [number for number in _STANDARD if _is_same(number, self._ours)]
        self._ours = os.fstat(descriptor)
        self._size = self._ours.st_size
        for number in followers:
            os.dup2(descriptor, number)

    def _move_aside(self) -> None:
        assert self._path is not None
        for number in range(self._kept - 1, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            if older.exists():
                older.replace(self._path.with_name(f"{self._path.name}.{number + 1}"))
        self._path.replace(self._path.with_name(f"{self._path.name}.1"))


def _has_lost_its_reader(stream: TextIO) -> bool:
    """Whether `stream` is a pipe or a socket whose other end is gone; a file and a terminal have none."""
    with contextlib.suppress(OSError, ValueError):  # closed, or no descriptor behind it
        poll = select.poll()
        poll.register(stream.fileno(), 0)  # an error is reported without being asked for
        return any(event & select.POLLERR for _, event in poll.poll(0))
    return False


def _is_same(place: int | Path, ours: os.stat_result | None) -> bool:
    """Whether the file at a path or behind a descriptor is ours."""
    try:
        theirs = os.stat(place)  # noqa: PTH116  (of a descriptor, too)
    except OSError:
        return False
    return ours is not None and (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino)


def _cut(text: str) -> str:
    if len(text) <= MAX_LINE_CHARS:
        return text
    return f"{text[:MAX_LINE_CHARS]}…{'' if not text.endswith(chr(10)) else chr(10)}"


_sinks: list[Sink] = []


def use(sink: Sink) -> Sink:
    """Make `sink` the one of this process, whose state its signs tell."""
    _sinks[:] = [sink]
    return sink


def read_state() -> dict[str, Any]:
    """State of this process's sink; nothing dropped where logging was not configured."""
    return _sinks[0].state if _sinks else {"dropped": 0, "error": None}
