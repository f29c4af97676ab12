"""What is embedded, and that a search never sees what was not known yet."""

import math
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import KST
from backend.domain.forecasts import Neighbour
from backend.services.news import embeddings
from backend.services.news.embeddings import SimilarQuery, UnembeddedText
from tests.fixtures.news_rows import remember

EMBEDDER = "test"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ASOF, CLOSED = datetime(2026, 3, 20, 1, 0, tzinfo=UTC), date(2026, 3, 19)
CODES = ("005930", "000660")


def at_angle(degrees: float) -> list[float]:
    """Unit vector; its cosine to the one of 0 degrees is that of the angle."""
    return [math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), 0.0]


async def add_story(session: AsyncSession, number: int, known_at: datetime, snippet: str = "") -> tuple[int, int]:
    """One article that is its own story; returns (story id, news id)."""
    row = await session.execute(
        text("""
            WITH item AS (
                INSERT INTO news (url_key, url, source, publisher, kind, title, snippet, published_at,
                                  published_precision, first_seen_at, known_at)
                VALUES ('test:' || :number, 'https://example.com', 'test', 'test', 'article', '제목 ' || :number,
                        :snippet, :at, 'minute', :at, :at) RETURNING id)
            INSERT INTO stories (head_news_id, first_known_at, size) SELECT id, :at, 1 FROM item
            RETURNING id, head_news_id
        """),
        {"number": str(number), "snippet": snippet, "at": known_at},
    )
    story_id, news_id = row.one()
    await remember(session)
    return story_id, news_id


async def store(session: AsyncSession, vectors: dict[int, list[float]], embedder: str = EMBEDDER) -> int:
    """Vectors of the first texts of articles, recorded when they were known."""
    known = {row.id: row.known_at for row in await session.execute(text("SELECT id, known_at FROM news"))}
    items = [(UnembeddedText(news_id, 1, known[news_id], ""), vector) for news_id, vector in vectors.items()]
    return await embeddings.upsert_embeddings(session, embedder, items, recorded_at=START)


def closed(day: date) -> datetime:
    return datetime.combine(day, time(15, 30), KST)


async def add_impact(
    session: AsyncSession, story_id: int, exit_date: date, *, code: str = CODES[0], horizon: int = 1, final: bool = True
) -> None:
    await session.execute(
        text("INSERT INTO impacts (story_id, stock_code, horizon, state, exit_trade_date, y, z, news_id, version,"
             " known_at, recorded_at) SELECT :story, :code, :horizon, :state, :exit, 1, 0.5, head_news_id, 1, :closed,"
             " :closed FROM stories WHERE id = :story"),
        {"story": story_id, "code": code, "horizon": horizon, "exit": exit_date, "closed": closed(exit_date),
         "state": "final" if final else "partial"},
    )  # fmt: skip


@pytest.fixture
async def asked(session: AsyncSession) -> int:
    """The new story, at angle 0; the stocks exist."""
    await session.execute(
        text("INSERT INTO stocks (code, name, market) SELECT c, c, 'KOSPI' FROM unnest(CAST(:codes AS text[])) AS c"),
        {"codes": list(CODES)},
    )
    story_id, news_id = await add_story(session, 0, ASOF - timedelta(minutes=5))
    await store(session, {news_id: at_angle(0)})
    return story_id


async def add_neighbour(session: AsyncSession, number: int, degrees: float, known_at: datetime = START) -> int:
    story_id, news_id = await add_story(session, number, known_at)
    await store(session, {news_id: at_angle(degrees)})
    return story_id


async def ask(
    session: AsyncSession, story_id: int, asof: datetime = ASOF, *, k: int = 10, code: str | None = None,
    recorded_by: datetime = ASOF,
) -> list[Neighbour]:  # fmt: skip
    head = await session.scalar(text("SELECT head_news_id FROM stories WHERE id = :story"), {"story": story_id})
    query = SimilarQuery(story_id, head or 0, 1, asof, CLOSED)
    (found,) = await embeddings.search_similar_many(
        session, [query], recorded_by=recorded_by, embedder=EMBEDDER, horizon=1, k=k, stock_code=code
    )
    return found


async def search(session: AsyncSession, story_id: int, **asked: Any) -> list[int]:
    return [neighbour.story_id for neighbour in await ask(session, story_id, **asked)]


async def test_stories_without_a_vector_are_listed_newest_first(session: AsyncSession) -> None:
    _, old = await add_story(session, 1, START, "가" * 300)
    _, new = await add_story(session, 2, START + timedelta(hours=1))
    listed = await embeddings.list_unembedded(session, EMBEDDER, 10)
    assert [item.news_id for item in listed] == [new, old]
    assert [item.text for item in listed] == ["제목 2", "제목 1. " + "가" * embeddings.SNIPPET_CHARACTERS]
    assert await store(session, {new: at_angle(0)}) == 1
    assert [item.news_id for item in await embeddings.list_unembedded(session, EMBEDDER, 10)] == [old]
    assert await embeddings.count_unembedded(session, EMBEDDER) == 1
    assert await embeddings.count_unembedded(session, "another") == 2


async def test_second_write_of_a_vector_writes_nothing(session: AsyncSession) -> None:
    _, news_id = await add_story(session, 1, START)
    assert await store(session, {news_id: at_angle(0)}) == 1
    assert await store(session, {news_id: at_angle(0)}) == 0


async def test_nearest_first_with_cosine_effect_and_age(session: AsyncSession, asked: int) -> None:
    for number, degrees in ((1, 60), (2, 10), (3, 120), (4, 30)):
        await add_impact(session, await add_neighbour(session, number, degrees), date(2026, 3, 5))
    found = await ask(session, asked, k=3)
    assert [n.similarity for n in found] == pytest.approx([math.cos(math.radians(d)) for d in (10, 30, 60)], abs=1e-3)
    assert {(n.stock_code, n.y, n.z, n.age_sessions) for n in found} == {("005930", 1, 0.5, 11)}


async def test_what_was_not_known_yet_is_not_found(session: AsyncSession, asked: int) -> None:
    known = await add_neighbour(session, 1, 50)
    await add_impact(session, known, CLOSED)
    await add_impact(
        session, await add_neighbour(session, 2, 1), CLOSED + timedelta(days=1)
    )  # its effect had not ended
    await add_impact(session, await add_neighbour(session, 4, 1), CLOSED, final=False)
    await add_impact(session, await add_neighbour(session, 5, 1), CLOSED, horizon=3)
    await add_impact(session, asked, CLOSED)  # nor itself
    await add_neighbour(session, 6, 1)  # no effect at all
    assert await search(session, asked) == [known]


async def test_story_about_two_stocks_comes_for_each_or_for_the_one_asked(session: AsyncSession, asked: int) -> None:
    both = await add_neighbour(session, 1, 20)
    for code in CODES:
        await add_impact(session, both, CLOSED, code=code)
    assert await search(session, asked) == [both, both]
    assert await search(session, asked, code=CODES[1]) == [both]


async def test_many_queries_are_answered_in_their_order_each_at_its_own_time(session: AsyncSession, asked: int) -> None:
    early = await add_neighbour(session, 1, 40)
    late = await add_neighbour(session, 2, 20)
    await add_impact(session, early, date(2026, 3, 5))
    await add_impact(session, late, date(2026, 3, 17))
    unembedded, _ = await add_story(session, 3, START)
    rows = await session.execute(text("SELECT id, head_news_id FROM stories"))
    heads: dict[int, int] = {row.id: row.head_news_id for row in rows}
    queries = [
        SimilarQuery(unembedded, heads[unembedded], 1, ASOF, CLOSED),
        SimilarQuery(asked, heads[asked], 1, ASOF, CLOSED),
        SimilarQuery(asked, heads[asked], 1, closed(date(2026, 3, 10)), date(2026, 3, 10)),
        SimilarQuery(asked, heads[asked], 1, START, CLOSED),
    ]
    await session.execute(text("UPDATE embeddings SET known_at = :at WHERE news_id = :id"),
                          {"at": START, "id": heads[asked]})  # fmt: skip
    found = await embeddings.search_similar_many(session, queries, recorded_by=ASOF, embedder=EMBEDDER, horizon=1, k=5)
    assert [[n.story_id for n in neighbours] for neighbours in found] == [[], [late, early], [early], []]
    assert await embeddings.search_similar_many(session, [], recorded_by=ASOF, embedder=EMBEDDER, horizon=1, k=5) == []


async def test_the_rule_of_as_of_what_was_stored_later_is_no_neighbour(session: AsyncSession, asked: int) -> None:
    """An effect, its vector and the own vector: each a second too late, one after the other."""
    known = await add_neighbour(session, 1, 20)
    await add_impact(session, known, date(2026, 3, 5))
    assert await search(session, asked) == [known]
    own = "news_id = (SELECT head_news_id FROM stories WHERE id = :asked)"
    for table, where in (("impacts", "true"), ("embeddings", f"NOT {own}"), ("embeddings", own)):
        for seconds, expected in ((1, []), (0, [known])):
            await session.execute(
                text(f"UPDATE {table} SET recorded_at = :at WHERE {where}"),
                {"at": ASOF + timedelta(seconds=seconds)} | ({"asked": asked} if "asked" in where else {}),
            )
            await session.execute(text("DELETE FROM impacts_replaced"))
            assert await search(session, asked) == expected


async def test_a_replaced_effect_is_what_was_known_until_it_was_replaced(session: AsyncSession, asked: int) -> None:
    await add_impact(session, await add_neighbour(session, 1, 20), date(2026, 3, 5))
    await session.execute(text("UPDATE impacts SET y = 0, recorded_at = :at"), {"at": ASOF + timedelta(days=1)})
    assert [n.y for n in await ask(session, asked)] == [1]
    assert [n.y for n in await ask(session, asked, recorded_by=ASOF + timedelta(days=1))] == [0]


async def test_vectors_of_another_embedder_are_never_compared(session: AsyncSession, asked: int) -> None:
    story_id, news_id = await add_story(session, 1, START)
    await store(session, {news_id: [*at_angle(0), 0.0]}, "another")
    await add_impact(session, story_id, CLOSED)
    assert await search(session, asked) == []


async def test_only_stories_of_the_same_type_of_event_are_alike(session: AsyncSession, asked: int) -> None:
    """By the reading of that time: an event that was read later changes nothing before."""
    known = await add_neighbour(session, 1, 1)
    await add_impact(session, known, CLOSED)
    assert await search(session, asked) == [known]
    of_it = "news_id = (SELECT head_news_id FROM stories WHERE id = :known)"
    await session.execute(text(f"UPDATE news_versions SET event_type = 'lawsuit' WHERE {of_it}"), {"known": known})
    assert await search(session, asked) == []
    await session.execute(text("UPDATE news_versions SET event_type = 'lawsuit'"))
    assert await search(session, asked) == [known]


async def test_names_of_linked_stocks_come_along_to_be_masked(session: AsyncSession, asked: int) -> None:
    story, _ = await add_story(session, 1, START)
    await session.execute(
        text("UPDATE stocks SET aliases = '{별명}' WHERE code = :code"), {"code": CODES[0]},
    )  # fmt: skip
    await session.execute(
        text("INSERT INTO version_links (version_id, stock_code, method, confidence, known_at) SELECT v.id, code,"
             " method, 0.5, v.known_at FROM news_versions v, (VALUES (:one, 'name'), (:two, 'feed_tag'))"
             " AS l (code, method)"
             " WHERE v.story_id = :story"),
        {"one": CODES[0], "two": CODES[1], "story": story},
    )  # fmt: skip
    (waiting,) = await embeddings.list_unembedded(session, EMBEDDER, 10)
    assert waiting.names == tuple(sorted((CODES[0], "별명")))
