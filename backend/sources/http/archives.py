"""ZIP files from outside: one member, unpacked up to a limit, because a zip bomb is 1,000 times its packed size.

Only stored and deflated members are unpacked: zlib returns no more than it is asked for, while bzip2 and lzma fill
gigabytes of memory from a few hundred bytes before they return the first.
"""

import io
import zipfile
import zlib
from typing import Final

from backend.errors import SourceChangedError, SourceTemporaryError

SIZE_LIMIT_BYTES: Final = 64_000_000
RATIO_LIMIT: Final = 100  # of one member; a list of companies packs 10:1, a master file 15:1
SMALL_BYTES: Final = 1_000_000  # below it a ratio says nothing: blanks pack 1,000:1
MEMBERS_LIMIT: Final = 100
_UNPACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1
_PIECE_BYTES: Final = 256_000


def unzip(source: str, body: bytes, suffix: str, *, limit_bytes: int = SIZE_LIMIT_BYTES) -> bytes:
    """The first member whose name ends with `suffix`. Raises SourceChangedError or SourceTemporaryError."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return _read(source, archive, _choose(source, archive, suffix), len(body), limit_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        # RuntimeError: encrypted; NotImplementedError: an unknown compression.
        raise SourceTemporaryError(f"{source} sent a broken archive; it is asked again at the next run.") from None


def _choose(source: str, archive: zipfile.ZipFile, suffix: str) -> zipfile.ZipInfo:
    """The member to unpack, if it is packed in a way that we unpack."""
    members = archive.infolist()
    if len(members) > MEMBERS_LIMIT:
        raise SourceChangedError(f"{source} sent an archive of more than {MEMBERS_LIMIT} files; report this as a bug.")
    found = next((member for member in members if member.filename.lower().endswith(suffix)), None)
    if found is None:
        raise SourceChangedError(f"{source} sent an archive without a {suffix} file; report this as a bug.")
    if found.flag_bits & _ENCRYPTED:
        raise SourceChangedError(f"{source} sent an encrypted archive; report this as a bug.")
    if found.compress_type not in _UNPACKED:
        raise SourceChangedError(
            f"{source} sent an archive packed by method {found.compress_type}, and only stored and deflated files are"
            " unpacked; report this as a bug."
        )
    return found


def _read(source: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, packed: int, limit_bytes: int) -> bytes:
    """Its bytes, counted as they come: the sizes that an archive states are its own word."""
    packed = min(packed, member.compress_size)
    allowed = min(limit_bytes, max(SMALL_BYTES, RATIO_LIMIT * packed))
    content = bytearray()
    with archive.open(member) as unpacked:
        while piece := unpacked.read(min(_PIECE_BYTES, allowed + 1 - len(content))):
            content += piece
            if len(content) > allowed:
                raise SourceChangedError(
                    f"{source} sent an archive of more than {allowed} bytes, packed in {packed}; report this as a bug."
                )
    return bytes(content)
