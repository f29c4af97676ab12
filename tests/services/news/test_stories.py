"""News and stories: when azak knew, and which articles are one event."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.news import Article, Flag, Link, LinkMethod, NewsKind, Precision
from backend.services.news import news_intake, stories
from backend.services.news.news_intake import StoredNews
from backend.services.news.stories import NewStory

SEEN = datetime(2026, 10, 1, 3, tzinfo=UTC)
OTHER = NewStory("other", 0)


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


async def test_stories_begin_and_grow(session: AsyncSession) -> None:
    early, late = article("k/a", SEEN - timedelta(hours=5)), article("k/b", SEEN - timedelta(hours=2))
    first = await store(session, late, archive_before=SEEN)
    assert await stories.record_stories(session, {"k/b": "k/b"}, first, {"k/b": NewStory("dividend", 1)}) == 1
    (story,) = (await session.execute(text("SELECT id FROM stories"))).scalars()
    second = await store(session, early, archive_before=SEEN)
    assert await stories.record_stories(session, {"k/a": story}, second, {"k/a": OTHER}) == 0
    row = (await session.execute(text("SELECT size, first_known_at, event_type, head_news_id FROM stories"))).one()
    assert tuple(row) == (2, SEEN - timedelta(hours=5), "dividend", first["k/b"].id)
    third = await store(session, article("k/c", SEEN - timedelta(hours=1)), archive_before=SEEN)
    await stories.record_stories(session, {"k/c": story}, third, {"k/c": OTHER})
    grown = (await session.execute(text("SELECT size, first_known_at FROM stories"))).one()
    assert tuple(grown) == (3, SEEN - timedelta(hours=5))  # a later copy makes it known no later
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # head and members point to each other


async def test_what_another_run_stored_is_left_to_it(session: AsyncSession) -> None:
    mine = await store(session, article("k/mine", SEEN))
    begun = await stories.record_stories(
        session, {"k/theirs": "k/theirs", "k/mine": "k/theirs"}, mine, {"k/mine": OTHER}
    )
    assert begun == 1
    heads = (await session.execute(text("SELECT head_news_id FROM stories"))).scalars().all()
    assert heads == [mine["k/mine"].id]


async def test_members_are_listed_by_publication_with_confirmed_stocks(session: AsyncSession) -> None:
    for code in ("005930", "000660"):
        await session.execute(text(f"INSERT INTO stocks (code, name, market) VALUES ('{code}', '{code}', 'KOSPI')"))
    stored = await store(session, article("k/1", SEEN - timedelta(hours=3)), article("k/2", SEEN - timedelta(days=9)))
    links = {"k/1": [Link("005930", LinkMethod.NAME, 0.9), Link("000660", LinkMethod.FEED_TAG, 0.3)]}
    assert [await news_intake.upsert_links(session, links, stored) for _ in range(2)] == [2, 0]
    await stories.record_stories(session, {key: key for key in stored}, stored, dict.fromkeys(stored, OTHER))
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
