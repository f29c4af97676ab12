"""A stock is added by its code or its name alone, paused, archived and brought back."""

from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend import clock
from backend.db.session import Database
from backend.db.tables.stocks import ListingEventRow
from backend.domain.market import Market
from backend.domain.operations import SourceSwitch, needs_key
from backend.services.operations.sources import record_switches
from tests.factories import SAMSUNG, World, add, add_listing

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
        for code, name, market in NAMES:
            await add_listing(session, code, name, market)
        await add_listing(session, "069500", "KODEX 200", kind="fund", group_code="EF")
        await add_listing(session, "042660", "대우조선해양", delisted_on=date(2026, 10, 1))
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
        ({"code": "000001", "name": "가짜", "market": "KOSPI"}, "No stock with the code 000001 is listed"),
        ({"code": "035720", "name": "삼성전자"},
         "035720 is 카카오, not 삼성전자; leave the name out, or correct the code (close: 삼성전자 (005930), "),
        ({"name": "카카오", "market": "KOSDAQ"}, "카카오 (035720) is listed on KOSPI, not KOSDAQ; leave"),
        ({"code": "293490", "market": "KONEX"}, "카카오게임즈 (293490) is listed on KOSDAQ, not KONEX"),
        ({"name": "카카"}, "No stock named 카카 is listed (close: 카카오 (035720), 카카오게임즈 ("),
        ({"name": "Apple"}, "No stock named Apple is listed; azak follows Korean stocks only"),
        ({"name": "한" * 100}, "No stock named"),
        ({"name": "대우조선해양"}, "No stock named 대우조선해양 is listed"),
        ({"code": "217320", "market": "KONEX"}, "The list of stocks does not know KONEX; give"),
    ],
)  # fmt: skip
async def test_a_stock_that_is_not_listed_so_is_refused(
    listed: httpx.AsyncClient, given: dict[str, str], sentence: str
) -> None:
    answer = await listed.post("/api/stocks", json=given)
    assert (answer.status_code, answer.json()["detail"][: len(sentence)]) == (422, sentence)
    assert (await listed.get("/api/stocks")).json()["items"] == []


async def test_a_fund_is_watched_and_never_forecast_and_every_refusal_says_so(
    listed: httpx.AsyncClient, database: Database
) -> None:
    answer = await listed.post("/api/stocks", json={"name": "KODEX 200"})
    assert (answer.status_code, answer.json()["kind"]) == (202, "load_history")
    assert answer.json()["notice"].startswith("KODEX 200 (069500) is a fund: its news and prices are kept, and nothing")
    assert (await listed.get("/api/stocks/069500")).json()["kind"] == "fund"
    for path in ("/api/prediction", "/api/reports"):
        refused = await listed.post(path, json={"stock_code": "069500"})
        assert (refused.status_code, refused.json()["errors"][0]["kind"]) == (409, "no-forecast-of-kind")
        assert refused.json()["detail"].startswith("KODEX 200 (069500) is a fund (ETF or ETN), and azak forecasts")
    for job in ("generate_predictions", "generate_reports", "backtest"):
        refused = await listed.post(f"/api/jobs/{job}/runs", json={"arguments": {"stock_codes": ["069500"]}})
        assert (refused.status_code, "forecast or reported of them: KODEX 200 (069500)" in refused.text) == (422, True)
    async with database.read() as session:
        kinds = await session.execute(text("SELECT kind, is_active, is_forecast FROM stocks"))
        assert [tuple(row) for row in kinds] == [("fund", True, False)]


async def test_a_renamed_stock_is_told_in_health_until_it_was_seen(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.write() as session:
        await add(
            session, ListingEventRow, stock_code=SAMSUNG, trade_date=date(2026, 10, 1), kind="renamed", old="삼성",
            new="삼성전자", source="kis_master", known_at=clock.now(), recorded_at=clock.now(),
        )  # fmt: skip

    async def told() -> bool:
        reasons = (await writer.get("/api/health")).json()["reasons"]
        return any(f"azak stocks seen {SAMSUNG}" in reason for reason in reasons)

    assert await told()
    assert (await writer.patch(f"/api/stocks/{SAMSUNG}", json={})).status_code == 422
    answer = await writer.patch(f"/api/stocks/{SAMSUNG}", json={"seen": True})
    assert (answer.status_code, answer.json()["state"], await told()) == (200, "active", False)


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
        await record_switches(session, [SourceSwitch("kis", "prices", needs_key("AZAK_SOURCES_KIS_APP_KEY"))])
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


async def test_a_stock_gets_another_name_unless_it_is_none_of_its_own(listed: httpx.AsyncClient, world: World) -> None:
    async def rename(*aliases: str, code: str = SAMSUNG) -> httpx.Response:
        return await listed.patch(f"/api/stocks/{code}", json={"aliases": list(aliases)})

    assert (await rename("반도체왕", "삼 전")).json()["aliases"] == ["반도체왕", "삼 전"]
    assert (await rename("반도체왕", "반도체 왕")).json()["aliases"] == ["반도체 왕"]
    for alias, status, sentence in (
        ("왕", 422, "'왕' is too short; give a name of 2 letters or more."),
        ("삼성", 422, "'삼성' is the name of a group of companies; give a name of 삼성전자 alone."),
        ("삼성 전자", 422, "'삼성 전자' is the stock's own name; give another one."),
        ("카카오게임즈", 409, "'카카오게임즈' is a name of 카카오게임즈 (293490); give one that no other stock has."),
    ):
        answer = await rename("반도체 왕", alias)
        assert (answer.status_code, answer.json()["detail"]) == (status, sentence)
    assert (await rename("왕국", code="999999")).status_code == 404
    assert (await listed.get(f"/api/stocks/{SAMSUNG}")).json()["aliases"] == ["반도체 왕"]
    assert (await rename()).json()["aliases"] == []
