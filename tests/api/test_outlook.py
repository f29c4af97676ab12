"""What stands first of a stock: how large its next move may be, and the event behind it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from backend import clock
from backend.db.base import Base
from backend.db.session import Database
from backend.db.tables.news import News, NewsStock, Story
from tests.factories import HYNIX, SAMSUNG, add_prediction, add_stock, add_story, add_version

SIZE = {
    "expected": 0.031, "usual": 0.018, "large": 0.027, "p_large": 0.34, "p_3pct": 0.29, "quantiles": [],
    "references": {},
}  # fmt: skip
BAND = [66_000, 67_000, 69_000, 71_000, 73_000, 75_000, 76_000]
DAYS = 24 * 60 * 60


@pytest.fixture
async def sized(database: Database) -> Database:
    """Samsung with forecasts of size for one and three sessions; of Hynix nothing is said."""
    async with database.write() as session:
        await add_stock(session)
        await add_stock(session, HYNIX, "SK하이닉스")
        version = await add_version(session, "size")
        for horizon in (3, 1):
            await add_prediction(session, version, horizon=horizon, size=SIZE, quantiles_krw=BAND)
    return database


async def test_sizes_of_a_stock(client: httpx.AsyncClient, sized: Database) -> None:
    stock = (await client.get(f"/api/stocks/{SAMSUNG}")).json()
    first, second = stock["sizes"]
    assert (first["horizon"], second["horizon"]) == (1, 3)
    assert {name: first[name] for name in ("expected", "usual", "large", "p_large", "p_3pct")} == {
        name: SIZE[name] for name in ("expected", "usual", "large", "p_large", "p_3pct")
    }
    # The edges of the 80% band: the prices at .1 and .9.
    assert (first["low_krw"], first["high_krw"]) == (67_000, 75_000)
    assert (await client.get(f"/api/stocks/{HYNIX}")).json()["sizes"] == []


async def test_the_overview_has_the_size_of_the_next_session(client: httpx.AsyncClient, sized: Database) -> None:
    rows = {row["code"]: row for row in (await client.get("/api/dashboard")).json()["stocks"]}
    assert (rows[SAMSUNG]["size"]["horizon"], rows[SAMSUNG]["size"]["expected"]) == (1, 0.031)
    assert rows[HYNIX]["size"] is None


async def test_a_session_that_is_over_is_no_outlook(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        day = clock.now().astimezone(clock.KST).date() - timedelta(days=2)
        version = await add_version(session, "size")
        await add_prediction(session, version, size=SIZE, quantiles_krw=BAND, trade_date=day)
    assert (await client.get(f"/api/stocks/{SAMSUNG}")).json()["sizes"] == []


async def test_the_event_that_matters_most(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        await add_stock(session, HYNIX, "SK하이닉스")
        small = await add_story(session, SAMSUNG, title="삼성전자, 소규모 공급 계약", ago_s=60)
        large = await add_story(session, SAMSUNG, title="삼성전자, 3조원 유상증자", ago_s=2 * DAYS)
        await session.execute(update(Story).where(Story.id == small).values(materiality=1))
        await session.execute(update(Story).where(Story.id == large).values(materiality=3, event_type="rights_issue"))
    found = [(await client.get(f"/api/stocks/{SAMSUNG}")).json()["event"]]
    found += [row["event"] for row in (await client.get("/api/dashboard")).json()["stocks"] if row["code"] == SAMSUNG]
    assert [event["title"] for event in found] == ["삼성전자, 3조원 유상증자"] * 2
    assert (found[0]["story_id"], found[0]["event_type"]) == (large, "rights_issue")
    assert (await client.get(f"/api/stocks/{HYNIX}")).json()["event"] is None


@pytest.mark.parametrize(
    ("ago_s", "changes"),
    [
        (3 * DAYS + 60, {}),
        (60, {Story: {"event_type": "other"}}),
        (60, {Story: {"event_type": "price_move"}}),
        (60, {NewsStock: {"confidence": 0.4}}),
        (60, {News: {"flags": ["roundup"]}}),
    ],
    ids=["old", "no event", "a move", "hardly about it", "a roundup"],
)
async def test_what_is_no_event_of_a_stock(
    client: httpx.AsyncClient, database: Database, ago_s: float, changes: dict[type[Base], dict[str, Any]]
) -> None:
    async with database.write() as session:
        await add_stock(session)
        await add_story(session, SAMSUNG, ago_s=ago_s)
        for table, values in changes.items():
            await session.execute(update(table).values(**values))
    assert (await client.get(f"/api/stocks/{SAMSUNG}")).json()["event"] is None
    assert [row["event"] for row in (await client.get("/api/dashboard")).json()["stocks"]] == [None]
