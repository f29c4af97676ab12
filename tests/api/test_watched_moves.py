"""Beside the overview: why each watched stock moved last, and the lines of its closes and of the indexes."""

from datetime import date, timedelta

import httpx
from sqlalchemy import insert, text, update

from backend.db.session import Database
from backend.db.tables.bars import DailyBarRow, IndexBarRow
from tests.factories import HYNIX, SAMSUNG, add_bar, add_move, add_stock, add_story

DAY = date(2026, 11, 20)
URL = "/api/dashboard/moves"


async def test_the_newest_move_of_each_watched_stock(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        await add_stock(session, HYNIX, "SK하이닉스")
        second, first = await add_story(session, SAMSUNG), await add_story(session, SAMSUNG, title="첫째")
        await add_move(session, DAY - timedelta(days=1))
        await add_move(session, DAY, is_final=False, story_ids=[first, second], move=-0.04)
        await add_move(session, DAY, HYNIX, own_sigmas=0.5, story_ids=None)
        for day, close in ((DAY, 2600.5), (DAY - timedelta(days=1), 2500)):
            await session.execute(
                insert(IndexBarRow).values(index_code="KOSPI", trade_date=day, close=close, source="t")
            )
    answer = (await client.get(URL)).json()
    found = {item["stock_code"]: item["move"] for item in answer["items"]}
    assert (found[SAMSUNG]["trade_date"], found[SAMSUNG]["move"], found[SAMSUNG]["cause"]) == (
        "2026-11-20",
        -0.04,
        "story",
    )
    assert (found[SAMSUNG]["story"]["title"], found[SAMSUNG]["is_final"]) == ("첫째", False)
    assert (found[HYNIX]["cause"], found[HYNIX]["story"]) == ("usual", None)
    assert answer["indexes"] == [{"index_code": "KOSPI", "closes": [2500, 2600.5]}]


async def test_closes_are_of_twenty_sessions_oldest_first_in_one_unit(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.write() as session:
        await add_stock(session)
        for number in range(22):
            await add_bar(session, DAY - timedelta(days=number), close_krw=1000 + number)
        await session.execute(
            update(DailyBarRow).where(DailyBarRow.trade_date < DAY - timedelta(days=10)).values(adjust_factor=0.5)
        )
    (item,) = (await client.get(URL)).json()["items"]
    assert len(item["closes_krw"]) == 20
    assert item["closes_krw"][-1] == 1000
    assert item["closes_krw"][0] == round(1019 * 0.5)
    assert item["move"] is None


async def test_a_stock_without_anything_and_one_that_is_not_watched(
    client: httpx.AsyncClient, database: Database
) -> None:
    assert (await client.get(URL)).json() == {"items": [], "indexes": []}
    async with database.write() as session:
        await add_stock(session)
        await add_stock(session, HYNIX, "SK하이닉스")
        await session.execute(text("UPDATE stocks SET state = 'archived' WHERE code = :code"), {"code": HYNIX})
    assert (await client.get(URL)).json()["items"] == [{"stock_code": SAMSUNG, "move": None, "closes_krw": []}]
