"""Files with bytes flipped, cut, doubled and mixed: a refusal of rows or of the file, never another error."""

import io
import os
import random
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from backend.domain.market import Basis
from backend.errors import InvalidInputError
from backend.sources.files.articles import ArticleReader
from backend.sources.files.bars import BarReader, FileBar, GivenKeys, Stocks
from backend.sources.files.evidence import decide_basis
from backend.sources.files.layouts import recognise
from backend.sources.files.listed import FileListing, ListingReader, merge
from backend.sources.files.reading.tables import Said, open_table

FILES = sorted((Path(__file__).parent / "data").iterdir())
ROUNDS = int(os.environ.get("AZAK_TEST_FUZZ", "3"))
NOW = datetime(2026, 7, 11, tzinfo=UTC)
PIECES = (
    b"\x00",
    b"\xff\xfe",
    b'"',
    b"\n",
    b"\r",
    b",",
    b"-",
    b"9" * 40,
    b"1e99",
    b"<td>",
    b"&#0;",
    b"{",
    b"]",
    b"\xed\xa0\x80",
)


def spoil(content: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(spoiled) + 1)
        match chance.randrange(4):
            case 0:
                spoiled[place:place] = chance.choice(PIECES)
            case 1:
                del spoiled[place : place + chance.randint(1, 30)]
            case 2:
                spoiled[place:place] = spoiled[chance.randrange(len(spoiled) + 1) :][:50]
            case _:
                spoiled[place : place + 1] = bytes([chance.randrange(256)])
    return bytes(spoiled)


def read(kind: str, content: bytes) -> None:
    with open_table(kind, lambda: io.BytesIO(content), Said()) as table:
        if kind == "prices":
            given, stocks = GivenKeys("900010", date(2026, 7, 9)), Stocks(frozenset({"900010"}))
            reader = BarReader(table.columns, recognise(table.columns.folded), given, stocks, NOW.date())
            for bar in reader.bars(table.rows):
                assert not isinstance(bar, FileBar) or 0 < bar.close < 1e10
            decide_basis(reader.evidence, reader.layout, Basis.ADJUSTED)
        elif kind == "listed":
            found = list(ListingReader(table.columns, None).listings(table.rows))
            merge(one for one in found if isinstance(one, FileListing))
        else:
            list(ArticleReader(table.columns, None, NOW).articles(table.rows))


def test_spoiled_files_are_refused_or_read_and_nothing_else() -> None:
    chance = random.Random(16)
    for path in FILES:
        content = path.read_bytes()
        for _ in range(ROUNDS):
            spoiled = spoil(content, chance)
            for kind in ("prices", "listed", "news"):
                with suppress(InvalidInputError):
                    read(kind, spoiled)
