"""The rule "a story counts for a stock": the view counting_links, and that impacts, forecasts and reports follow it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.news import Flag
from backend.services.forecasts.forecasting import NewsWindow, list_window_stories
from backend.services.record import impacts
from backend.services.reports.report_due import list_report_states
from tests.fixtures.news_rows import remember

CODE = "005930"
NEWS_AT = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
ASOF = NEWS_AT + timedelta(hours=1)
REPORTED_AT = NEWS_AT - timedelta(hours=1)
_COUNTS = [(0.5, []), (1.0, ["correction", "archive", "injection"])]
_DOES_NOT_COUNT = [(0.49, []), (0.2, []), (1.0, ["roundup"]), (1.0, ["correction", "reports_price"]),
                   (1.0, ["stale"]), (1.0, ["undated"])]  # fmt: skip


async def add_story(session: AsyncSession, confidence: float, flags: list[str]) -> int:
    """One article of a stock with a report of an hour before; returns its story's id."""
    await session.execute(
        text("INSERT INTO stocks (code, name, market) VALUES (:code, :code, 'KOSPI')"), {"code": CODE}
    )
    await session.execute(
        text("""
            WITH item AS (
                INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision,
                                  first_seen_at, known_at, flags)
                VALUES ('k', 'https://example.com', 'test', 'test', 'article', '제목', :at, 'minute', :at, :at, :flags)
                RETURNING id
            ), linked AS (
                INSERT INTO news_stocks (news_id, stock_code, method, confidence, known_at)
                SELECT id, :code, 'name', :confidence, :at FROM item
            )
            INSERT INTO stories (head_news_id, first_known_at, size, materiality) SELECT id, :at, 1, 3 FROM item
        """),
        {"code": CODE, "at": NEWS_AT, "confidence": confidence, "flags": flags},
    )
    await remember(session)
    await session.execute(
        text("""
            WITH model AS (INSERT INTO models (name, kind) VALUES ('gated', 'gated') RETURNING id), version AS (
                INSERT INTO model_versions (model_id, version, data_hash, parameters)
                SELECT id, 'v', 'h', '{}' FROM model RETURNING id)
            INSERT INTO reports (run_id, stock_code, model_version_id, asof, trigger, fact_sheet, fact_hash, text_ko,
                                 text_en, writer)
            SELECT gen_random_uuid(), :code, id, :at, 'first', '{}', 'h', 'k', 'e', 'w' FROM version
        """),
        {"code": CODE, "at": REPORTED_AT},
    )
    story_id: int = (await session.execute(text("SELECT id FROM stories"))).scalar_one()
    return story_id


async def readers_that_count(session: AsyncSession, story_id: int) -> set[str]:
    """Which readers of news let this story count for the stock."""
    (stories,) = await list_window_stories(session, [NewsWindow(CODE, REPORTED_AT, ASOF)], recorded_by=ASOF)
    (state,) = await list_report_states(session, asof=ASOF)
    found = {
        "impacts": {row.story_id for row in await impacts.list_open(session, after_story=0, stories=10)} == {story_id},
        "forecasts": [story.story_id for story in stories] == [story_id],
        "reports": state.new_materiality == 3,
    }
    return {name for name, counts in found.items() if counts}


@pytest.mark.parametrize(("confidence", "flags"), _COUNTS)
async def test_a_story_counts_for_a_stock_it_is_firmly_linked_to(
    session: AsyncSession, confidence: float, flags: list[str]
) -> None:
    story_id = await add_story(session, confidence, flags)
    (row,) = await session.execute(text("SELECT * FROM counting_links"))
    assert (row.stock_code, row.story_id, row.version, row.known_at) == (CODE, story_id, 1, NEWS_AT)
    assert await readers_that_count(session, story_id) == {"impacts", "forecasts", "reports"}


@pytest.mark.parametrize(("confidence", "flags"), _DOES_NOT_COUNT)
async def test_a_weak_link_a_round_up_or_a_price_report_does_not_count(
    session: AsyncSession, confidence: float, flags: list[str]
) -> None:
    story_id = await add_story(session, confidence, flags)
    assert (await session.execute(text("SELECT * FROM counting_links"))).all() == []
    assert await readers_that_count(session, story_id) == set()


async def test_the_rule_names_flags_as_articles_carry_them(session: AsyncSession) -> None:
    rule = (await session.execute(text("SELECT pg_get_functiondef('flags_count'::regproc)"))).scalar_one()
    named = {flag for flag in Flag if f"'{flag}'" in rule}
    assert named == {Flag.ROUNDUP, Flag.REPORTS_PRICE, Flag.STALE, Flag.UNDATED}
