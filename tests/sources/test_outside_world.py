"""Whole crawls of 60 stocks against the real stand-in process: faults, policy, secrets, restarts.

The world stands still, so that a second crawl has nothing new to find.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.cli.environment import STANDIN_KEYS, STANDIN_SOURCES
from backend.config import Settings
from backend.db.base import Base
from backend.db.session import Database
from backend.demo.world.stocks import ALL_STOCKS
from backend.domain.runs import Counts
from backend.errors import SourceChangedError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.internal import NoArguments, RefreshArguments
from backend.krx import DemoCalendar
from backend.pipelines.market import collect_daily_bars, collect_minute_bars, collect_prices, refresh_stocks
from backend.pipelines.news import crawl_news
from backend.pipelines.sources import catalogue
from backend.pipelines.sources.kis_access import StoredTokens
from backend.sources.http.client import RatePolicy, open_client
from backend.sources.spec import open_source
from tests.fixtures.standin import StandIn, minutes_ago, running_standin
from tests.sources import world

SECRET = "s3cret"
# Far longer than a crawl takes on the busiest machine.
HANGS_S = 300


@pytest.fixture(scope="module")
def still() -> Iterator[StandIn]:
    """60 stocks, ten minutes into the first session, for ever."""
    start = minutes_ago(10)
    frozen = (start + timedelta(minutes=10)).isoformat()
    with running_standin(start, more=("--stocks", "60", "--frozen-at", frozen)) as running:
        yield running


@pytest.fixture
def control(still: StandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=still.url, timeout=10, verify=False) as client:
        client.post("/_control/reset")
        yield client


@pytest.fixture
async def ready(settings: Settings, database: Database, still: StandIn, control: httpx.Client) -> Settings:
    world.configure_standin(settings, still.url)
    settings.sources.timeout_s = 10.0
    return settings


async def watch(database: Database, count: int) -> None:
    await world.add_stocks(database, tuple((stock.code, stock.name) for stock in ALL_STOCKS[:count]))


async def crawl(settings: Settings, database: Database, still: StandIn) -> Counts:
    calendar = DemoCalendar(still.start, still.session_minutes)
    context = await world.new_context(settings, database, calendar, "crawl_news")
    return await crawl_news.run(context, NoArguments())


def plant(control: httpx.Client, source: str, kind: str, **more: Any) -> None:
    control.post("/_control/faults", json={"source": source, "kind": kind, "count": 50, **more}).raise_for_status()


def reset(control: httpx.Client) -> None:
    """No faults, an empty journal, and a minute later for the limits."""
    control.post("/_control/reset").raise_for_status()


def journal(control: httpx.Client, source: str | None = None) -> list[dict[str, Any]]:
    found = control.get("/_control/journal", params={"source": source} if source else {}).json()["requests"]
    return [entry for entry in found if not entry["path"].endswith("robots.txt")]


def busiest_second(entries: list[dict[str, Any]]) -> int:
    """The most requests that came within any one second."""
    times = sorted(datetime.fromisoformat(entry["time"]) for entry in entries)
    second = timedelta(seconds=1)
    return max((sum(at <= later < at + second for later in times) for at in times), default=0)


async def test_three_bad_sources_cost_only_themselves(
    ready: Settings, database: Database, still: StandIn, control: httpx.Client
) -> None:
    """One hangs, one answers 500, one sends 20 MB; the others' items are stored and nobody waits for the first."""
    await watch(database, 60)
    plant(control, "mk", "slow", delay_s=HANGS_S)
    plant(control, "asiae", "500")
    plant(control, "mt", "big")
    begun = time.monotonic()
    counts = await crawl(ready, database, still)
    assert time.monotonic() - begun < HANGS_S
    rows = await world.fetch_all(
        database, "SELECT id, last_error->>'class' FROM sources WHERE last_error IS NOT NULL ORDER BY id"
    )
    assert rows == [
        ("rss_asiae", "SourceTemporaryError"),
        ("rss_mk", "SourceTemporaryError"),
        ("rss_mt", "SourceChangedError"),
    ]
    assert counts.failed == 3
    news = dict(await world.fetch_all(database, "SELECT source, count(*) FROM news GROUP BY 1"))
    answered = {info.id for info in catalogue.list_source_infos(ready.sources) if info.id.startswith("rss_")}
    assert answered - {"rss_asiae", "rss_mk", "rss_mt"} <= news.keys() | {"rss_yonhap_economy"}
    assert counts.detail["naver_search.read"] > 1_000
    assert counts.detail["dart.read"] > 0
    assert counts.detail["dart_rss.read"] > 0
    # Every request stayed within the limits that the real sources enforce.
    by_source = Counter(entry["source"] for entry in journal(control))
    assert by_source["naver_hub"] == 60
    assert busiest_second(journal(control, "naver_hub")) <= 50
    assert busiest_second(journal(control, "kis")) <= 20


async def test_the_same_crawl_again_and_two_at_once_write_nothing_and_ask_conditionally(
    ready: Settings, database: Database, still: StandIn, control: httpx.Client
) -> None:
    await watch(database, 6)
    first = await asyncio.gather(*(crawl(ready, database, still) for _ in range(2)))
    stored = sum(n for counts in first for name, n in counts.detail.items() if name.endswith(".news"))
    assert await world.fetch_all(database, "SELECT count(*), count(story_id) FROM news") == [(stored, stored)]
    members = "SELECT 1 FROM stories s WHERE size <> (SELECT count(*) FROM news n WHERE n.story_id = s.id)"
    assert await world.fetch_all(database, members) == []
    version = "SELECT md5(string_agg(n.ctid::text || n.xmin::text || n::text, '|' ORDER BY n.id)) FROM news n"
    before = await world.fetch_all(database, version)
    asked = len(journal(control))
    again = await crawl(ready, database, still)
    assert (again.written, again.failed) == (0, 0)
    assert await world.fetch_all(database, version) == before
    feeds = [entry for entry in journal(control)[asked:] if entry["source"] in {"hankyung", "mk", "yonhap", "edaily"}]
    assert len(feeds) == 5
    assert {(entry["conditional"], entry["status"]) for entry in feeds} == {(True, 304)}


async def test_prices_and_listings_twice_write_nothing(
    ready: Settings, database: Database, still: StandIn, control: httpx.Client
) -> None:
    """KIS gives all of it: batches of 30, the running session's bar left out, minute bars once the session is over."""
    await watch(database, 40)
    jobs = (collect_prices, collect_daily_bars, refresh_stocks)
    calendar = DemoCalendar(still.start, still.session_minutes)
    written = []
    for _ in range(2):
        for job in jobs:
            context = await world.new_context(ready, database, calendar, job.__name__.rpartition(".")[2])
            arguments = RefreshArguments() if job is refresh_stocks else NoArguments()
            written.append((await job.run(context, arguments)).written)
    assert all(written[:3])
    assert written[3:] == [0, 0, 0]
    batches = [entry for entry in journal(control, "kis") if "intstock-multprice" in entry["path"]]
    assert len(batches) == 4
    assert {entry["source"] for entry in journal(control)} == {"kis", "kis_master", "dart_api"}
    bars = "SELECT source, count(DISTINCT stock_code), bool_and(is_final) FROM daily_bars GROUP BY 1"
    assert await world.fetch_all(database, bars) == [("kis", 40, True)]
    assert await world.fetch_all(database, "SELECT count(*) FROM stocks WHERE dart_corp_code IS NULL") == [(0,)]


@pytest.mark.parametrize(
    ("source", "kept"), [(("dart_api", "dart"), "listings"), (("kis_master", "kis_master"), "companies")]
)
async def test_a_refresh_tells_the_errors_of_one_list_and_keeps_what_the_other_gave(
    ready: Settings, database: Database, still: StandIn, source: tuple[str, str], kept: str
) -> None:
    with httpx.Client(base_url=still.url, timeout=10, verify=False) as control:
        plant(control, source[0], "403")
    await watch(database, 3)
    await world.execute(database, "UPDATE stocks SET market = 'KOSDAQ'")
    calendar = DemoCalendar(still.start, still.session_minutes)
    context = await world.new_context(ready, database, calendar, "refresh_stocks")
    counts = await refresh_stocks.run(context, RefreshArguments())
    assert counts.failed == 1
    assert [name for name in ("listings", "companies") if counts.detail[name]] == [kept]
    errors = "SELECT id, last_error->>'class', quota_used FROM sources WHERE last_error IS NOT NULL"
    assert await world.fetch_all(database, errors) == [(source[1], "SourceRefusedError", 1)]


async def test_minute_bars_of_the_exchange_replace_sampled_ones(
    ready: Settings, database: Database, still: StandIn, control: httpx.Client
) -> None:
    await watch(database, 2)
    over = DemoCalendar(still.start, 60)
    over.open_for = timedelta(minutes=9)  # the session has closed, the next one is far
    for expected in (True, False):
        context = await world.new_context(ready, database, over, "collect_minute_bars")
        counts = await collect_minute_bars.run(context, NoArguments())
        assert (counts.written > 0, counts.failed) == (expected, 0)
    rows = await world.fetch_all(
        database,
        "SELECT source, bool_and(low_krw <= least(open_krw, close_krw)), count(DISTINCT stock_code) FROM"
        " minute_bars GROUP BY 1",
    )
    assert rows == [("kis", True, 2)]


async def test_case_7_a_pause_and_a_ban_are_obeyed_over_a_restart(
    ready: Settings, database: Database, still: StandIn, control: httpx.Client
) -> None:
    plant(control, "hankyung", "429", retry_after="120")
    plant(control, "edaily", "429", retry_after="86400")
    plant(control, "newsis", "403")
    await crawl(ready, database, still)
    closed = {"hankyung", "edaily", "newsis"}
    assert {source: len(journal(control, source)) for source in closed} == dict.fromkeys(closed, 1)
    reset(control)
    restarted = Database(ready, "after a restart")
    await crawl(ready, restarted, still)
    await restarted.close()
    assert {entry["source"] for entry in journal(control)} & closed == set()
    pauses = await world.fetch_all(
        database,
        "SELECT id, round(extract(epoch FROM blocked_until - last_error_at)) FROM sources"
        " WHERE blocked_until > now() ORDER BY id",
    )
    assert pauses == [("rss_edaily", 86_400), ("rss_hankyung", 120), ("rss_newsis", 900)]


FAULTS: list[tuple[str, type[SourceError] | None]] = [
    ("401", SourceRefusedError), ("403", SourceRefusedError), ("429", SourceTemporaryError),
    ("500", SourceTemporaryError), ("slow", SourceTemporaryError), ("drip", SourceTemporaryError),
    ("reset", SourceTemporaryError), ("gzip", SourceTemporaryError), ("loop", SourceChangedError),
    ("away", SourceChangedError), ("big", SourceChangedError), ("html", None), ("spa", None), ("empty", None),
    ("truncated", None), ("charset", None), ("skew", None), ("stalled", None), ("repeat", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "expected"), FAULTS, ids=[kind for kind, _ in FAULTS])
async def test_every_fault_of_the_stand_in_reaches_the_client(
    still: StandIn, control: httpx.Client, kind: str, expected: type[SourceError] | None
) -> None:
    plant(control, "mk", kind, delay_s=30)
    async with open_client("mk", f"{still.url}/mk", RatePolicy(0.8, 5_000_000)) as client:
        if expected is None:
            assert (await client.get("rss/50200011/")).status == 200
        else:
            with pytest.raises(expected):
                await client.get("rss/50200011/")
    assert {entry["fault"] for entry in journal(control, "mk")} == ({kind} if kind != "slow" else set())


async def test_case_20_twenty_starts_at_once_issue_one_token(
    ready: Settings, database: Database, still: StandIn, control: httpx.Client
) -> None:
    info = catalogue.get_source_info(ready.sources, "kis")
    async with open_source(ready.sources, info) as client:
        keepers = [StoredTokens(database, client, ready.sources) for _ in range(20)]
        tokens = {token.get_secret_value() for token in await asyncio.gather(*(one.get() for one in keepers))}
    assert len(tokens) == 1
    assert len(journal(control, "kis")) == 1
    stored = await world.fetch_all(database, "SELECT sealed FROM source_tokens")
    assert tokens.pop() not in stored[0][0]


async def test_case_20_a_token_called_back_in_the_day_is_replaced_once_a_minute(
    ready: Settings, database: Database, still: StandIn, control: httpx.Client
) -> None:
    info = catalogue.get_source_info(ready.sources, "kis")
    async with open_source(ready.sources, info) as client:
        keeper = StoredTokens(database, client, ready.sources)
        first = await keeper.get()
        await asyncio.to_thread(control.post, "/_control/revoke", content=first.get_secret_value())
        claimed = "SELECT claimed_until > now() + interval '50 seconds' FROM source_tokens"
        assert await world.fetch_all(database, claimed) == [(True,)]
        await world.execute(database, "UPDATE source_tokens SET claimed_until = now() - interval '1 second'")
        reset(control)
        second = await keeper.get(rejected=first)
        assert second != first
        assert await keeper.get() == second
    assert len(journal(control, "kis")) == 1


@pytest.fixture
async def environment(ready: Settings, still: StandIn) -> dict[str, str]:
    """What a process of its own needs to work on this test's database and stand-in."""
    sources = {f"AZAK_SOURCES_{n}_URL": f"{still.url}/{n.lower().replace('_', '-')}" for n in STANDIN_SOURCES}
    keys = {f"AZAK_SOURCES_{name}": f"{SECRET}-{name.lower()}" for name in STANDIN_KEYS}
    return dict(os.environ) | sources | keys | {"AZAK_DATABASE_URL": ready.database_url()}


async def test_case_21_no_key_is_in_any_log_or_table_and_a_restart_issues_no_token(
    environment: dict[str, str], database: Database, still: StandIn, control: httpx.Client
) -> None:
    await watch(database, 3)
    jobs = ("crawl_news", "collect_prices", "collect_daily_bars", "refresh_stocks", "check_sources")
    command = [sys.executable, "-m", "tests.sources.jobs_once", still.start.isoformat()]
    plant(control, "public_data", "500")
    plant(control, "dart_api", "reset")
    for asked in (jobs, ("collect_prices",)):
        done = await asyncio.to_thread(
            subprocess.run,
            [*command, *asked],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3_000:]
        assert done.stdout.count("job_done") == len(asked)
        assert SECRET not in done.stdout + done.stderr
    assert SECRET not in str(journal(control))
    for table in Base.metadata.tables:
        rows = await world.fetch_all(database, f"SELECT 1 FROM {table} t WHERE t::text LIKE '%{SECRET}%'")
        assert rows == [], table
    assert [entry["path"] for entry in journal(control, "kis")].count("/kis/oauth2/tokenP") == 1
    assert busiest_second(journal(control, "kis")) <= 20
