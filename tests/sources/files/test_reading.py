"""Files as they come: encodings, delimiters, archives, broken and hostile ones."""

import ast
import gzip
import io
import re
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import pytest

from backend.domain.market import Basis
from backend.errors import InvalidInputError
from backend.sources.files.bars import BarReader, FileBar, GivenKeys, Stocks
from backend.sources.files.evidence import Evidence, decide_basis
from backend.sources.files.layouts import UNNAMED
from backend.sources.files.reading import documents, encodings, unpacking
from backend.sources.files.reading.tables import Said, open_table, repeat_options
from backend.sources.files.refusals import REASONS, Refused

BACKEND = Path(__file__).resolve().parents[3] / "backend"
HEADER = "날짜,종목코드,종목명,시가,고가,저가,종가,거래량\n"
ROW = "2026-07-09,900010,가람전자,1000,1010,990,1005,500\n"
GOOD = "900010 1005.0"


def packed(name: str, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for one in name.split():
            archive.writestr(zipfile.ZipInfo(one), content, compression)  # without the time, which would name a test
    return target.getvalue()


def read(content: bytes, said: Said | None = None, known: frozenset[str] = frozenset()) -> list[str]:
    """'code close' of each bar, 'line kind' of each refusal."""
    with open_table("prices", lambda: io.BytesIO(content), said or Said()) as table:
        reader = BarReader(table.columns, UNNAMED, GivenKeys(), Stocks(known), date(2026, 7, 11))
        return [
            f"{one.code} {one.close}" if isinstance(one, FileBar) else f"{one.line} {one.kind}"
            for one in reader.bars(table.rows)
        ]


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ROW).encode(),
        (HEADER + ROW).encode("utf-8-sig"),
        (HEADER + ROW).encode("cp949"),
        (HEADER + ROW).replace(",", "\t").encode("utf-16"),
        (HEADER + ROW).replace(",", ";").encode(),
        (HEADER + ROW).replace(",", "|").encode("cp949"),
        (HEADER + ROW).replace("\n", "\r\n").encode(),
        unicodedata.normalize("NFD", HEADER + ROW).encode(),
        ("시세\n\n기간,2026\n" + HEADER + ROW).encode(),
        ("\n" + HEADER + "\n" + ROW + "\n,,,,,,,\n").encode(),
        gzip.compress((HEADER + ROW).encode(), mtime=0),
        packed("prices.csv", (HEADER + ROW).encode("cp949")),
        packed("__MACOSX/x prices.csv", (HEADER + ROW).encode()),
    ],
)  # fmt: skip
def test_the_same_row_in_many_forms(content: bytes) -> None:
    assert read(content) == [GOOD]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "The file is empty"),
        (b"\xff\xfa\x00\x81" * 50, "The letters are broken"),
        ((HEADER + ROW.replace("가람", "가\ufffd")).encode(), "line 2: a lost letter"),
        (b"PAR1abcd", "Parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (packed("a.csv b.csv", b"x"), "holds 2 files"),
        (packed("a.csv", b"x" * 100, zipfile.ZIP_LZMA), "does not unpack"),
        (packed("a.csv", (HEADER + ROW).encode())[:90], "broken or cut"),
        (packed("xl/workbook.xml", b"<x/>"), "no sheet"),
        (packed("xl/workbook.xml xl/worksheets/sheet1.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><x>&b;</x>"), "is broken"),
        (b'{"a": 1, "b": {"c": []}}\n{"d": 2}', "no column for open"),
        (b"[" * 100_000, "no list of objects"),
        (b"<html><table><tr><td>hi</td></tr></table>", "no column for open"),
        (b"<html><!-- " + b"never closed\n" * 10_000, "comment of the HTML is never closed"),
        (b"a,b,c\n1,2,3\n", r"no column for open, high, low, close, volume .*\[a, b, c\].*1 \| 2 \| 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_remedy(content: bytes, refusal: str) -> None:
    with pytest.raises(InvalidInputError, match=refusal):
        read(content)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("", []),  # a header alone
        (ROW[:-1], ["2 cut_row"]),  # no line end: 500 may have been 5000
        (ROW + ROW[:30], [GOOD, "3 few_columns"]),
        ('"2026-07-09","900010","가","1000","1010","990","1005","500"', [GOOD]),  # the quote closes the last value
        (ROW.replace("1010", "1,010"), ["2 many_columns"]),
        (ROW.replace("1010", '"1,010"'), [GOOD]),
        (ROW.replace("1000,1010,990,1005,500", "0,0,0,0,0"), ["2 no_price"]),
        (ROW.replace("1000,1010,990,1005,500", "-,-,-,-,-"), ["2 no_price"]),
        (ROW.replace("1000,1010,990,1005,500", ",,,1005,"), ["2 unfinished"]),
        (ROW.replace("1000,1010,990,1005,500", "0,0,0,1005,0"), [GOOD]),
        (ROW.replace("1000,1010,990,1005,500", "1005,1005,1005,1005,0"), [GOOD]),
        (ROW.replace("1000,1010,990", ",1010,990"), ["2 missing_value"]),
        (ROW.replace(",500", ",-500"), ["2 negative_volume"]),
        (ROW.replace("1010,990", "990,1010"), ["2 bad_price"]),
        (ROW.replace("1005", "-1005"), ["2 bad_price"]),
        (ROW.replace("1005", "3e9"), ["2 bad_price"]),
        (ROW.replace(",500", ",9e30"), ["2 bad_number"]),
        (ROW.replace("가람", "가\0람"), [GOOD]),
        (ROW.replace("900010", "9000100"), ["2 bad_code"]),
        (ROW.replace("900010", ""), ["2 no_code"]),
        (ROW.replace("2026-07-09", "09/07/2026"), ["2 bad_date"]),
        ('2026-07-08,900010,"가,1000,1010,990,1005,500\n' + ROW, ["3 few_columns"]),
    ],
)
def test_rows(rows: str, found: list[str]) -> None:
    assert read((HEADER + rows).encode()) == found


def test_a_packed_file_that_breaks_off_gives_what_came_before_and_says_so() -> None:
    whole = gzip.compress((HEADER + "".join(ROW.replace("900010", f"{900_000 + n}") for n in range(3_000))).encode())
    with open_table("prices", lambda: io.BytesIO(whole[: len(whole) // 2]), Said()) as table:
        rows = list(table.rows)
        assert table.is_cut()
    assert len(rows) > 100
    assert rows[-1].fault in ("cut_row", "few_columns")
    assert not any(row.fault for row in rows[:-1])


@pytest.mark.parametrize(
    ("limit", "content", "told"),
    [
        ((unpacking, "SMALL_BYTES", 1_000), gzip.compress(b"0" * 1_000_000, mtime=0), "more than 200 times"),
        ((unpacking, "SMALL_BYTES", 1_000), packed("a.csv", b"0" * 1_000_000), "more than 200 times"),
        ((encodings, "LINE_LIMIT", 100), b"x" * 101, "no table"),
        ((documents, "DOCUMENT_LIMIT", 100), b'{"items": [' + b'{"title": 1},\n' * 20 + b"{}]}", "longer than 20 MB"),
    ],
)
def test_files_are_bounded(
    monkeypatch: pytest.MonkeyPatch, limit: tuple[object, str, int], content: bytes, told: str
) -> None:
    monkeypatch.setattr(*limit)
    with pytest.raises(InvalidInputError, match=told):
        read(content)


def test_a_wrong_mapping_is_refused_by_the_names_there_are() -> None:
    with pytest.raises(InvalidInputError, match="has no column '시가3'; it has 날짜, 종목코드"):
        read((HEADER + ROW).encode(), Said({"open": "시가3"}))
    with pytest.raises(InvalidInputError, match="names no field of prices; there are date, code"):
        read((HEADER + ROW).encode(), Said({"opening": "시가"}))


def test_what_was_found_can_be_said_again() -> None:
    with open_table("prices", lambda: io.BytesIO((HEADER + ROW).encode("cp949")), Said()) as table:
        options = " ".join(repeat_options("prices", table))
    assert options.startswith("--encoding cp949 --delimiter comma --map date='날짜' --map code='종목코드'")
    assert read((HEADER + ROW).encode("cp949"), Said({"open": "시가"}, "cp949", ",")) == [GOOD]


def rows_of(evidence: Evidence, *days: tuple[float, float, float]) -> Evidence:
    """`days`: amount / volume in the file's unit, low, high."""
    for mean, low, high in days:
        evidence.weigh_price(low, high, high)
        evidence.weigh_amount(mean, low, high)
    return evidence


def test_the_unit_of_amounts_is_no_adjustment_and_an_adjustment_no_unit() -> None:
    thousands = rows_of(Evidence(), *[(1.0, 990.0, 1010.0)] * 50)
    assert (thousands.unit, thousands.is_off) == (1000.0, False)
    split = rows_of(Evidence(), *[(50_000.0, 990.0, 1010.0)] * 50, *[(1000.0, 990.0, 1010.0)] * 50)
    assert split.is_off
    assert decide_basis(split, UNNAMED, None)[0] == "adjusted"
    with pytest.raises(InvalidInputError, match="--raw is not true"):
        decide_basis(split, UNNAMED, Basis.RAW)


def test_every_refusal_has_its_sentence() -> None:
    assert Refused(1, "cut_row").reason == REASONS["cut_row"]
    assert all(re.fullmatch(r"[a-z].+[^.]", sentence) for sentence in REASONS.values())


def test_each_sentence_is_of_a_kind_that_the_code_refuses_by() -> None:
    files = [path for name in ("sources/files", "pipelines/market/imports") for path in (BACKEND / name).rglob("*.py")]
    nodes = [
        node
        for path in (*files, BACKEND / "sources/articles.py")
        if path.name != "refusals.py"
        for node in ast.walk(ast.parse(path.read_text()))
    ]
    assert sorted(REASONS.keys() - {node.value for node in nodes if isinstance(node, ast.Constant)}) == []


def test_what_no_database_stores_is_left_out_of_json() -> None:
    lines = iter(
        ['{"title": "가\\u0000나\\ud800다", "code": 5, "tags": ["a", ["b"], 1.50], "more": {"x": 1}, "no": null}\n']
    )
    header, rows = documents.read_json(lines)
    assert header == ("title", "code", "tags", "more", "no")
    assert next(rows).cells == ["가나다", "5", "a,1.50", "", ""]


@pytest.mark.parametrize(
    ("isin", "found"),
    [
        ("KR7900010000", [GOOD]),
        ("KR7000211003", ["2 unknown_isin"]),  # a preferred share whose code is 000215: only a list tells
        ("KR7900010001", ["2 bad_isin"]),
        ("KYG9001A1004", ["2 no_share"]),
    ],
)
def test_the_code_in_an_isin_is_taken_if_it_is_known(isin: str, found: list[str]) -> None:
    content = (HEADER + ROW).replace("종목코드", "ISIN").replace("900010", isin).encode()
    assert read(content, known=frozenset({"900010"})) == found


def test_names_from_a_mac_are_composed() -> None:
    content = unicodedata.normalize("NFD", HEADER + ROW).encode()
    with open_table("prices", lambda: io.BytesIO(content), Said()) as table:
        stocks = Stocks(frozenset())
        list(BarReader(table.columns, UNNAMED, GivenKeys(), stocks, date(2026, 7, 11)).bars(table.rows))
    assert stocks.names == {"900010": "가람전자"}
