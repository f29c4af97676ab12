"""What the depository announces, read through KIS by refresh_stocks over real HTTP."""

import json
from collections.abc import Callable
from datetime import date, datetime

import pytest
from pydantic import SecretStr

from backend import clock
from backend.clock import KST
from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Counts
from backend.errors import SourcesFailedError
from backend.internal import RefreshArguments
from backend.krx import KrxCalendar
from backend.pipelines.market import refresh_stocks
from backend.pipelines.sources import catalogue
from backend.sources.kis_actions import CALLS, SOURCE
from tests.pipelines.market.raw_bars import store_raw
from tests.sources import world
from tests.sources.outside import Outside, Request, http

NOW = datetime(2026, 10, 13, 8, 10, tzinfo=KST)
Row = dict[str, str]
TOLD = "SELECT stock_code, ex_date, round(factor::numeric, 4)::float8, withdrawn FROM corporate_actions ORDER BY 1, 2"


def bonus(code: str, day: str, percent: str) -> Row:
    return {"sht_cd": code, "right_dt": day, "fix_rate": percent}


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
async def kis(settings: Settings, database: Database, outside: Outside, now: None) -> Callable[..., None]:
    """Serve lists by kind; a row is in the answer when its date is within the one asked for."""
    settings.sources.kis_url = f"{outside.url}/kis"
    settings.sources.kis_app_key, settings.sources.kis_app_secret = SecretStr("key"), SecretStr("secret")
    infos = catalogue.list_source_infos(settings.sources)
    settings.sources.off = ",".join(info.id for info in infos if info.id != SOURCE)
    token = {"access_token": "t", "access_token_token_expired": "2026-10-14 08:00:00"}
    outside.replies["/kis/oauth2/tokenP"] = http(json.dumps(token).encode())
    await world.add_stocks(database)

    def serve(**lists: list[Row]) -> None:
        for call in CALLS:
            rows = lists.get(call.kind, [])
            path = f"/kis/uapi/domestic-stock/v1/ksdinfo/{call.path}"
            outside.replies[path] = _answer(rows, call.ex_date)

    return serve


def _answer(rows: list[Row], field: str) -> Callable[[Request], bytes]:
    def reply(request: Request) -> bytes:
        asked = [row for row in rows if request.query["F_DT"] <= row[field] <= request.query["T_DT"]]
        return http(json.dumps({"rt_cd": "0", "output1": asked[:100]}).encode())

    return reply


async def refresh(settings: Settings, database: Database) -> Counts:
    context = await world.new_context(settings, database, KrxCalendar(), "refresh_stocks")
    return await refresh_stocks.run(context, RefreshArguments())


async def test_an_action_is_stored_once_and_withdrawn_when_its_list_no_longer_has_it(
    settings: Settings, database: Database, kis: Callable[..., None]
) -> None:
    coming = bonus("005930", "20261102", "100.00")
    kis(bonus=[coming, bonus("999990", "20261102", "50.00")], reduction=[{"sht_cd": "000660", "list_dt": "20261120"}])
    stored = [("000660", date(2026, 11, 20), None, False), ("005930", date(2026, 11, 2), 0.5, False)]
    for written in (2, 0):
        assert (await refresh(settings, database)).written == written
        assert await world.fetch_all(database, TOLD) == stored
    kis(bonus=[coming])
    assert (await refresh(settings, database)).detail["actions"] == 1
    assert await world.fetch_all(database, TOLD) == [(*stored[0][:3], True), stored[1]]
    kept = "SELECT stock_code, withdrawn FROM corporate_actions_replaced"
    assert await world.fetch_all(database, kept) == [("000660", False)]


async def test_an_answer_that_never_came_withdraws_nothing(
    settings: Settings, database: Database, outside: Outside, kis: Callable[..., None]
) -> None:
    kis(bonus=[bonus("005930", "20261102", "100.00")])
    await refresh(settings, database)
    outside.replies["/kis/uapi/domestic-stock/v1/ksdinfo/merger-split"] = http(b"", status=503)
    kis_is_away = outside.replies["/kis/uapi/domestic-stock/v1/ksdinfo/merger-split"]
    kis()
    outside.replies["/kis/uapi/domestic-stock/v1/ksdinfo/merger-split"] = kis_is_away
    with pytest.raises(SourcesFailedError, match=SOURCE):
        await refresh(settings, database)
    assert await world.fetch_all(database, TOLD) == [("005930", date(2026, 11, 2), 0.5, False)]


async def test_two_actions_of_one_session_are_multiplied(
    settings: Settings, database: Database, kis: Callable[..., None]
) -> None:
    split = {"sht_cd": "005930", "list_dt": "20261102", "inter_bf_face_amt": "5000", "inter_af_face_amt": "1000"}
    kis(bonus=[bonus("005930", "20261102", "100.00")], par_change=[split])
    await refresh(settings, database)
    assert await world.fetch_all(database, TOLD) == [("005930", date(2026, 11, 2), 0.1, False)]


async def test_dates_that_an_answer_cannot_hold_are_asked_for_in_halves(
    settings: Settings, database: Database, kis: Callable[..., None]
) -> None:
    crowd = [bonus("123450", f"202610{15 + n % 3}", "10.00") for n in range(150)]
    kis(bonus=[*crowd, bonus("005930", "20261017", "100.00")])
    assert (await refresh(settings, database)).written == 1
    kis(bonus=[bonus("123450", "20261015", "10.00")] * 100)
    with pytest.raises(SourcesFailedError, match=r"kis_ksd lists 100 actions or more on 2026-10-15"):
        await refresh(settings, database)


async def test_an_action_of_a_past_session_changes_the_units_of_the_bars_before_it(
    settings: Settings, database: Database, kis: Callable[..., None]
) -> None:
    days = [date(2026, 10, 7), date(2026, 10, 8), date(2026, 10, 12)]
    await store_raw(database, KrxCalendar(), days, [10_000, 10_000, 5_050], [None] * 3)
    kis(bonus=[bonus("005930", "20261012", "100.00")])
    await refresh(settings, database)
    factors = "SELECT adjust_factor FROM daily_bars ORDER BY trade_date"
    assert [row[0] for row in await world.fetch_all(database, factors)] == [0.5, 0.5, 1.0]
