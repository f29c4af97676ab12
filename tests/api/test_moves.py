"""Why a stock moved, as the API tells it: parts by name, and one word for what explains the own part."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.db.session import Database
from tests.factories import HYNIX, SAMSUNG, add_move, add_stock, add_story

DAY = date(2026, 11, 20)
URL = f"/api/stocks/{SAMSUNG}/moves"


@pytest.fixture
async def stock(database: Database) -> Database:
    async with database.write() as session:
        await add_stock(session)
        await add_stock(session, HYNIX, "SK하이닉스")
    return database


async def told(client: httpx.AsyncClient) -> Any:
    return (await client.get(URL)).json()["items"][0]


async def test_a_move_is_told_in_parts_that_exist(client: httpx.AsyncClient, stock: Database) -> None:
    async with stock.write() as session:
        await add_move(session, DAY)
        await add_move(session, DAY - timedelta(days=1), industry_part=None, industry_stocks=2)
    newest, older = (await client.get(URL)).json()["items"]
    assert newest["parts"] == [
        {"part": "market", "share": 0.01}, {"part": "industry", "share": 0.005}, {"part": "own", "share": 0.015},
    ]  # fmt: skip
    assert [part["part"] for part in older["parts"]] == ["market", "own"]
    assert (newest["move"], newest["market_return"], newest["own_sigmas"], newest["is_final"]) == (
        0.03,
        0.01,
        1.5,
        True,
    )
    assert (older["industry_stocks"], older["trade_date"]) == (2, "2026-11-19")


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"own_sigmas": 0.99, "story_ids": None}, "usual"),
        ({"own_sigmas": -0.99, "story_ids": None}, "usual"),
        ({"own_sigmas": -1.0, "story_ids": None}, "unknown"),
        ({"own_sigmas": 1.0, "story_ids": []}, "no_story"),
    ],
)
async def test_what_explains_it_has_one_word(
    client: httpx.AsyncClient, stock: Database, values: dict[str, Any], cause: str
) -> None:
    async with stock.write() as session:
        await add_move(session, DAY, **values)
    found = await told(client)
    assert (found["cause"], found["stories"]) == (cause, [])


async def test_stories_come_in_their_order_with_their_heads(client: httpx.AsyncClient, stock: Database) -> None:
    async with stock.write() as session:
        second = await add_story(session, SAMSUNG, title="둘째")
        first = await add_story(session, SAMSUNG, title="첫째")
        await add_move(session, DAY, story_ids=[first, second])
    found = await told(client)
    assert found["cause"] == "story"
    assert [(story["story_id"], story["title"]) for story in found["stories"]] == [(first, "첫째"), (second, "둘째")]
    news = await client.get(f"/api/news/{found['stories'][0]['news_id']}")
    assert news.json()["news"]["title"] == "첫째"


async def test_a_story_that_joined_another_one_is_shown_no_more(client: httpx.AsyncClient, stock: Database) -> None:
    async with stock.write() as session:
        story = await add_story(session, SAMSUNG)
        await add_move(session, DAY, story_ids=[story])
        await session.execute(text("UPDATE news SET story_id = NULL"))
        await session.execute(text("UPDATE stories SET head_news_id = NULL, size = 0"))
    found = await told(client)
    assert (found["cause"], found["stories"]) == ("no_story", [])


async def test_moves_are_newest_first_and_paged(client: httpx.AsyncClient, stock: Database) -> None:
    async with stock.write() as session:
        for number in range(3):
            await add_move(session, DAY - timedelta(days=number))
        await add_move(session, DAY + timedelta(days=1), HYNIX)
    first = (await client.get(f"{URL}?limit=2")).json()
    second = (await client.get(f"{URL}?limit=2&cursor={first['next_cursor']}")).json()
    days = [item["trade_date"] for item in first["items"] + second["items"]]
    assert days == ["2026-11-20", "2026-11-19", "2026-11-18"]
    assert second["next_cursor"] is None


async def test_the_stock_shows_its_newest_move(client: httpx.AsyncClient, stock: Database) -> None:
    assert (await client.get(f"/api/stocks/{SAMSUNG}")).json()["move"] is None
    async with stock.write() as session:
        await add_move(session, DAY - timedelta(days=1))
        await add_move(session, DAY, is_final=False, story_ids=[await add_story(session, SAMSUNG)])
    shown = (await client.get(f"/api/stocks/{SAMSUNG}")).json()
    listed = await told(client)
    assert {name: shown["move"][name] for name in ("trade_date", "parts", "cause", "own_sigmas")} == {
        name: listed[name] for name in ("trade_date", "parts", "cause", "own_sigmas")
    }
    assert (shown["move"]["is_final"], shown["move"]["cause"], shown["name"]) == (False, "story", "삼성전자")


async def test_an_unknown_stock_has_no_moves(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/stocks/999999/moves")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
