"""Studies of events: the newest snapshot, of all stocks or of one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.db.session import Database
from backend.domain.understanding.event_studies import Study
from backend.services.record import event_studies

MOMENT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
ROUTE = "/api/events/studies"


def study(event_type: str, sign: str, horizon: int = 1, stock: str = "all", mean: float = 0.01) -> Study:
    return Study(event_type, sign, "any", stock, horizon, 30, 25, mean, 0.002, 0.018, 0.008, None, "effect")


@pytest.fixture
async def snapshots(database: Database) -> None:
    own = study("contract", "+", stock="005930", mean=0.03)
    newest = [study("contract", "+"), study("contract", "+", 5), study("lawsuit", "-"), study("contract", "any"), own]
    for age, studies in ((1, [study("contract", "+", mean=0.5)]), (0, newest)):
        async with database.write() as session:
            await event_studies.record_snapshot(session, MOMENT - timedelta(days=age), studies)


async def items(client: httpx.AsyncClient, query: str = "") -> list[tuple[Any, ...]]:
    found = (await client.get(f"{ROUTE}{query}")).raise_for_status().json()["items"]
    return [(item["type"], item["sign"], item["horizon"], item["mean"]) for item in found]


@pytest.mark.usefixtures("snapshots")
async def test_the_newest_snapshot_of_all_stocks(client: httpx.AsyncClient) -> None:
    answer = (await client.get(ROUTE)).json()
    assert datetime.fromisoformat(answer["computed_at"]) == MOMENT
    assert "not investment advice" in answer["disclaimer"]["en"]
    assert answer["items"][0] == {
        "type": "contract", "sign": "+", "size": "any", "stock_code": "all", "horizon": 1, "n": 30, "n_days": 25,
        "mean": 0.01, "low": 0.002, "high": 0.018, "shrunk": 0.008, "drift": None, "verdict": "effect",
    }  # fmt: skip
    assert len(answer["items"]) == 4


@pytest.mark.usefixtures("snapshots")
async def test_filters(client: httpx.AsyncClient) -> None:
    assert await items(client, "?type=lawsuit") == [("lawsuit", "-", 1, 0.01)]
    assert await items(client, "?sign=any") == [("contract", "any", 1, 0.01)]
    assert await items(client, "?horizon=5") == [("contract", "+", 5, 0.01)]
    assert await items(client, "?stock_code=005930") == [("contract", "+", 1, 0.03)]
    assert await items(client, "?stock_code=000660") == []
    assert await items(client, "?type=contract&sign=%2B&horizon=1") == [("contract", "+", 1, 0.01)]


async def test_before_the_first_night(client: httpx.AsyncClient) -> None:
    answer = (await client.get(ROUTE)).json()
    assert (answer["computed_at"], answer["items"]) == (None, [])
