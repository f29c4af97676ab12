"""Names of settings as people write them, in the environment and in files of NAME=value lines.

A name that azak does not know is refused wherever it stands, with the known one that is closest: a misspelt setting
would otherwise leave the default in force without a word.
"""

import difflib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from dotenv.parser import parse_stream

from backend.errors import ConfigurationError

_PREFIX = "AZAK"
# In a file, a name that is this close to a known one is meant for azak although it begins otherwise (AZK_API_PORT).
_SURELY_MEANT = 0.9


def read_names(file: Path) -> Iterator[tuple[str, str]]:
    """(name, value) of each line of a file; nothing when there is none.

    Raises ConfigurationError when the file cannot be read, or a line about azak is not NAME=value.
    """
    try:
        if not file.is_file():
            if file.exists() or file.is_symlink():  # a folder, or a link to what is gone
                raise ConfigurationError(f"{file} is no file: settings are read from a text file; put one there.")
            return
        with file.open(encoding="utf-8") as stream:
            lines = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read ({error}): make it a text file that azak may read.") from error
    for line in lines:
        if line.key is not None and line.value is not None:
            yield line.key, line.value
        elif (line.error or line.key is not None) and _PREFIX in line.original.string.upper():
            text = line.original.string
            number = line.original.line + text[: len(text) - len(text.lstrip())].count("\n")
            raise ConfigurationError(f"Line {number} of {file} is not a setting: write it as NAME=value.")


def refuse_unknown_names(known: Collection[str], files: Collection[Path]) -> None:
    """Raises ConfigurationError for the first name that is meant for azak and not among the known ones."""
    for name in os.environ:
        if name.upper().startswith(_PREFIX):
            _require_known(name, "the environment", known)
    for file in files:
        for name, _ in read_names(file):
            written = name.upper()
            if written.startswith(_PREFIX) or difflib.get_close_matches(written, known, 1, _SURELY_MEANT):
                _require_known(name, str(file), known)


def _require_known(name: str, where: str, known: Collection[str]) -> None:
    if name.upper() in known:
        return
    close = difflib.get_close_matches(name.upper(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else "see .env.example for the names azak knows."
    raise ConfigurationError(f"The setting {name} in {where} is not known: {hint}")
