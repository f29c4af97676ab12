"""A stock is added by its code or its name alone, paused, archived and brought back."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.db.session import Database
from backend.domain.market import Listing, Market, StockStatus
from backend.services.market import listings
from backend.services.operations.sources import record_switches
from tests.factories import SAMSUNG, World

NAMES = (
    ("005930", "삼성전자", Market.KOSPI),
    ("005935", "삼성전자우", Market.KOSPI),
    ("035720", "카카오", Market.KOSPI),
    ("293490", "카카오게임즈", Market.KOSDAQ),
    ("0126Z0", "삼성에피스홀딩스", Market.KOSPI),
)
KAKAO = {"code": "035720", "name": "카카오", "market": "KOSPI"}


@pytest.fixture
async def listed(writer: httpx.AsyncClient, database: Database) -> httpx.AsyncClient:
    """A client that may write, over a filled list of stocks."""
    async with database.write() as session:
        rows = [Listing(code, name, market, StockStatus.NORMAL, None) for code, name, market in NAMES]
        assert await listings.store_listings(session, rows) == len(NAMES)
        assert await listings.store_listings(session, rows) == 0
    return writer


def told(answer: httpx.Response) -> Any:
    return {name: answer.json()[name] for name in ("code", "name", "market")}


@pytest.mark.parametrize(
    "given",
    [
        {"code": "035720"},
        {"name": "카카오"},
        {"name": " 카 카오 "},
        {"code": "035720", "name": "카카오"},
        {"name": "카카오", "market": "KOSPI"},
    ],
)
async def test_a_code_or_a_name_is_enough(listed: httpx.AsyncClient, given: dict[str, str]) -> None:
    answer = await listed.post("/api/stocks", json=given | {"history": False})
    assert (answer.status_code, told(answer), answer.json()["notice"]) == (201, KAKAO, None)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Give the code or the name of a stock"),
        ({"code": "000001", "name": "가짜", "market": "KOSPI"}, "No stock with the code 000001 is listed on KOSPI or"),
        ({"code": "035720", "name": "삼성전자"},
         "035720 is 카카오, not 삼성전자; leave the name out, or correct the code (close: 삼성전자 (005930), "),
        ({"name": "카카오", "market": "KOSDAQ"}, "카카오 (035720) is listed on KOSPI, not KOSDAQ; leave"),
        ({"code": "293490", "market": "KONEX"}, "카카오게임즈 (293490) is listed on KOSDAQ, not KONEX"),
        ({"name": "카카"}, "No stock named 카카 is listed on KOSPI or KOSDAQ (close: 카카오 (035720), 카카오게임즈 ("),
        ({"name": "Apple"}, "No stock named Apple is listed on KOSPI or KOSDAQ; azak follows Korean stocks only"),
        ({"name": "한" * 100}, "No stock named"),
        ({"code": "217320", "market": "KONEX"}, "The list of stocks does not know KONEX; give"),
    ],
)  # fmt: skip
async def test_a_stock_that_is_not_listed_so_is_refused(
    listed: httpx.AsyncClient, given: dict[str, str], sentence: str
) -> None:
    answer = await listed.post("/api/stocks", json=given)
    assert (answer.status_code, answer.json()["detail"][: len(sentence)]) == (422, sentence)
    assert (await listed.get("/api/stocks")).json()["items"] == []


async def test_konex_and_an_empty_list_take_what_is_given_whole_and_say_so(
    listed: httpx.AsyncClient, database: Database
) -> None:
    given = {"code": "217320", "name": "썬테크", "market": "KONEX", "history": False}
    answer = await listed.post("/api/stocks", json=given)
    assert (answer.status_code, "썬테크 (217320) was not checked" in answer.json()["notice"]) == (201, True)
    async with database.write() as session:
        await session.execute(text("DELETE FROM listings"))
    answer = await listed.post("/api/stocks", json=KAKAO | {"history": False})
    assert (answer.status_code, "카카오 (035720) was not checked" in answer.json()["notice"]) == (201, True)
    answer = await listed.post("/api/stocks", json={"name": "삼성전자"})
    assert (answer.status_code, "azak jobs run refresh_stocks" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize(("history", "status"), [(False, 201), (True, 202)])
async def test_a_stock_without_a_source_of_prices_says_so(
    listed: httpx.AsyncClient, database: Database, history: bool, status: int
) -> None:
    async with database.write() as session:
        await record_switches(session, [("kis", "prices", "off: needs AZAK_SOURCES_KIS_APP_KEY")])
    answer = await listed.post("/api/stocks", json={"code": "035720", "history": history})
    expected = "prices: no source is on, so no predictions: set AZAK_SOURCES_KIS_APP_KEY and "
    assert (answer.status_code, answer.json()["notice"][: len(expected)]) == (status, expected)


async def test_a_stock_is_paused_archived_and_brought_back(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    path = f"/api/stocks/{SAMSUNG}"
    before = (await writer.get("/api/prediction", params={"stock_code": SAMSUNG})).json()

    async def set_state(state: str) -> tuple[set[str], int]:
        """Sets the state; the codes of the list, and the stocks of the overview."""
        answer = await writer.patch(path, json={"state": state})
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        assert answer.json()["is_active"] is (state == "active")
        codes = {stock["code"] for stock in (await writer.get("/api/stocks")).json()["items"]}
        overview = (await writer.get("/api/dashboard")).json()
        assert overview["counts"]["stocks"] == len(overview["stocks"])
        return codes, overview["counts"]["stocks"]

    assert await set_state("paused") == ({SAMSUNG, "000660"}, 1)
    for state in ("paused", "archived"):
        await set_state(state)
        refused = await writer.post("/api/reports", json={"stock_code": SAMSUNG})
        assert (refused.status_code, f"005930 is {state}" in refused.json()["detail"]) == (409, True)
    assert await set_state("archived") == ({"000660"}, 1)
    archived = (await writer.get("/api/stocks", params={"state": "archived"})).json()["items"]
    assert [stock["code"] for stock in archived] == [SAMSUNG]
    assert (await writer.get(path)).status_code == 200
    assert (await writer.get("/api/prediction", params={"stock_code": SAMSUNG})).json() == before
    assert (await writer.get(f"{path}/bars")).json()["items"]
    answer = await writer.post("/api/stocks", json={**KAKAO, "code": SAMSUNG, "name": "삼성전자", "history": False})
    assert (answer.status_code, answer.json()["state"]) == (201, "active")
    assert await set_state("active") == ({SAMSUNG, "000660"}, 2)


async def test_only_a_known_stock_takes_a_known_state(writer: httpx.AsyncClient, world: World) -> None:
    assert (await writer.patch("/api/stocks/999990", json={"state": "paused"})).status_code == 404
    for body in ({"state": "deleted"}, {}, {"state": "paused", "priority": 1}):
        assert (await writer.patch(f"/api/stocks/{SAMSUNG}", json=body)).status_code == 422
