"""ZIP files from outside: one member, unpacked up to a limit, because a zip bomb is 1,000 times its packed size."""

import io
import zipfile
import zlib
from typing import Final

from backend.errors import SourceChangedError, SourceTemporaryError

SIZE_LIMIT_BYTES: Final = 64_000_000


def unzip(source: str, body: bytes, suffix: str, *, limit_bytes: int = SIZE_LIMIT_BYTES) -> bytes:
    """The first member whose name ends with `suffix`. Raises SourceChangedError or SourceTemporaryError."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            name = next((n for n in archive.namelist() if n.lower().endswith(suffix)), None)
            if name is None:
                raise SourceChangedError(f"{source} sent an archive without a {suffix} file; report this as a bug.")
            with archive.open(name) as member:
                content = member.read(limit_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        # RuntimeError: encrypted; NotImplementedError: an unknown compression.
        raise SourceTemporaryError(f"{source} sent a broken archive; it is asked again at the next run.") from None
    if len(content) > limit_bytes:
        raise SourceChangedError(f"{source} sent an archive of more than {limit_bytes} bytes; report this as a bug.")
    return content
