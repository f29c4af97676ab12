"""Rows set aside on disk, so that a file of any size is read once and its series or months come back one by one."""

import json
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TextIO

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
SERIES_BUCKETS: Final = 128  # of 20 million rows each then holds 160,000: 60 MB while it is read


class Spool:
    """Numbered buckets of rows in a directory of its own, which goes when the spool is left."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="azak-import-", ignore_cleanup_errors=True)
        self._files: dict[int, TextIO] = {}
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in self._files.values():
            file.close()
        self._directory.cleanup()

    def add(self, bucket: int, row: Sequence[Any]) -> None:
        """Set a row of plain JSON values aside."""
        if bucket not in self._files:
            self._files[bucket] = (Path(self._directory.name) / str(bucket)).open("w+", encoding="utf-8")
        self._files[bucket].write(f"{_encode(row)}\n")
        self.rows += 1

    def buckets(self) -> Iterator[list[list[Any]]]:
        """The rows of each bucket in the order they came, the lowest number first."""
        for _, file in sorted(self._files.items()):
            file.seek(0)
            yield [json.loads(line) for line in file]

    def series(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """The rows by their first value, for rows whose bucket is `bucket_of` that value."""
        for rows in self.buckets():
            by_key: dict[str, list[list[Any]]] = {}
            for row in rows:
                by_key.setdefault(row[0], []).append(row)
            yield from sorted(by_key.items())


def bucket_of(key: str) -> int:
    return zlib.crc32(key.encode()) % SERIES_BUCKETS
