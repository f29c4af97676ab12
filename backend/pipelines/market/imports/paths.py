"""Which files an import may read: tables by their names, outside azak's own directory and of nobody's hidden ones.

Whoever may start a job names paths on the scheduler's machine, and a refusal shows first rows, so a key file must not
pass for a table.
"""

import re
import stat
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from backend.errors import InvalidInputError

SUFFIXES: Final = frozenset(
    {".csv", ".txt", ".tsv", ".json", ".jsonl", ".ndjson", ".xls", ".xlsx", ".xml", ".gz", ".zip", ".parquet"}
)
_CODE: Final = re.compile(r"(?<![0-9A-Z])A?([0-9]{4}[0-9A-Z]{2})(?:\.K[SQ])?(?![0-9A-Z])")


def check_path(given: str, data_dir: Path) -> Path:
    """The file as it really lies there. Raises InvalidInputError with what to do instead."""
    path = Path(given)
    if not path.is_absolute() or "\0" in given:
        raise InvalidInputError(f"{given} is no absolute path; give one that the scheduler's machine knows.")
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError):
        raise InvalidInputError(f"{given} is not readable on the scheduler's machine; copy it there.") from None
    if not stat.S_ISREG(mode):
        raise InvalidInputError(f"{given} is no file; name the files in it (azak import prices {given}/*.csv).")
    if any(part.startswith(".") and part != ".." for part in (*path.parts, *real.parts)):
        raise InvalidInputError(f"{given} lies in a hidden place, where keys are; copy it somewhere else.")
    if real.is_relative_to(data_dir.resolve()):
        raise InvalidInputError(f"{given} lies in azak's own directory; copy it somewhere else.")
    if real.suffix.lower() not in SUFFIXES or path.suffix.lower() not in SUFFIXES:
        raise InvalidInputError(f"{given} is not named like a table ({', '.join(sorted(SUFFIXES))}); rename it.")
    return real


def code_in_name(path: Path, known: AbstractSet[str]) -> str | None:
    """The one code in a file's name that azak knows: 005930.csv, A005930_삼성전자.csv; a day (20240102) is none."""
    found = {code for code in _CODE.findall(path.name.upper().split(".CSV")[0]) if code in known}
    return found.pop() if len(found) == 1 else None
