"""Linking measured on a file of titles with tags: what is found of them, and how fast."""

import csv
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from backend.domain.market import ListedStock, WatchedStock
from backend.domain.news import Article, Link, NewsKind, Precision
from backend.text.linking import StockNames
from bench.harness.command import Figures, say

COUNTS: Final = 0.5  # the confidence from which a link counts
ROUNDS: Final = 3
_AT: Final = datetime(2026, 10, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TaggedTitle:
    """A title and the stocks that a portal tagged it with."""

    title: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """The stocks of a list, and the funds of it."""

    stocks: list[WatchedStock]
    funds: list[ListedStock]

    @property
    def names(self) -> StockNames:
        """All stocks are watched; funds are only known."""
        return StockNames(self.stocks, self.funds)


def read_titles(path: Path) -> list[TaggedTitle]:
    """Titles of a file of JSON lines."""
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.strip()]
    return [TaggedTitle(row["title"], frozenset(row["codes"])) for row in rows]


def read_listed(path: Path) -> Listed:
    """Stocks and funds of a CSV with code, name, market."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return Listed(
        [WatchedStock(row["code"], row["name"], row["market"].upper()) for row in rows if row["market"] != "etf"],
        [ListedStock(row["code"], row["name"]) for row in rows if row["market"] == "etf"],
    )


def link_titles(names: StockNames, titles: Sequence[TaggedTitle]) -> list[list[Link]]:
    """Links of each title that count."""
    articles = [as_article(one.title) for one in titles]
    return [[link for link in names.link(article) if link.confidence >= COUNTS] for article in articles]


def write_links(path: Path, links: Sequence[Sequence[Link]]) -> None:
    """Write the number of the title, from 0, and the code of each link."""
    lines = [f"{number},{link.stock_code}\n" for number, found in enumerate(links) for link in found]
    path.write_text("number,code\n" + "".join(lines))


def measure(titles: Sequence[TaggedTitle], listed: Listed) -> Figures:
    """What is found of the tagged pairs, funds apart, and the titles linked in a second."""
    names = listed.names
    funds = {fund.code for fund in listed.funds}
    found = [{link.stock_code for link in links} - funds for links in link_titles(names, titles)]
    figures = {
        "tagged_found": float(sum(len(one.codes & codes) for one, codes in zip(titles, found, strict=True))),
        "tagged_pairs": float(sum(len(one.codes - funds) for one in titles)),
        "other_found": float(sum(len(codes - one.codes) for one, codes in zip(titles, found, strict=True))),
        "titles_per_s": max(_titles_per_s(names, titles) for _ in range(ROUNDS)),
    }
    say(f"{len(titles)} titles, {len(listed.stocks)} stocks and {len(listed.funds)} funds")
    return figures


def _titles_per_s(names: StockNames, titles: Sequence[TaggedTitle]) -> float:
    articles = [as_article(one.title) for one in titles]
    begun = time.perf_counter()
    for article in articles:
        names.link(article)
    return len(articles) / (time.perf_counter() - begun)


def as_article(title: str, kind: NewsKind = NewsKind.ARTICLE) -> Article:
    """An article of a title alone."""
    return Article("bench", "", kind, "u", "u", title, "", _AT, Precision.DAY)
