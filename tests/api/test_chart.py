"""What a chart draws beside daily bars."""

from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import insert

from backend import clock
from backend.db.session import Database
from backend.db.tables.bars import IndexBarRow, MinuteBarRow
from backend.services.market import bars
from tests.factories import HYNIX, SAMSUNG, add_news, add_stock, add_story

URL = f"/api/stocks/{SAMSUNG}"


def minute(ago_s: float, **values: Any) -> dict[str, Any]:
    prices = {"open_krw": 10, "high_krw": 12, "low_krw": 9, "close_krw": 11, "volume": 5, "source": "t"}
    return {"stock_code": SAMSUNG, "ts": clock.now() - timedelta(seconds=ago_s), **prices, **values}


async def test_minutes_are_of_the_last_session_and_never_of_the_future(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.write() as session:
        await add_stock(session)
    assert (await client.get(f"{URL}/minutes")).json() == {"items": []}
    async with database.write() as session:
        days = [clock.now() - timedelta(days=number) for number in range(-1, 2)]
        await bars.ensure_partitions(session, {(day.year, day.month) for day in days})
        for bar in (minute(120), minute(60, close_krw=12), minute(20 * 3600), minute(-60)):
            await session.execute(insert(MinuteBarRow).values(bar))
    found = (await client.get(f"{URL}/minutes")).json()["items"]
    assert [bar["close_krw"] for bar in found] == [11, 12]


async def test_events_have_their_sign_and_come_once(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        await add_stock(session, HYNIX, "SK하이닉스")
        older = await add_story(session, SAMSUNG, ago_s=90)
        newer = await add_story(session, SAMSUNG, title="둘째", ago_s=30)
        await add_story(session, HYNIX)
        await add_news(session, SAMSUNG, story_id=older)
    first = (await client.get(f"{URL}/events?limit=1")).json()
    second = (await client.get(f"{URL}/events?limit=1&cursor={first['next_cursor']}")).json()
    assert [item["story_id"] for item in first["items"] + second["items"]] == [newer, older]
    assert (first["items"][0]["title"], first["items"][0]["sign"], second["next_cursor"]) == ("둘째", "0", None)


async def test_an_index_has_its_closes(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        for number in range(3):
            values = {"trade_date": date(2026, 11, 20 - number), "close": 2500 + number, "source": "t"}
            await session.execute(insert(IndexBarRow).values(index_code="KOSPI", **values))
    found = (await client.get("/api/indexes/KOSPI/bars?limit=2")).json()
    assert [(bar["trade_date"], bar["close"]) for bar in found["items"]] == [("2026-11-20", 2500), ("2026-11-19", 2501)]
    assert (await client.get("/api/indexes/KONEX/bars")).json()["items"] == []
    assert (await client.get("/api/indexes/NASDAQ/bars")).status_code == 422


async def test_a_stock_that_is_not_watched_has_none_of_it(client: httpx.AsyncClient) -> None:
    for part in ("minutes", "events"):
        assert (await client.get(f"/api/stocks/999999/{part}")).status_code == 404
