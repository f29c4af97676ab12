"""What a chart draws beside daily bars."""

from datetime import date

import httpx
from sqlalchemy import insert

from backend.db.session import Database
from backend.db.tables.bars import IndexBarRow
from tests.factories import HYNIX, SAMSUNG, add_news, add_stock, add_story

URL = f"/api/stocks/{SAMSUNG}"


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
