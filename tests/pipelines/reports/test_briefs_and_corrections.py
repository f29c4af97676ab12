"""Jobs of reports in the seeded market: a brief once a session, and a corrected report where a fact was wrong."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from backend.clock import KST
from backend.db.session import Database
from backend.db.tables.news import News, Story
from backend.domain.reports import BriefKind
from backend.errors import NothingToDoError
from backend.internal import NoArguments
from backend.krx import DemoCalendar, KrxCalendar
from backend.pipelines.context import RunContext
from backend.pipelines.reports import generate_reports, write_briefs
from backend.pipelines.reports.write_briefs import DueBrief, choose_brief
from backend.services.reports import report_corrections
from tests.fixtures.news_rows import remember
from tests.pipelines import scoring_world
from tests.pipelines.scoring_world import execute, fetch

SetClock = Callable[[datetime], None]
CODE, OTHER = scoring_world.CODES[0], scoring_world.CODES[1]
LAST = scoring_world.SESSIONS[-1]
AFTER = LAST.closes_at + timedelta(minutes=45)
REPORTS = generate_reports.Arguments()
_LINK = text("""
    INSERT INTO version_links (version_id, stock_code, method, confidence, known_at)
    SELECT id, :code, 'name', 1, :known_at FROM news_versions WHERE news_id = :news_id
""")


async def add_story(world: Database, known_at: datetime, *, code: str = CODE, **event: Any) -> int:
    """A story about one stock; returns the id of its article."""
    moment = {"published_at": known_at, "first_seen_at": known_at, "known_at": known_at}
    article = {
        "url_key": uuid.uuid4().hex, "url": "https://a.example", "source": "hankyung", "publisher": "한국경제",
        "kind": "article", "title": "4조원 규모 공급 계약", "published_precision": "second", **moment,
    }  # fmt: skip
    told = {"event_type": "contract", "sign": "+", "materiality": 2, "amount_krw": 4_000_000_000_000} | event
    async with world.write() as session:
        news_id: int = (await session.execute(insert(News).values(article).returning(News.id))).scalar_one()
        await session.execute(insert(Story).values(head_news_id=news_id, first_known_at=known_at, size=1, **told))
        await remember(session)
        await session.execute(_LINK, {"news_id": news_id, "code": code, "known_at": known_at})
    return news_id


@pytest.fixture
async def written(context: RunContext, world: Database, set_clock: SetClock) -> int:
    """A report of one stock about one story, after the close; returns the id of the article."""
    async with world.write() as session:
        await scoring_world.build_models(session)
    await execute(world, "UPDATE models SET is_shown = name = 'price'")
    news_id = await add_story(world, LAST.closes_at - timedelta(hours=2))
    set_clock(AFTER)
    counts = await generate_reports.run(context, REPORTS)
    assert (counts.read, counts.written) == (1, 1)
    return news_id


async def run_again(world: Database, context: RunContext, set_clock: SetClock, after: timedelta) -> Any:
    set_clock(AFTER + after)
    await execute(world, "UPDATE runs SET state = 'succeeded'")
    return await generate_reports.run(await scoring_world.context_for(world, context.settings), REPORTS)


async def test_stocks_without_news_have_no_report_and_are_told_by_the_brief(
    context: RunContext, world: Database, written: int
) -> None:
    reports = await fetch(world, "SELECT * FROM reports")
    assert [(row["stock_code"], row["trigger"], row["citations"]) for row in reports] == [(CODE, "first", [written])]
    counts = await write_briefs.run(context, NoArguments())
    assert (counts.read, counts.written) == (len(scoring_world.CODES), 1)
    (brief,) = await fetch(world, "SELECT * FROM briefs")
    assert (brief["kind"], brief["trade_date"]) == ("close", LAST.trade_date)
    assert brief["text_ko"].startswith(f"# {LAST.trade_date} 마감 브리핑\n")
    with pytest.raises(NothingToDoError):
        await write_briefs.run(context, NoArguments())


async def test_a_report_read_wrongly_is_corrected_once_by_one_that_says_so(
    context: RunContext, world: Database, set_clock: SetClock, written: int
) -> None:
    """The same text is read again: it told of a contract called off."""
    await execute(
        world,
        "UPDATE news_versions SET retired_at = :at WHERE news_id = :id",
        at=AFTER + timedelta(minutes=2), id=written,
    )  # fmt: skip
    await execute(
        world,
        "INSERT INTO news_versions (news_id, version, reading, source, title, event_type, scope, sign, materiality,"
        " story_id, reading_version, known_at, recorded_at) SELECT news_id, version, 2, source, title, event_type,"
        " scope, 'reversed', 2, story_id, 2, known_at, :at FROM news_versions WHERE news_id = :id",
        at=AFTER + timedelta(minutes=2), id=written,
    )  # fmt: skip
    await execute(
        world,
        "INSERT INTO version_links SELECT (SELECT max(id) FROM news_versions), stock_code, method, confidence, known_at"
        " FROM version_links",
    )
    await execute(world, "UPDATE stories SET sign = 'reversed'")
    counts = await run_again(world, context, set_clock, timedelta(minutes=5))  # sooner than reports follow else
    assert counts.written == 1
    old, new = await fetch(world, "SELECT * FROM reports ORDER BY id")
    assert (new["trigger"], old["text_ko"].count("정정")) == ("correction", 0)
    said, now = "수주·공급 계약 (호재)", "수주·공급 계약 (취소·해제)"
    assert (
        f"- 06-30 16:15 리포트는 [n{written}](/api/news/{written}) 소식을 {said} 소식이라고 했지만, {now} 소식이에요."
        in (new["text_ko"])
    )
    (noted,) = await fetch(world, "SELECT report_id, corrected_by FROM report_corrections")
    assert noted == {"report_id": old["id"], "corrected_by": new["id"]}
    with pytest.raises(NothingToDoError):
        await run_again(world, context, set_clock, timedelta(minutes=10))


async def test_a_story_of_another_stock_is_a_wrong_link(world: Database, written: int) -> None:
    await execute(
        world,
        "UPDATE news_versions SET recorded_at = :at WHERE news_id = :id",
        at=AFTER + timedelta(seconds=1),
        id=written,
    )
    await execute(world, "UPDATE version_links SET stock_code = :code", code=OTHER)
    async with world.read() as session:
        found = await report_corrections.list_wrong_facts(session, asof=AFTER + timedelta(minutes=1))
        (wrong,) = found[CODE]
        assert (wrong.kind, wrong.news_id) == ("link", written)
        assert not await report_corrections.list_wrong_facts(session, asof=AFTER)


async def test_what_was_stored_before_the_report_is_no_error_found_later(world: Database, written: int) -> None:
    """A story may say another event than one of its texts: only what was read since corrects a report."""
    await execute(world, "UPDATE news_versions SET event_type = 'lawsuit' WHERE news_id = :id", id=written)
    async with world.read() as session:
        assert not await report_corrections.list_wrong_facts(session, asof=AFTER + timedelta(hours=1))


async def test_a_restated_close_is_a_wrong_price_and_a_later_session_is_none(world: Database, written: int) -> None:
    bar = "WHERE stock_code = :code AND trade_date = :day"
    key = {"code": CODE, "day": LAST.trade_date}
    (before,) = await fetch(world, f"SELECT round(regular_close_krw)::int AS close FROM daily_bars {bar}", **key)
    async with world.read() as session:
        assert not await report_corrections.list_wrong_facts(session, asof=AFTER + timedelta(hours=1))
    await execute(world, f"UPDATE daily_bars SET regular_close_krw = regular_close_krw + 500 {bar}", **key)
    async with world.read() as session:
        found = await report_corrections.list_wrong_facts(session, asof=AFTER + timedelta(hours=1))
    (wrong,) = found[CODE]
    assert (wrong.kind, wrong.said, wrong.now) == ("price", str(before["close"]), str(before["close"] + 500))


@pytest.mark.parametrize(
    ("at", "kind", "day"),
    [
        ("2026-06-30T08:40", BriefKind.MORNING, "2026-06-30"),
        ("2026-06-30T12:00", None, None),
        ("2026-06-30T16:15", BriefKind.CLOSE, "2026-06-30"),
        ("2026-06-30T20:00", None, None),
        ("2026-06-27T08:40", None, None),  # Saturday
        ("2026-05-05T08:40", None, None),  # Children's Day, a Tuesday
        ("2026-05-05T16:15", None, None),
        ("2026-05-06T08:40", BriefKind.MORNING, "2026-05-06"),
    ],
)
def test_each_session_has_two_briefs_and_other_days_none(at: str, kind: BriefKind | None, day: str | None) -> None:
    due = choose_brief(KrxCalendar(), datetime.fromisoformat(at).replace(tzinfo=KST))
    assert (None if due is None else (due.kind, due.trade_date.isoformat())) == (None if kind is None else (kind, day))


def test_a_demo_session_of_an_hour_has_both_too() -> None:
    start = datetime(2026, 11, 21, 3, 0, tzinfo=KST)
    calendar = DemoCalendar(start, 60)
    found = [choose_brief(calendar, start + timedelta(minutes=minutes)) for minutes in (30, 52, 58)]
    assert found[0] is None
    close, morning = found[1:]
    assert isinstance(close, DueBrief)
    assert isinstance(morning, DueBrief)
    assert (close.kind, morning.kind) == (BriefKind.CLOSE, BriefKind.MORNING)
    assert close.trade_date < morning.trade_date
