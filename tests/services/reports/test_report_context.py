"""What stands beside prices, stories and forecasts in a report, and what an odd stock has of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.bars import DailyBarRow, QuoteRow
from backend.db.tables.corporate_actions import CorporateAction
from backend.db.tables.event_studies import EventStudy
from backend.db.tables.models import Model, ModelVersion
from backend.db.tables.stocks import ListingRow, Stock
from backend.db.tables.world import InvestorFlowRow, WorldDayRow
from backend.reports import report_template
from backend.reports.fact_sheet import FactSheet
from backend.reports.sheet_parts import DateFacts, ExpectedMove, FlowFacts, StudyFacts, WorldFacts
from backend.services.reports import report_facts
from tests.services.reports.report_world import CODE, NOW, TODAY, add, add_prediction, add_story, facts_of

OTHER = "999990"


async def sheet_of(session: AsyncSession, code: str) -> FactSheet:
    return (await report_facts.list_fact_sheets(session, {code: "person"}, asof=NOW, trade_date=TODAY))[code]


async def add_bars(session: AsyncSession, code: str, closes: list[int], last: date) -> None:
    """Daily bars of so many days in a row up to `last`."""
    await add(
        session,
        DailyBarRow,
        *(
            {
                "stock_code": code, "trade_date": last - timedelta(days=len(closes) - 1 - n), "open_krw": close,
                "high_krw": close, "low_krw": close, "regular_close_krw": close, "volume": 1000, "source": "sise",
                "is_final": True,
            }
            for n, close in enumerate(closes)
        ),
    )  # fmt: skip


async def test_an_event_has_its_amount_and_its_size_against_the_market_value(
    session: AsyncSession, version: int
) -> None:
    """A million shares at 10,600 won: an event of 1.06 billion is a tenth of the company."""
    await add(session, ListingRow, {"code": CODE, "name": "회사", "market": "KOSPI", "shares": 1_000_000,
                                    "known_at": NOW, "recorded_at": NOW})  # fmt: skip
    told: dict[str, Any] = {"amount_krw": 1_060_000_000, "counterparty": "테슬라", "share": 0.25, "stage": "decided"}
    await add_story(session, "공급 계약", NOW - timedelta(hours=1), **told)
    (story,) = (await facts_of(session)).stories
    assert (story.amount_krw, story.counterparty, story.share, story.stage) == (
        1_060_000_000,
        "테슬라",
        0.25,
        "decided",
    )
    assert story.value_share == 0.1
    # A tenth of the company matters more than the type usually does; the company's own figure, a quarter, says so too.
    assert story.materiality == 3


@pytest.mark.parametrize(("amount", "weight"), [(10_000_000, 1), (400_000_000, 2), (2_000_000_000, 3), (None, 2)])
async def test_an_event_matters_by_its_size_against_the_market_value(
    session: AsyncSession, version: int, amount: int | None, weight: int
) -> None:
    await add(session, ListingRow, {"code": CODE, "name": "회사", "market": "KOSPI", "shares": 1_000_000,
                                    "known_at": NOW, "recorded_at": NOW})  # fmt: skip
    await add_story(session, "공급 계약", NOW - timedelta(hours=1), amount_krw=amount)
    assert (await facts_of(session)).stories[0].materiality == weight


async def test_without_listed_shares_no_size_is_made_up(session: AsyncSession, version: int) -> None:
    await add_story(session, "공급 계약", NOW - timedelta(hours=1), amount_krw=1_060_000_000)
    assert (await facts_of(session)).stories[0].value_share is None


async def test_stories_of_one_event_are_one_and_the_cases_are_about_it(session: AsyncSession, version: int) -> None:
    for hours, title in ((3, "4조원 규모 공급 계약"), (2, "공급계약 체결"), (1, "대규모 계약 따냈다")):
        await add_story(session, title, NOW - timedelta(hours=hours))
    await add_story(session, "횡령 혐의", NOW - timedelta(hours=1), event_type="embezzlement", sign="-")
    stories = (await facts_of(session)).stories
    assert [(story.event_type, len(story.also)) for story in stories] == [("embezzlement", 0), ("contract", 2)]


async def test_the_newest_study_by_then_says_what_such_events_did(session: AsyncSession, version: int) -> None:
    study = {
        "computed_at": NOW - timedelta(days=1), "stock_code": "all", "type": "contract", "sign": "+", "size": "any",
        "horizon": 1, "n": 31, "n_days": 29, "mean": 0.006, "low": 0.002, "high": 0.01, "shrunk": 0.004, "drift": None,
        "verdict": "effect",
    }  # fmt: skip
    await add(
        session, EventStudy, study, study | {"type": "lawsuit", "sign": "-"}, study | {"size": "large", "mean": 0.5},
        study | {"computed_at": NOW + timedelta(hours=1), "n": 99}, study | {"stock_code": CODE, "n": 3},
    )  # fmt: skip
    await add_story(session, "계약", NOW - timedelta(hours=1))
    assert (await facts_of(session)).studies == (StudyFacts("contract", "+", 1, 31, 29, 0.006, 0.002, 0.01, "effect"),)


async def test_the_expected_move_stands_beside_the_usual_one(session: AsyncSession, version: int) -> None:
    """As the newest forecast of size said it by then; what it says later, or another model, is not told."""
    model = await session.scalar(insert(Model).values(name="size", kind="size").returning(Model.id))
    row: dict[str, Any] = {"model_id": model, "version": "s1", "data_hash": "0" * 8, "parameters": {}}
    sizes = await session.scalar(insert(ModelVersion).values(row).returning(ModelVersion.id))
    assert sizes is not None
    said = {"expected": 0.031, "usual": 0.018}
    await add_prediction(session, sizes, size={"expected": 0.05, "usual": 0.018}, asof=NOW - timedelta(hours=9))
    await add_prediction(session, sizes, size=said, asof=NOW - timedelta(hours=1))
    await add_prediction(session, sizes, size={"expected": 0.09, "usual": 0.018}, asof=NOW + timedelta(minutes=1))
    await add_prediction(session, version)
    assert (await facts_of(session)).expected == (ExpectedMove(1, 0.031, 0.018),)


async def test_flows_of_the_last_sessions_are_added_up(session: AsyncSession, version: int) -> None:
    foreign = [300, 200, -50, 10, 20, 999]  # newest first; the sixth session is beyond
    await add(
        session,
        InvestorFlowRow,
        *(
            {
                "stock_code": CODE, "trade_date": TODAY - timedelta(days=1 + n), "foreign_shares": shares,
                "institution_shares": -1, "individual_shares": 0, "source": "kis_flows", "known_at": NOW,
                "recorded_at": NOW,
            }
            for n, shares in enumerate(foreign)
        ),
    )  # fmt: skip
    day = TODAY - timedelta(days=1)
    assert (await facts_of(session)).flows == (
        FlowFacts("foreign", day, 300, 5, 480, 2),
        FlowFacts("institution", day, -1, 5, -5, 5),
        FlowFacts("individual", day, 0, 5, 0, 0),
    )
    assert "flows" not in (await facts_of(session)).gaps


async def test_dates_to_come_and_the_world_overnight_are_those_known_by_then(
    session: AsyncSession, version: int
) -> None:
    action = {"stock_code": CODE, "source": "dart", "factor": 0.2, "withdrawn": False, "known_at": NOW,
              "recorded_at": NOW}  # fmt: skip
    late = {"known_at": NOW + timedelta(seconds=1), "recorded_at": NOW + timedelta(seconds=1)}
    await add(
        session, CorporateAction, action | {"ex_date": TODAY}, action | {"ex_date": TODAY + timedelta(days=9)},
        action | {"ex_date": TODAY + timedelta(days=5), "withdrawn": True},
        action | {"ex_date": TODAY + timedelta(days=3)} | late,
    )  # fmt: skip
    close = {"source": "kis_world", "known_at": NOW - timedelta(hours=5), "recorded_at": NOW}
    old = {"symbol": "sp500", "known_at": NOW - timedelta(days=9)}
    await add(
        session, WorldDayRow,
        *({"symbol": "sox", "trade_date": TODAY - timedelta(days=n), "close": 96 + 2 * n} | close for n in (1, 2)),
        *({"trade_date": TODAY - timedelta(days=n), "close": 100} | close | old for n in (10, 11)),
    )  # fmt: skip
    sheet = await facts_of(session)
    assert sheet.dates == (DateFacts("ex_date", TODAY + timedelta(days=9), 0.2),)
    assert sheet.world == (WorldFacts("sox", TODAY - timedelta(days=1), -0.02),)


async def test_a_stock_halted_for_a_year_is_told_by_its_last_trade(session: AsyncSession, version: int) -> None:
    """Neither the moves nor the volume of last year stand there as today's, even while a source quotes it daily."""
    await add(session, Stock, {"code": OTHER, "name": "멈춘 회사", "market": "KOSDAQ", "status": "halted"})
    await add_bars(session, OTHER, [1_000 + n for n in range(30)], TODAY - timedelta(days=365))
    quote = {"last_price_krw": 1_029, "previous_close_krw": 1_029, "volume": 0, "ts": NOW, "source": "polling"}
    await add(session, QuoteRow, {"stock_code": OTHER, **quote})
    sheet = await sheet_of(session, OTHER)
    assert sheet.price is not None
    assert (sheet.price.day_return, sheet.price.five_day_return, sheet.price.volume_z) == (None, None, None)
    assert {"recent", "history", "volume", "move", "news", "forecast"} <= set(sheet.gaps)
    assert report_template.write(sheet).korean.startswith("# 멈춘 회사 (999990): 마지막 거래는 2025-11-20\n")


async def test_a_stock_with_one_day_has_a_price_and_no_return(session: AsyncSession, version: int) -> None:
    await add(session, Stock, {"code": OTHER, "name": "새 회사", "market": "KOSDAQ"})
    await add_bars(session, OTHER, [12_300], TODAY - timedelta(days=1))
    sheet = await sheet_of(session, OTHER)
    assert "recent" not in sheet.gaps
    written = report_template.write(sheet)
    assert written.korean.startswith("# 새 회사 (999990): 주가 12,300원\n")
    assert "No cause is known." in written.english


async def test_a_stock_that_goes_while_its_report_is_made_has_none(session: AsyncSession, version: int) -> None:
    await session.execute(text("UPDATE stocks SET state = 'archived' WHERE code = :code"), {"code": CODE})
    found = await report_facts.list_fact_sheets(
        session, {CODE: "person", "000000": "person"}, asof=NOW, trade_date=TODAY
    )
    assert list(found) == [CODE]
