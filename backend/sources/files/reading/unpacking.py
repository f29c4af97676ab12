"""Files as they lie on a disk: plain, gzipped, or one in a zip; unpacked as it is read and bounded against bombs."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Final, TypeVar, cast

from backend.errors import InvalidInputError

RATIO_LIMIT: Final = 200  # bars as text pack 4 to 30 times
SMALL_BYTES: Final = 10_000_000  # below it a ratio says nothing
PIECE_BYTES: Final = 64_000
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile)
# RuntimeError: encrypted.
_NO_ARCHIVE: Final = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, KeyError, EOFError)
_BROKEN_ZIP: Final = "The zip file is broken or cut; load it down again."
_REFUSED: Final = {
    b"PAR1": "a Parquet file, which needs a library that azak does not carry; write it as CSV "
    "(pandas.read_parquet(...).to_csv(..., index=False))",
    b"ARRO": "an Arrow file; write it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls); open it and save it as CSV (UTF-8)",
    b"SQLi": "an SQLite database; write the table as CSV",
    b"%PDF": "a PDF; azak reads tables only",
    b"BZh9": "packed by bzip2; unpack it first, or pack it with gzip",
    b"\xfd7zX": "packed by xz; unpack it first, or pack it with gzip",
    b"7z\xbc\xaf": "packed by 7-Zip; unpack it first, or pack it with gzip",
    b"(\xb5/\xfd": "packed by Zstandard; unpack it first, or pack it with gzip",
}
Opened = TypeVar("Opened")
Reopen = Callable[[], io.BufferedIOBase]


class Unpacked(io.RawIOBase):
    """The bytes of a packed file, counted as they come. `is_cut`: it ended before its own end."""

    def __init__(self, packed: io.BufferedIOBase | gzip.GzipFile, allowed: int) -> None:
        super().__init__()
        self._packed, self._left = packed, allowed
        self.is_cut = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._packed.read(min(len(buffer), PIECE_BYTES))
        except _BROKEN:
            self.is_cut = True
            return 0
        self._left -= len(piece)
        if self._left < 0:
            raise InvalidInputError("The file unpacks to more than 200 times its size; unpack it yourself and look.")
        buffer[: len(piece)] = piece
        return len(piece)


class Unpacking:
    """How to read the inside of a file, from its start as often as needed. `is_workbook`: a zip with sheets in it."""

    def __init__(self, reopen: Reopen) -> None:
        """Raises InvalidInputError for a file that azak does not read, with what to do about it."""
        self._reopen, self._kept = reopen, ExitStack()
        with reopen() as raw:
            head = raw.read(4)
            size = raw.seek(0, io.SEEK_END)
        self._allowed = max(SMALL_BYTES, RATIO_LIMIT * size)
        self.is_workbook, self._member = False, ""
        self._is_gzip = head[:2] == b"\x1f\x8b"
        if head in _REFUSED:
            raise InvalidInputError(f"This is {_REFUSED[head]}.")
        if head == b"PK\x03\x04":
            self._look_into_zip()
        self._opened: Unpacked | None = None

    @property
    def is_cut(self) -> bool:
        """Whether what was read last ended before the end of its archive."""
        return self._opened is not None and self._opened.is_cut

    def open(self) -> io.BufferedIOBase:
        """The unpacked bytes from their start."""
        if self._is_gzip:
            self._opened = Unpacked(self._keep(gzip.GzipFile(fileobj=self._raw())), self._allowed)
        elif self._member:
            try:
                member = self._keep(self.open_archive().open(self._member))
            except _NO_ARCHIVE:
                raise InvalidInputError(_BROKEN_ZIP) from None
            self._opened = Unpacked(cast(io.BufferedIOBase, member), self._allowed)
        else:
            return self._raw()
        return io.BufferedReader(self._opened, PIECE_BYTES)

    def open_archive(self) -> zipfile.ZipFile:
        """The workbook's archive; its members are counted by `bounded`."""
        return self._keep(zipfile.ZipFile(self._raw()))

    def close(self) -> None:
        """Close what was opened and is still read."""
        self._kept.close()

    def _keep(self, opened: Opened) -> Opened:
        self._kept.enter_context(cast(AbstractContextManager[object], opened))
        return opened

    def _raw(self) -> io.BufferedIOBase:
        return self._keep(self._reopen())

    def bounded(self, member: object) -> io.BufferedReader:
        """A member of the archive, counted."""
        return io.BufferedReader(Unpacked(cast(io.BufferedIOBase, member), self._allowed), PIECE_BYTES)

    def _look_into_zip(self) -> None:
        try:
            with self._reopen() as raw, zipfile.ZipFile(raw) as archive:
                members = [m for m in archive.infolist() if not (m.is_dir() or m.filename.startswith("__MACOSX/"))]
        except _NO_ARCHIVE:
            raise InvalidInputError(_BROKEN_ZIP) from None
        if any(member.filename == "xl/workbook.xml" for member in members):
            self.is_workbook = True
            return
        if len(members) != 1:
            raise InvalidInputError(f"The zip file holds {len(members)} files; unpack it and name those to read.")
        if members[0].flag_bits & _ENCRYPTED:
            raise InvalidInputError("The zip file is encrypted; unpack it and name the file inside.")
        if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidInputError("The zip file is packed in a way azak does not unpack; unpack it yourself.")
        self._member = members[0].filename
