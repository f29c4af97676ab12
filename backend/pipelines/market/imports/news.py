"""A file of news: its articles, oldest first, through the same pipeline as those of the sources.

An article with a moment is known from then; one with a day alone from the opening of the next session, because it may
have come in the evening. Articles that are stored already stay as they are.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time
from typing import Any, Final

from backend import clock
from backend.domain.news import Article, Flag, NewsKind, Precision
from backend.pipelines.context import RunContext
from backend.pipelines.market.imports.file_import import FileImport
from backend.pipelines.news import news_pipeline
from backend.pipelines.news.known_names import read_names
from backend.services.market import imported
from backend.sources.files.articles import ArticleReader, FileArticle
from backend.sources.files.reading.tables import open_table
from backend.sources.files.refusals import Refused
from backend.sources.files.spool import Spool
from backend.text.linking import StockNames

ARTICLES_A_WRITE: Final = 1_000


async def import_file(file: FileImport) -> None:
    """Import one file, or say what would be. Raises InvalidInputError when it cannot be read as a whole."""
    async with file.context.read() as session:
        linkable = await imported.list_linkable(session)
    names = await read_names(file.context, linkable)
    seen_at = clock.now()
    with Spool() as spool:
        await file.in_thread(lambda: _read(file, spool, seen_at))
        done = 0
        for rows in spool.buckets():
            articles = sorted((_article(row) for row in rows), key=lambda article: article.published_at or seen_at)
            for start in range(0, len(articles), ARTICLES_A_WRITE):
                batch = articles[start : start + ARTICLES_A_WRITE]
                await _import_batch(file, names, batch, seen_at)
                done += len(batch)
                file.report_done(done, spool.rows)


def _read(file: FileImport, spool: Spool, seen_at: datetime) -> None:
    days: list[date] = []
    with open_table("news", file.reopen, file.said) as table:
        reader = ArticleReader(table.columns, file.asked.code, seen_at)
        for one in reader.articles(table.rows):
            file.report_rows(reader.read)
            if isinstance(one, Refused):
                file.outcome.refuse(one)
                continue
            days = [min(one.day, *days), max(one.day, *days)] if days else [one.day, one.day]
            article = _dated(file.context, one, seen_at)
            if article is None:
                file.outcome.refuse(Refused(one.line, "not_yet", day=str(one.day), value=one.article.title))
            else:
                spool.add(one.day.year * 12 + one.day.month, _row(article))
        file.outcome.counts["rows"] = reader.read
        first, last = (str(days[0]), str(days[-1])) if days else ("", "")
        file.outcome.describe("news", table, code=file.asked.code, first_day=first, last_day=last)


def _dated(context: RunContext, one: FileArticle, seen_at: datetime) -> Article | None:
    """The article at the moment from which it counts; None if that is still to come."""
    if one.has_time:
        return one.article
    end_of_day = datetime.combine(one.day, time.max, clock.KST)
    counts_from = context.calendar.next_open(end_of_day).opens_at
    return replace(one.article, published_at=counts_from) if counts_from < seen_at else None


def _row(article: Article) -> list[Any]:
    fields = asdict(article)
    fields["published_at"] = article.published_at.isoformat() if article.published_at else None
    fields["flags"] = sorted(article.flags)
    return list(fields.values())


def _article(row: Sequence[Any]) -> Article:
    fields = dict(zip(Article.__dataclass_fields__, row, strict=True))
    fields["published_at"] = datetime.fromisoformat(fields["published_at"])
    fields |= {"precision": Precision(fields["precision"]), "kind": NewsKind(fields["kind"])}
    fields |= {"flags": frozenset(map(Flag, fields["flags"])), "feed_codes": tuple(fields["feed_codes"])}
    return Article(**fields)


async def _import_batch(file: FileImport, names: StockNames, articles: Sequence[Article], seen_at: datetime) -> None:
    """The one place where news of files are stored."""
    context, outcome = file.context, file.outcome
    unique = news_pipeline.merge(articles)
    async with context.read() as session:
        stored = await imported.list_url_keys(session, [article.url_key for article in unique])
    new = [article for article in unique if article.url_key not in stored]
    outcome.counts.update(new=len(new), same=len(unique) - len(new), merged=len(articles) - len(unique))
    if file.asked.dry_run or not new:
        return
    prepared = await news_pipeline.prepare(context, names, new, seen_at=seen_at, archive_before=seen_at)
    async with context.write() as session:
        written = await news_pipeline.write(session, prepared)
    outcome.counts.update(links=written.links, stories=written.stories)
