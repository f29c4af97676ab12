"""The rule of priority: 1 comes first, whatever is done with stocks, and equals go by code."""

import json

from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.reader import open_reader
from backend.db.session import Database
from backend.services.forecasts import dashboard
from backend.services.news import news_intake
from backend.services.reports import report_due
from backend.services.reports.report_due import MarketPhase
from tests.factories import add_story
from tests.fixtures.news_rows import remember

# Codes run against priorities, so that an order by code cannot pass for one by priority.
STOCKS = {"000009": 1, "000002": 3, "000007": 3, "000001": 5}
FIRST_TO_LAST = list(STOCKS)


async def add_stocks(database: Database) -> None:
    async with database.write() as session:
        statement = text("INSERT INTO stocks (code, name, market, priority) VALUES (:code, :code, 'KOSPI', :priority)")
        rows = [{"code": code, "priority": priority} for code, priority in sorted(STOCKS.items())]
        await session.execute(statement, rows)


async def test_news_and_prices_are_read_of_priority_1_first(database: Database) -> None:
    await add_stocks(database)
    async with database.read() as session:
        watched = await news_intake.list_watched_stocks(session)
        some = await news_intake.list_watched_stocks(session, ["000001", "000009"])
    assert [stock.code for stock in watched] == FIRST_TO_LAST
    assert [stock.code for stock in some] == ["000009", "000001"]


async def test_reports_are_written_of_priority_1_first(database: Database) -> None:
    await add_stocks(database)
    async with database.write() as session:
        await add_story(session, *STOCKS)  # a stock without news gets no report of its own
        await remember(session)
    phase = MarketPhase(is_open=False, longest_age=None)
    async with database.read() as session:
        due = await report_due.list_due_stocks(session, asof=clock.now(), phase=phase)
        asked = await report_due.list_asked_stocks(session, sorted(STOCKS), asof=clock.now())
    assert [stock.stock_code for stock in due] == FIRST_TO_LAST
    assert [stock.stock_code for stock in asked] == FIRST_TO_LAST


async def test_the_page_shows_priority_1_first(database: Database, settings: Settings) -> None:
    await add_stocks(database)
    reader = await open_reader(settings, "test")
    try:
        overview = json.loads(await dashboard.get_overview(reader, "{}"))
    finally:
        await reader.close()
    assert [stock["code"] for stock in overview["stocks"]] == FIRST_TO_LAST
