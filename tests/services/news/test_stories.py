"""News and stories: when azak knew, and which articles are one event."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.news import Article, Flag, NewsKind, Precision
from backend.services.news import news_intake, stories
from backend.services.news.news_intake import StoredNews
from tests.fixtures.news_rows import remember

SEEN = datetime(2026, 10, 1, 3, tzinfo=UTC)


def article(key: str, published_at: datetime | None, precision: Precision = Precision.SECOND) -> Article:
    return Article(
        "rss", "한국경제", NewsKind.ARTICLE, f"https://{key}", key, f"제목 {key}", "", published_at, precision
    )


async def store(
    session: AsyncSession, *articles: Article, archive_before: datetime | None = None
) -> dict[str, StoredNews]:
    return await news_intake.upsert_news(session, articles, seen_at=SEEN, archive_before=archive_before)


@pytest.mark.parametrize(
    ("published_at", "precision", "known_at", "flags"),
    [
        (SEEN - timedelta(days=9), Precision.SECOND, SEEN - timedelta(days=9), [Flag.ARCHIVE]),
        (SEEN - timedelta(minutes=5), Precision.SECOND, SEEN, []),
        (SEEN - timedelta(days=9), Precision.DAY, SEEN, []),
        (None, Precision.NONE, SEEN, []),
    ],
    ids=["archive", "recent", "a day is no moment", "undated"],
)
async def test_known_at_of_an_archive(
    session: AsyncSession, published_at: datetime | None, precision: Precision, known_at: datetime, flags: list[Flag]
) -> None:
    item = article("k/1", published_at, precision)
    stored = await store(session, item, archive_before=SEEN - timedelta(hours=1))
    found = (await session.execute(text("SELECT flags FROM news WHERE url_key = 'k/1'"))).scalar_one()
    assert (stored["k/1"].known_at, found) == (known_at, flags)


async def test_without_archive_nothing_is_known_before_it_was_seen(session: AsyncSession) -> None:
    stored = await store(session, article("k/1", SEEN - timedelta(days=9)))
    assert stored["k/1"].known_at == SEEN
    assert await store(session, article("k/1", SEEN)) == {}


async def test_members_are_listed_by_publication_with_confirmed_stocks(session: AsyncSession) -> None:
    for code in ("005930", "000660"):
        await session.execute(text(f"INSERT INTO stocks (code, name, market) VALUES ('{code}', '{code}', 'KOSPI')"))
    await store(session, article("k/1", SEEN - timedelta(hours=3)), article("k/2", SEEN - timedelta(days=9)))
    await session.execute(
        text(
            "INSERT INTO news_stocks SELECT id, '005930', 'name', 0.9, known_at FROM news UNION ALL"
            " SELECT id, '000660', 'feed_tag', 0.3, known_at FROM news"
        )
    )
    await session.execute(text("INSERT INTO stories (head_news_id, first_known_at, size) SELECT id, :at, 1 FROM news"),
                          {"at": SEEN})  # fmt: skip
    await remember(session)
    members = await stories.list_story_members(session, SEEN - timedelta(hours=4), SEEN, timedelta(hours=48))
    assert [(member.url_key, member.stock_codes) for member in members] == [("k/1", ("005930",))]


async def test_only_active_stocks_are_watched(session: AsyncSession) -> None:
    await session.execute(
        text(
            "INSERT INTO stocks (code, name, market, state, aliases) VALUES"
            " ('005930', '삼성전자', 'KOSPI', 'active', '{삼전}'), ('000660', 'SK하이닉스', 'KOSPI', 'paused', '{}')"
        )
    )
    watched = await news_intake.list_watched_stocks(session)
    assert [(stock.code, stock.aliases) for stock in watched] == [("005930", ("삼전",))]
    assert await news_intake.list_watched_stocks(session, ["000660"]) == []
