"""The world's closes, read by refresh_stocks over real HTTP from the stand-in and from KIS on a morning."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from backend import clock
from backend.clock import KST
from backend.config import Settings
from backend.db.session import Database
from backend.domain.knowledge import Knowledge
from backend.internal import RefreshArguments
from backend.krx import Calendar, DemoCalendar, KrxCalendar
from backend.pipelines.market import refresh_stocks
from backend.pipelines.sources import catalogue
from backend.services.market.drivers import investor_flows, world_days
from tests.fixtures.standin import StandIn
from tests.sources import world
from tests.sources.outside import Outside, http

WORLD = ("kis_world", "naver_world")
MORNING = datetime(2026, 11, 26, 8, 10, tzinfo=KST)
STORED = "SELECT symbol, trade_date, close FROM world_days ORDER BY 1, 2"


def ready(settings: Settings, standin: StandIn) -> None:
    """Every source at the stand-in, which gives a token again."""
    world.configure_standin(settings, standin.url)
    httpx.post(f"{standin.url}/_control/reset", timeout=10).raise_for_status()


def keep_only(settings: Settings, *names: str) -> None:
    settings.sources.off = ",".join(name for name in catalogue.SOURCES if name not in names)


async def refresh(settings: Settings, database: Database, calendar: Calendar) -> Mapping[str, int]:
    context = await world.new_context(settings, database, calendar, "refresh_stocks")
    return (await refresh_stocks.run(context, RefreshArguments())).detail


async def test_both_sources_of_the_demo_tell_the_closes_of_its_sessions(
    settings: Settings, database: Database, standin: StandIn
) -> None:
    ready(settings, standin)
    settings.sources.naver_prices, settings.sources.naver_prices_per_s = True, 1_000
    keep_only(settings, *WORLD)
    calendar = DemoCalendar(standin.start, standin.session_minutes)
    first = await refresh(settings, database, calendar)
    days = await world.fetch_all(
        database, "SELECT source, symbol, count(*), max(trade_date) FROM world_days GROUP BY 1, 2"
    )
    assert {(source, symbol) for source, symbol, _, _ in days} == {
        (source, symbol) for source in WORLD for symbol in ("sp500", "nasdaq", "sox", "usdkrw")
    }
    assert {count for source, _, count, _ in days if source == "naver_world"} <= {59, 60}
    assert all(count > 80 for source, _, count, _ in days if source == "kis_world")
    assert first["world"] == sum(count for _, _, count, _ in days)
    running = calendar.last_opened(clock.now()).trade_date
    assert {newest for _, _, _, newest in days} == {calendar.shift(running, -1).trade_date}
    async with database.read() as session:
        moves = await world_days.world_moves(session, Knowledge.live(clock.now()))
    assert len(moves) == 4
    assert all(0 < abs(move.log_move) < 0.15 and move.source == "kis_world" for move in moves.values())


async def test_who_bought_what_is_kept_for_each_session_that_has_closed(
    settings: Settings, database: Database, standin: StandIn
) -> None:
    ready(settings, standin)
    keep_only(settings, "kis_flows")
    await world.add_stocks(database)
    calendar = DemoCalendar(standin.start, standin.session_minutes)
    assert (await refresh(settings, database, calendar))[
        "flows"
    ] == 58  # thirty of each stock, but for the running session
    assert (await refresh(settings, database, calendar))["flows"] == 0
    found = await world.fetch_all(
        database,
        "SELECT count(*), count(DISTINCT trade_date), max(trade_date), max(abs(foreign_shares + institution_shares"
        " + individual_shares)), bool_and(sign(foreign_krw) = sign(foreign_shares)), bool_and(known_at < recorded_at)"
        " FROM investor_flows",
    )
    running = calendar.last_opened(clock.now()).trade_date
    assert found == [(58, 29, calendar.shift(running, -1).trade_date, 0, True, True)]
    restated = "UPDATE investor_flows SET foreign_shares = 1, recorded_at = now() WHERE stock_code = '005930'"
    await world.execute(database, restated)
    assert await world.fetch_all(database, "SELECT count(*) FROM investor_flows_replaced") == [(29,)]
    async with database.read() as session:
        flows = await investor_flows.list_flows(session, "005930")
    assert [flow["foreign_shares"] for flow in flows] == [1] * 29
    assert flows[0]["trade_date"] > flows[28]["trade_date"]


async def test_the_close_of_a_day_that_runs_is_not_stored(
    settings: Settings, database: Database, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: MORNING)
    settings.sources.kis_url = f"{outside.url}/kis"
    settings.sources.kis_app_key, settings.sources.kis_app_secret = SecretStr("key"), SecretStr("secret")
    keep_only(settings, "kis_world")
    token = {"access_token": "t", "access_token_token_expired": "2026-11-27 08:00:00"}
    outside.replies["/kis/oauth2/tokenP"] = http(json.dumps(token).encode())
    days: list[dict[str, Any]] = [
        {"stck_bsop_date": day, "ovrs_nmix_prpr": close}
        for day, close in [
            ("20261126", "7"),
            ("20261125", "6"),
            ("20261124", "5"),
            ("19000101", "4"),
            ("99991231", "3"),
        ]
    ]
    call = "/kis/uapi/overseas-price/v1/quotations/inquire-daily-chartprice"
    outside.replies[call] = http(json.dumps({"rt_cd": "0", "output2": days}).encode())
    for written in (8, 0):
        assert (await refresh(settings, database, KrxCalendar()))["world"] == written
    found = await world.fetch_all(database, STORED)
    assert {row[1:] for row in found} == {(date(2026, 11, 24), 5.0), (date(2026, 11, 25), 6.0)}
    asked = [request.query for request in outside.requests if request.path == call]
    spans = [(query["FID_INPUT_ISCD"], query["FID_INPUT_DATE_1"], query["FID_INPUT_DATE_2"]) for query in asked]
    assert spans[0] == ("SPX", "20260709", "20261126")
    assert spans[4:] == [(code, "20261112", "20261126") for code in ("SPX", "COMP", "SOX", "FX@KRW")]
