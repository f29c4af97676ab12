"""Every layout of files that people hold, each from a small file made by hand, against expected.toml."""

import tomllib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.domain.market import Basis, Market
from backend.errors import InvalidInputError
from backend.sources.files.articles import ArticleReader, FileArticle
from backend.sources.files.bars import BarReader, FileBar, GivenKeys, Stocks
from backend.sources.files.evidence import decide_basis
from backend.sources.files.layouts import recognise
from backend.sources.files.listed import FileListing, ListingReader, merge
from backend.sources.files.reading.tables import Said, Table, open_table
from backend.sources.files.refusals import Refused

HERE = Path(__file__).parent
EXPECTED = tomllib.loads((HERE / "expected.toml").read_text())
NOW = datetime(2026, 7, 11, tzinfo=UTC)


def table(kind: str, case: dict[str, Any]) -> AbstractContextManager[Table]:
    path = HERE / "data" / case["file"]
    return open_table(kind, lambda: path.open("rb"), Said(case.get("map", {})))


def refused(found: Iterable[object]) -> list[str]:
    return [f"{one.line} {one.kind}" for one in found if isinstance(one, Refused)]


def bar_text(bar: FileBar) -> str:
    prices = (bar.open, bar.high, bar.low, bar.close)
    told = " ".join("-" if price is None else f"{price:g}" for price in prices)
    return f"{bar.code} {bar.trade_date} {told} {bar.volume}"


def names(cases: list[dict[str, Any]]) -> list[str]:
    return [f"{number}-{case['file']}" for number, case in enumerate(cases)]


def read_prices(case: dict[str, Any], said: Basis | None) -> tuple[Table, BarReader, list[FileBar | Refused], str]:
    day = date.fromisoformat(case["day"]) if "day" in case else None
    given, stocks = GivenKeys(case.get("code"), day), Stocks(frozenset({"900010"}))
    with table("prices", case) as found:
        reader = BarReader(found.columns, recognise(found.columns.folded), given, stocks, NOW.date())
        rows = list(reader.bars(found.rows))
    has_bars = any(isinstance(one, FileBar) for one in rows)
    return found, reader, rows, decide_basis(reader.evidence, reader.layout, said)[0].value if has_bars else "-"


@pytest.mark.parametrize("case", EXPECTED["prices"], ids=names(EXPECTED["prices"]))
def test_prices_are_read_as_the_layout_means_them(case: dict[str, Any]) -> None:
    said = Basis(case["basis"]) if "basis" in case else None
    if "fails" in case:
        with pytest.raises(InvalidInputError, match=case["fails"]):
            read_prices(case, said)
        return
    found, reader, rows, basis = read_prices(case, said)
    bars = [one for one in rows if isinstance(one, FileBar)]
    assert [found.encoding, reader.layout.name, basis] == case["read"]
    assert [bar_text(bar) for bar in bars] == case.get("bars", [])
    assert refused(rows) == case.get("refused", [])
    assert reader.evidence.unit == case.get("unit", reader.evidence.unit)
    if "markets" in case:
        assert sorted(f"{code} {market}" for code, market in reader.stocks.markets.items()) == case["markets"]


@pytest.mark.parametrize("case", EXPECTED["listed"], ids=names(EXPECTED["listed"]))
def test_listings(case: dict[str, Any]) -> None:
    market = Market(case["market"]) if "market" in case else None
    with table("listed", case) as found:
        rows = list(ListingReader(found.columns, market).listings(found.rows))
    listings = merge(one for one in rows if isinstance(one, FileListing)).values()
    told = [f"{one.code} {one.name} {one.market or '-'} {one.kind} {one.listed_on or '-'}" for one in listings]
    assert told == case.get("listings", [])
    assert refused(rows) == case.get("refused", [])


def read_news(case: dict[str, Any]) -> list[FileArticle | Refused]:
    with table("news", case) as found:
        return list(ArticleReader(found.columns, None, NOW).articles(found.rows))


def article_text(one: FileArticle) -> str:
    article = one.article
    key = "file:+" if article.url_key.startswith("file:") else article.url_key
    assert article.published_at is not None
    moment = f"{article.published_at.astimezone(UTC):%Y-%m-%dT%H:%M}" if one.has_time else str(one.day)
    return f"{key} | {moment} | {article.publisher} | {article.title} | {article.snippet}"


@pytest.mark.parametrize("case", EXPECTED["news"], ids=names(EXPECTED["news"]))
def test_news(case: dict[str, Any]) -> None:
    rows = read_news(case)
    articles = [one for one in rows if isinstance(one, FileArticle)]
    assert [article_text(one) for one in articles] == case["articles"]
    assert refused(rows) == case.get("refused", [])
    if "codes" in case:
        assert list(articles[0].article.feed_codes) == case["codes"]


def test_a_row_without_an_address_is_the_same_article_in_the_workbook_and_in_the_csv() -> None:
    read = [*read_news({"file": "bigkinds.csv"}), *read_news({"file": "bigkinds.xlsx"})]
    keys = [one.article.url_key for one in read if isinstance(one, FileArticle)]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_every_file_of_the_folder_is_expected() -> None:
    files = {path.name for path in (HERE / "data").iterdir()}
    assert files == {case["file"] for cases in EXPECTED.values() for case in cases}
