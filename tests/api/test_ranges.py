"""Ranges of time on lists, and bars of minutes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import insert, text

from backend import clock
from backend.db.session import Database
from backend.db.tables.bars import MinuteBarRow
from backend.services.market.bars import ensure_partitions
from tests.api.test_refusals import problem_of
from tests.factories import SAMSUNG, World, add_bar, add_stock

SEOUL = ZoneInfo("Asia/Seoul")
OPENS = datetime(2026, 11, 26, 9, 0, tzinfo=SEOUL)
MINUTES = text("""
    INSERT INTO minute_bars (stock_code, ts, open_krw, high_krw, low_krw, close_krw, volume, source)
    SELECT :code, CAST(:opens AS timestamptz) + n * interval '1 minute', 100 + n, 110 + n, 90 + n, 101 + n, n, 'kis'
    FROM generate_series(0, 389) n WHERE n <> 7
""")


@pytest.fixture
async def minutes(database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        await ensure_partitions(session, [(2026, 11)])
        await session.execute(MINUTES, {"code": SAMSUNG, "opens": OPENS})


async def bars_of(client: httpx.AsyncClient, **asked: str | int) -> list[dict[str, int | str]]:
    answer = await client.get(f"/api/stocks/{SAMSUNG}/bars/minutes", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, int | str]] = answer.json()["items"]
    return items


async def test_minutes_are_joined_to_longer_bars(client: httpx.AsyncClient, minutes: None) -> None:
    newest, *_ = await bars_of(client, limit=1)
    assert (newest["close_krw"], newest["source"]) == (490, "kis")
    five = await bars_of(client, minutes=5, limit=200)
    assert len(five) == 78
    second = five[-2]  # minutes 5, 6, 8 and 9: of the eighth there was no trade
    assert datetime.fromisoformat(str(second["ts"])) == OPENS + timedelta(minutes=5)
    assert [second[name] for name in ("open_krw", "high_krw", "low_krw", "close_krw", "volume")] == [
        105,
        119,
        95,
        110,
        28,
    ]
    hours = await bars_of(client, minutes=60)
    assert [datetime.fromisoformat(str(bar["ts"])).astimezone(SEOUL).hour for bar in hours] == [
        15,
        14,
        13,
        12,
        11,
        10,
        9,
    ]
    assert sum(int(bar["volume"]) for bar in hours) == sum(range(390)) - 7


async def test_pages_and_ranges_of_minutes_fit_together(client: httpx.AsyncClient, minutes: None) -> None:
    whole = await bars_of(client, minutes=10, limit=200)
    found, cursor = [], ""
    while True:
        asked = {"minutes": 10, "limit": 4} | ({"cursor": cursor} if cursor else {})
        answer = (await client.get(f"/api/stocks/{SAMSUNG}/bars/minutes", params=asked)).json()
        found += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert found == whole
    part = await bars_of(client, minutes=10, since=OPENS.isoformat(), until=(OPENS + timedelta(minutes=20)).isoformat())
    assert part == whole[-2:]
    late = await client.get(f"/api/stocks/{SAMSUNG}/bars/minutes?format=csv&minutes=60")
    assert len(late.text.splitlines()) == 8
    assert problem_of(await client.get("/api/stocks/999999/bars/minutes"))["status"] == 404
    assert problem_of(await client.get(f"/api/stocks/{SAMSUNG}/bars/minutes?minutes=7"))["status"] == 422


async def test_a_minute_that_has_not_come_is_not_told(client: httpx.AsyncClient, database: Database) -> None:
    now = clock.now().replace(second=0, microsecond=0)
    bars = [(now - timedelta(minutes=1), 11), (now + timedelta(minutes=2), 12)]
    async with database.write() as session:
        await add_stock(session)
        await ensure_partitions(session, {(ts.year, ts.month) for ts, _ in bars})
        for ts, price in bars:
            prices = {"open_krw": price, "high_krw": price, "low_krw": price, "close_krw": price}
            await session.execute(
                insert(MinuteBarRow).values(stock_code=SAMSUNG, ts=ts, volume=1, source="t", **prices)
            )
    assert [bar["close_krw"] for bar in await bars_of(client)] == [11]


async def test_days_of_a_range_are_both_included(client: httpx.AsyncClient, database: Database) -> None:
    days = [date(2026, 11, 23) + timedelta(days=n) for n in range(5)]
    async with database.write() as session:
        await add_stock(session)
        for day in days:
            await add_bar(session, day)
    answer = await client.get(f"/api/stocks/{SAMSUNG}/bars", params={"since": "2026-11-24", "until": "2026-11-26"})
    assert [bar["trade_date"] for bar in answer.json()["items"]] == ["2026-11-26", "2026-11-25", "2026-11-24"]


@pytest.mark.parametrize(
    "path", ["/api/news", "/api/prediction", "/api/reports", "/api/runs", "/api/briefs", "/api/audit"]
)
async def test_moments_of_a_range_begin_inside_and_end_before(
    writer: httpx.AsyncClient, world: World, path: str
) -> None:
    await writer.post("/api/reports", json={"stock_code": SAMSUNG})
    name = {"/api/news": "known_at", "/api/runs": "created_at", "/api/audit": "ts"}.get(path, "asof")
    for item in (await writer.get(path)).json()["items"]:
        moment = datetime.fromisoformat(item[name])
        here = await writer.get(path, params={"since": moment.isoformat()})
        before = await writer.get(path, params={"until": moment.isoformat()})
        assert item in here.json()["items"]
        assert item not in before.json()["items"]
    wrong = {
        "since": datetime(2026, 1, 2, tzinfo=UTC).isoformat(),
        "until": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
    }
    assert path == "/api/audit" or problem_of(await writer.get(path, params=wrong))["status"] == 422
