"""What the tests of linking share: names of about a hundred stocks, an article of a title, and its links that count."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from backend.domain.market import WatchedStock
from backend.domain.news import Article, NewsKind, Precision
from backend.text.linking import StockNames

DATA: Final = Path(__file__).resolve().parents[2] / "data/understanding"
COUNTS: Final = 0.5  # the confidence from which a link counts


def read_names() -> dict[str, str]:
    """Names of listed stocks by code: those that the own titles mean, and those that they only seem to."""
    with (DATA / "names.csv").open(encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


NAMES: Final = StockNames([WatchedStock(code, name, "KOSPI") for code, name in read_names().items()])


def article(title: str, **given: Any) -> Article:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    fields: dict[str, Any] = {"source": "rss_x", "publisher": "", "kind": NewsKind.ARTICLE, "snippet": ""}
    return Article(
        **fields | {"url": "u", "url_key": "u", "published_at": at, "precision": Precision.SECOND} | given, title=title
    )


def linked(title: str, names: StockNames = NAMES, **given: Any) -> list[str]:
    """Codes of the links that count."""
    return [link.stock_code for link in names.link(article(title, **given)) if link.confidence >= COUNTS]
