"""The encoding of a text file, told by reading all of it once, and its lines, bounded and with composed Hangul."""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO, Final, cast

from backend.errors import InvalidInputError
from backend.sources.files.reading.unpacking import PIECE_BYTES, Unpacking

LINE_LIMIT: Final = 1_000_000  # letters; the longest line of a real file is a news body of 40,000
KNOWN: Final = ("utf-8", "utf-8-sig", "cp949", "utf-16")
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BROKEN_LETTER: Final = "\ufffd"
# Hangul as a Mac writes it, in parts. Pieces are bounded, because composing takes quadratic time on hostile text.
_DECOMPOSED: Final = re.compile("[\u1100-\u11ff]{1,2000}")


def find_encoding(unpacking: Unpacking, said: str | None = None) -> str:
    """By the BOM, else strict UTF-8, else CP949 (which holds EUC-KR): Korean in CP949 is never valid UTF-8 by chance.

    Raises InvalidInputError when the bytes are neither, or hold a letter that another program had lost already.
    """
    with unpacking.open() as stream:
        head = stream.read(3)
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    tried = [said] if said else [marked] if marked else ["utf-8", "cp949"]
    places = {name: _first_wrong(unpacking, name) for name in tried}
    for name, place in places.items():
        if place is None:
            return name
    told = " and ".join(f"{name} at {place}" for name, place in places.items())
    raise InvalidInputError(f"The letters are broken ({told}); save the file as UTF-8, or say its --encoding.")


def _first_wrong(unpacking: Unpacking, encoding: str) -> str | None:
    """Where the text cannot be read, or holds U+FFFD; None when all of it can. A letter cut at the end is no error."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    place = line = 0
    with unpacking.open() as stream:
        while piece := stream.read(PIECE_BYTES):
            try:
                text = decoder.decode(piece)
            except UnicodeError:
                return f"byte {place}"
            if _BROKEN_LETTER in text:
                return f"line {line + 1 + text[: text.index(_BROKEN_LETTER)].count(chr(10))}: a lost letter"
            place += len(piece)
            line += text.count("\n")
    return None


def read_lines(stream: io.BufferedIOBase, encoding: str) -> Iterator[str]:
    """Lines with their ends. Raises InvalidInputError for one that is no line of a table."""
    with io.TextIOWrapper(cast(BinaryIO, stream), encoding, errors="ignore", newline="") as text:
        number = 0
        while line := text.readline(LINE_LIMIT):
            number += 1
            if len(line) == LINE_LIMIT:
                raise InvalidInputError(f"Line {number} has more than {LINE_LIMIT:,} letters; this is no table.")
            line = line.replace("\0", "")
            yield line if line.isascii() else compose(line)


def compose(text: str) -> str:
    """Text whose Hangul syllables are one letter each."""
    return _DECOMPOSED.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
