"""One file of an import run: where it lies, what was asked, what came of it, and its reading in a thread."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from backend.internal import ImportArguments
from backend.pipelines.context import RunContext
from backend.pipelines.market.imports.outcome import Outcome
from backend.sources.files.reading.tables import Said

ROWS_A_REPORT: Final = 5_000
READING: Final = 0.5  # of the progress of a file
T = TypeVar("T")


class StoppedError(Exception):
    """The run ended while its file was read in a thread."""


@dataclass(slots=True)
class FileImport:
    """`context` is the part of the run that this file has."""

    context: RunContext
    path: Path
    asked: ImportArguments
    outcome: Outcome
    _stopped: threading.Event = field(default_factory=threading.Event)
    _handle: Any = None

    @property
    def said(self) -> Said:
        return Said(self.asked.columns, self.asked.encoding, self.asked.delimiter)

    def reopen(self) -> Any:
        """The file from its start; how far it is read is the progress."""
        self._handle = self.path.open("rb")
        return self._handle

    async def in_thread(self, read: Callable[[], T]) -> T:
        """What `read` returns; it ends soon after the run does, because it asks `report_rows`."""
        try:
            return await asyncio.to_thread(read)
        finally:
            self._stopped.set()

    def report_rows(self, rows: int) -> None:
        """Called for each row that was read."""
        if rows % ROWS_A_REPORT:
            return
        if self._stopped.is_set():
            raise StoppedError
        share = 0.0 if self._handle.closed else self._handle.tell() / max(self.path.stat().st_size, 1)
        self.context.report(READING * share, f"{self.path.name}: {rows} rows read")

    def report_done(self, done: int, of: int) -> None:
        self.context.report(READING + (1 - READING) * done / of, f"{self.path.name}: {done} rows compared")
