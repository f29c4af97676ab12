"""What came of a file: how it was read, what was stored, and every refused row, counted and written down."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from backend.sources.files.reading.tables import Table, repeat_options
from backend.sources.files.refusals import Refused

MOST_WRITTEN: Final = 10_000  # refused rows of a run that are written down; all are counted
MOST_SHOWN: Final = 20  # of a file, in the run's log
KEPT_REPORTS: Final = 50
# So many in one file that nobody reads a line about each: they are counted.
_COUNTED_ONLY: Final = frozenset({"not_listed"})


class RejectFile:
    """The refused rows of a run as a CSV beside the database; it is made when the first row is refused."""

    def __init__(self, directory: Path, name: str) -> None:
        self.path = directory / f"{name}.csv"
        self._left = MOST_WRITTEN

    def add(self, file: str, refused: list[Refused]) -> None:
        rows = [
            (file, one.line, one.code, one.day, one.kind, one.reason, _plain(one.value))
            for one in refused[: self._left]
        ]
        if not rows:
            return
        if self._left == MOST_WRITTEN:
            self._begin()
        with self.path.open("a", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows(rows)
        self._left -= len(rows)

    @property
    def is_begun(self) -> bool:
        return self._left < MOST_WRITTEN

    def _begin(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        older = sorted(self.path.parent.glob("*.csv"), key=lambda path: path.stat().st_mtime)
        for path in older[: max(0, len(older) + 1 - KEPT_REPORTS)]:
            path.unlink(missing_ok=True)
        with self.path.open("w", encoding="utf-8-sig", newline="") as target:
            csv.writer(target).writerow(("file", "line", "code", "day", "kind", "reason", "value"))


def _plain(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@") else value


@dataclass(slots=True)
class Outcome:
    """Of one file. `counts`: rows by what became of them; `fault`: why the file as a whole was not read.

    `since`: the first day of each stock whose bars are stored.
    """

    path: str
    how: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    first_refused: list[Refused] = field(default_factory=list)
    fault: str | None = None
    waiting: list[Refused] = field(default_factory=list)
    since: dict[str, date] = field(default_factory=dict)

    def refuse(self, one: Refused) -> None:
        self.refused[one.kind] += 1
        if len(self.first_refused) < MOST_SHOWN and one.kind not in _COUNTED_ONLY:
            self.first_refused.append(one)
        if len(self.waiting) < MOST_WRITTEN and one.kind not in _COUNTED_ONLY:
            self.waiting.append(one)

    def describe(self, kind: str, table: Table, **more: Any) -> None:
        """Remember how the file was read, with the options that say the same again."""
        self.how = {
            "form": table.form,
            "encoding": table.encoding,
            "delimiter": table.delimiter,
            "header_line": table.header_line,
            "columns": table.columns.named(),
            "is_cut": table.is_cut(),
            "repeat": repeat_options(kind, table),
            **{name: value for name, value in more.items() if value not in (None, [], "")},
        }

    def as_data(self) -> dict[str, Any]:
        """As the run's log keeps it."""
        return {
            "path": self.path,
            "fault": self.fault,
            **self.how,
            "counts": dict(self.counts),
            "refused": dict(self.refused.most_common()),
            "first_refused": [
                {"line": one.line, "code": one.code, "day": one.day, "kind": one.kind, "reason": one.reason,
                 "value": one.value}
                for one in self.first_refused
            ],
        }  # fmt: skip
