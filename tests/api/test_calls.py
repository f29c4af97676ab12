"""Calls and reports with what came of them, and their pages: title, description, and 404 for what is not here."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend import clock
from backend.api import pages
from backend.config import Settings
from backend.db.session import Database
from tests.factories import (
    SAMSUNG,
    add_move,
    add_news,
    add_outcome,
    add_prediction,
    add_report,
    add_stock,
    add_story,
    add_version,
)
from tests.fixtures.news_rows import remember

TITLED = '<html><head><base href="/"><title>azak</title></head></html>'


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text(TITLED)
    monkeypatch.setattr(pages, "_dist", pages.Dist(tmp_path))


@pytest.fixture
async def version(database: Database) -> int:
    async with database.write() as session:
        await add_stock(session)
        return await add_version(session)


async def add_call(database: Database, version: int, **values: Any) -> int:
    """A call of the day before yesterday whose return began an hour after it."""
    asof = clock.now() - timedelta(days=2)
    given: dict[str, Any] = {
        "entry_ts": asof + timedelta(hours=1),
        "ago_s": 2 * 86_400,
        "explanation": {"lean": 0.06},
        "mode": "backtest",
    }
    async with database.write() as session:
        return await add_prediction(session, version, **{"asof": asof, "trade_date": asof.date()} | given | values)


async def test_a_call_says_what_was_said_and_what_came(
    client: httpx.AsyncClient, database: Database, version: int
) -> None:
    call = await add_call(database, version)
    async with database.write() as session:
        await add_outcome(session, call, adjusted_return=-0.02, y=0)
        await session.execute(text("UPDATE stocks SET state = 'archived'"))
    found = (await client.get(f"/api/calls/{call}")).json()
    assert (found["stock"]["name"], found["stock"]["state"]) == ("삼성전자", "archived")
    assert (found["prediction"]["verdict"], found["base_rate"]) == ("call", pytest.approx(0.5))
    assert (found["outcome"]["adjusted_return"], found["outcome"]["state"]) == (-0.02, "final")
    assert "not investment advice" in found["disclaimer"]["en"]


async def test_evidence_has_the_title_that_it_had_then(
    client: httpx.AsyncClient, database: Database, version: int
) -> None:
    async with database.write() as session:
        news = await add_news(session, SAMSUNG, title="그때 제목", ago_s=3 * 86_400)
        await remember(session)
        await session.execute(text("UPDATE news SET title = '지금 제목'"))
        later = await add_news(session, title="판이 없는 소식", ago_s=30)
    items = [{"news_id": later, "weight": None}, {"news_id": news, "weight": 0.4}]
    call = await add_call(database, version, evidence=items, recorded_by=clock.now())
    found = (await client.get(f"/api/calls/{call}")).json()["evidence"]
    assert [(item["title"], item["is_changed"], item["weight"]) for item in found] == [
        ("판이 없는 소식", False, None), ("그때 제목", True, 0.4),
    ]  # fmt: skip


async def test_only_sessions_of_the_return_explain_a_call(
    client: httpx.AsyncClient, database: Database, version: int
) -> None:
    day = (clock.now() - timedelta(days=2)).date()
    call = await add_call(database, version, horizon=1, exit_trade_date=day + timedelta(days=1))
    async with database.write() as session:
        await add_outcome(session, call)
        told = await add_story(session, SAMSUNG)
        entry = clock.now() - timedelta(days=2) + timedelta(hours=1)
        await add_move(session, day, known_at=entry - timedelta(minutes=1))  # over before the return began
        await add_move(session, day + timedelta(days=1), story_ids=[told])
        await add_move(session, day + timedelta(days=2))
    found = (await client.get(f"/api/calls/{call}")).json()
    assert [move["trade_date"] for move in found["sessions"]] == [str(day + timedelta(days=1))]
    assert [story["story_id"] for story in found["sessions"][0]["stories"]] == [told]
    assert (found["base_rate"], found["evidence"]) == (pytest.approx(0.5), [])


async def test_a_forecast_of_size_is_no_call(client: httpx.AsyncClient, database: Database, version: int) -> None:
    size = await add_call(database, version, verdict="none", direction="hold", size={"expected": 0.02})
    answer = await client.get(f"/api/calls/{size}")
    assert answer.status_code == 404
    assert f"The forecast {size} is one of size" in answer.json()["detail"]


async def test_after_a_report_come_its_forecasts_and_five_sessions(
    client: httpx.AsyncClient, database: Database, version: int
) -> None:
    before = await add_call(database, version, mode="live", created_at=clock.now() - timedelta(days=2))
    today: date = clock.now().date()
    async with database.write() as session:
        report = await add_report(session, version, ago_s=86_400)
        later = await add_prediction(session, version, ago_s=10)
        for number in range(6):
            await add_move(session, today - timedelta(days=number))
        await add_move(session, today - timedelta(days=9), known_at=clock.now() - timedelta(days=9))
    found = (await client.get(f"/api/reports/{report}/aftermath")).json()
    assert [call["id"] for call in found["calls"]] == [before] != [later]
    days = [move["trade_date"] for move in found["sessions"]]
    assert days == [str(today - timedelta(days=number)) for number in range(5, 0, -1)]
    assert found["void_reason"] is None
    assert (await client.get("/api/reports/999/aftermath")).status_code == 404


async def test_the_page_of_a_call_says_so_where_its_link_is_shown(
    client: httpx.AsyncClient, database: Database, version: int, dist: None
) -> None:
    call = await add_call(database, version, p_up=0.51, explanation={"lean": 0.05})
    page = await client.get(f"/call/{call}")
    assert page.status_code == 200
    assert "<title>삼성전자 시장 상회 의견 · " in page.text
    assert "평소 100번 중 46번, 그때 51번. 결과는" in page.text
    assert "투자 권유가 아닌" in page.text
    async with database.write() as session:
        await add_outcome(session, call, adjusted_return=-0.021, y=0)
    assert '"og:description" content="1거래일 뒤 시장 상회: ' in (told := (await client.get(f"/call/{call}")).text)
    assert "결과: 시장 대비 -2.1%." in told


async def test_a_report_is_a_page_with_its_claim_and_no_markup(
    client: httpx.AsyncClient, database: Database, version: int, dist: None
) -> None:
    async with database.write() as session:
        report = await add_report(session, version, text_ko='# <b>"수주"</b> [n1](/news/1)\n\n나머지')
    page = (await client.get(f"/report/{report}")).text
    assert "<title>&lt;b&quot;&quot;" not in page
    assert "&quot;수주&quot;" in page
    assert "<b>" not in page
    assert "[n1]" not in page


@pytest.mark.parametrize("given", ["999", "0", "-1", "abc", "9" * 19, "9" * 30, "%EF%BC%91", "1e3"])
@pytest.mark.parametrize("kind", ["call", "report"])
async def test_what_this_azak_does_not_have_is_a_page_that_is_not_found(
    client: httpx.AsyncClient, dist: None, kind: str, given: str
) -> None:
    page = await client.get(f"/{kind}/{given}")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "이 azak에는" in page.text


async def test_nothing_is_told_to_whom_may_not_read(
    client: httpx.AsyncClient, database: Database, version: int, dist: None, api_settings: Settings
) -> None:
    call = await add_call(database, version)
    api_settings.api.open_reads = False
    try:
        pages_of = [await client.get(f"/call/{row_id}") for row_id in (call, 999)]
    finally:
        api_settings.api.open_reads = True
    assert [(page.status_code, page.text) for page in pages_of] == [(200, TITLED)] * 2
