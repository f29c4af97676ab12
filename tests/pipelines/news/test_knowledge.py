"""What was known when: texts, links and stories of later moments change nothing that was read before."""

import random
from datetime import datetime, timedelta

import pytest

from backend.config import Settings
from backend.db.session import Database
from backend.domain.knowledge import Knowledge
from backend.domain.news import Precision
from backend.internal import RestateArguments
from backend.pipelines.news import restate_news
from tests.pipelines.news.newsroom import HYNIX, SAMSUNG, Newsroom, article
from tests.services.forecasts.forecasting_world import make_context

TEN = datetime.fromisoformat("2026-03-20T10:00:00+09:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CONTRACT = "삼성전자, 3조원 공급계약 체결"


@pytest.fixture
async def room(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    return await Newsroom(await make_context(database, settings), monkeypatch, TEN).open()


async def test_f1_a_stock_named_by_a_later_title_is_known_from_that_title_on(room: Newsroom) -> None:
    await room.see(article("u", "반도체 업계, 비상 경영", TEN))
    later = room.pass_time(minutes=40)
    await room.see(article("u", "삼성전자, 3조원 손실 공시", TEN))
    assert await room.counting(SAMSUNG, later - MINUTE, recorded_by=later) == []
    assert await room.counting(SAMSUNG, later) == ["삼성전자, 3조원 손실 공시"]
    assert await room.rows("SELECT title, known_at FROM news") == [("삼성전자, 3조원 손실 공시", TEN)]
    assert await room.rows("SELECT known_at FROM story_stocks") == [(later,)]
    shown = await room.texts(Knowledge(later - MINUTE, later))
    assert [row[2] for row in shown] == ["반도체 업계, 비상 경영"]


async def test_the_same_sight_twice_and_other_words_of_another_source_add_one_version_at_most(room: Newsroom) -> None:
    first, other = article("u", CONTRACT, TEN), article("u", f"{CONTRACT}...", TEN, source="naver_search")
    written = []
    for seen in (first, first, other, first, other):
        room.pass_time(minutes=10)
        written.append((await room.see(seen)).versions)
    assert written == [0, 0, 1, 0, 0]
    assert await room.rows("SELECT count(*), count(DISTINCT story_id) FROM news_versions") == [(2, 1)]


async def test_of_two_runs_that_prepared_the_same_edit_one_stores_it(room: Newsroom) -> None:
    await room.see(article("u", "반도체 업계, 비상 경영", TEN))
    room.pass_time(minutes=10)
    prepared = [await room.prepare(article("u", CONTRACT, TEN)) for _ in range(2)]
    assert [(await room.write(one)).versions for one in prepared] == [1, 0]
    assert await room.rows("SELECT version, retired_at FROM news_versions ORDER BY 1") == [(1, None), (2, None)]


async def test_leak_1_an_article_of_yesterday_that_joins_a_story_headed_today(room: Newsroom) -> None:
    yesterday = TEN - DAY
    await room.see(article("today", "삼성전자, HBM4 양산 시작(종합)", TEN))
    before = await room.counting(SAMSUNG, yesterday + HOUR)
    now = room.pass_time(hours=1)
    await room.see(article("yesterday", "삼성전자, HBM4 양산 시작", yesterday), archive=True)
    assert await room.counting(SAMSUNG, yesterday + HOUR) == before == []
    assert await room.counting(SAMSUNG, TEN) == ["삼성전자, HBM4 양산 시작(종합)"]
    assert await room.counting(SAMSUNG, yesterday + HOUR, recorded_by=now) == ["삼성전자, HBM4 양산 시작"]
    told = await room.rows(
        "SELECT n.url_key, s.first_known_at, s.size FROM stories s JOIN news n ON n.id = head_news_id"
    )
    assert told == [("yesterday", yesterday, 2)]
    assert await room.rows("SELECT hindsight FROM news_versions ORDER BY known_at") == [(True,), (False,)]


async def test_leak_2_an_alias_added_later_links_from_then_on(room: Newsroom) -> None:
    await room.see(article("u", "전삼, 3조원 공급계약 체결", TEN))
    now = room.pass_time(hours=2)
    room.aliases[SAMSUNG] = ("전삼",)
    await room.see(article("u", "전삼, 3조원 공급계약 체결", TEN))
    assert await room.counting(SAMSUNG, now - MINUTE) == []
    assert len(await room.counting(SAMSUNG, now)) == 1
    assert len(await room.counting(SAMSUNG, TEN, recorded_by=now)) == 1
    assert await room.rows("SELECT stock_code FROM news_stocks") == [(SAMSUNG,)]


async def test_leak_2_a_tag_that_comes_later_links_from_then_on(room: Newsroom) -> None:
    await room.see(article("u", "반도체 설비 투자 확대", TEN, source="kis_news"))
    now = room.pass_time(minutes=7)
    await room.see(article("u", "반도체 설비 투자 확대", TEN, source="kis_news", feed_codes=(SAMSUNG,)))
    assert await room.counting(SAMSUNG, now - MINUTE, recorded_by=now) == []
    assert len(await room.counting(SAMSUNG, now)) == 1
    room.pass_time(minutes=10)
    assert (await room.see(article("u", "반도체 설비 투자 확대", TEN, source="kis_news"))).versions == 0


async def test_a_title_edited_from_a_price_report_to_an_event_and_back(room: Newsroom) -> None:
    titles = ["[특징주] 삼성전자 급등", CONTRACT, "[특징주] 삼성전자 급등"]
    moments = []
    for title in titles:
        await room.see(article("u", title, TEN))
        moments.append(room.now)
        room.pass_time(minutes=20)
    assert [await room.counting(SAMSUNG, moment, recorded_by=room.now) for moment in moments] == [[], [CONTRACT], []]
    (first, second, third) = await room.rows("SELECT story_id FROM news_versions ORDER BY version")
    assert first == third != second
    assert await room.rows("SELECT size FROM stories ORDER BY id") == [(1,), (0,)]


@pytest.mark.parametrize(
    ("age", "precision", "flags"),
    [(25 * HOUR, "second", ["stale"]), (23 * HOUR, "second", []), (47 * HOUR, "day", []), (49 * HOUR, "day", ["stale"]),
     (20 * DAY, "minute", ["stale"]), (None, "none", ["undated"])],
)  # fmt: skip
async def test_f6_what_is_old_or_of_unknown_age_is_shown_and_is_no_news(
    room: Newsroom, age: timedelta | None, precision: str, flags: list[str]
) -> None:
    published = None if age is None else TEN - age
    await room.see(article("u", CONTRACT, published, precision=Precision(precision)))
    assert await room.rows("SELECT flags FROM news") == [(flags,)]
    counts = [] if flags else [CONTRACT]
    assert await room.counting(SAMSUNG, TEN) == counts
    assert len(await room.rows("SELECT 1 FROM story_stocks")) == len(counts)


@pytest.mark.parametrize(("age", "flags"), [(HOUR, []), (20 * DAY, ["stale"])])
async def test_f6_an_undated_item_is_news_from_when_another_source_dates_it(
    room: Newsroom, age: timedelta, flags: list[str]
) -> None:
    await room.see(article("u", CONTRACT, None))
    now = room.pass_time(minutes=30)
    await room.see(article("again", CONTRACT, None))  # the same source once more tells nothing
    assert await room.counting(SAMSUNG, now) == []
    now = room.pass_time(minutes=30)
    await room.see(article("v", CONTRACT, now - age, source="other"))
    assert await room.rows("SELECT flags FROM news WHERE url_key = 'u'") == [(flags,)]
    assert await room.counting(SAMSUNG, now - MINUTE, recorded_by=now) == []
    assert await room.counting(SAMSUNG, now) == ([] if flags else [CONTRACT])
    later = article("w", CONTRACT, None, source="third")
    await room.see(later)
    assert await room.rows("SELECT flags FROM news WHERE url_key = 'w'") == [(flags,)]


async def test_restating_keeps_what_was_read_and_replays_use_the_new_reading(room: Newsroom) -> None:
    await room.see(article("u", "전삼, 3조원 공급계약 체결", TEN), article("v", "SK하이닉스, 배당 확대", TEN))
    now = room.pass_time(hours=2)
    await room.execute("UPDATE stocks SET aliases = '{전삼}' WHERE code = :code", code=SAMSUNG)
    first = await restate_news.run(room.context, RestateArguments())
    assert (first.read, first.detail) == (2, {"readings": 1, "stories": 0, "days_left": 0})
    assert (await restate_news.run(room.context, RestateArguments(since=TEN.date()))).written == 0
    assert await room.counting(SAMSUNG, now - MINUTE) == []
    assert len(await room.counting(SAMSUNG, TEN, recorded_by=now)) == 1
    kept = await room.rows(
        "SELECT reading, retired_at, hindsight FROM news_versions WHERE news_id = 1 ORDER BY reading"
    )
    assert kept == [(1, now, False), (2, None, True)]
    await room.execute("UPDATE stocks SET state = 'paused' WHERE code = :code", code=HYNIX)
    assert (await restate_news.run(room.context, RestateArguments())).written == 0  # its links are left alone


async def test_restating_groups_anew_and_an_emptied_story_keeps_its_number(room: Newsroom) -> None:
    """Two copies that a crawl in the wrong order could not join; a story of two events comes apart."""
    await room.see(article("a", CONTRACT, TEN), article("b", "SK하이닉스, 배당 확대", TEN))
    await room.see(article("c", f"{CONTRACT}(종합)", TEN + MINUTE))
    await room.execute("UPDATE news_versions SET story_id = 1 WHERE news_id = 2")
    await room.execute("UPDATE stories SET head_news_id = NULL, size = 0 WHERE id = 2")
    await room.execute("INSERT INTO stories (head_news_id, first_known_at, size) VALUES (3, :at, 1)", at=TEN)
    await room.execute("UPDATE news_versions SET story_id = 3 WHERE news_id = 3")
    room.pass_time(hours=1)
    assert (await restate_news.run(room.context, RestateArguments())).detail["readings"] == 2
    stories = dict(await room.rows("SELECT url_key, story_id FROM news"))
    assert stories["a"] == stories["c"] != stories["b"]
    assert await room.rows("SELECT id, size FROM stories ORDER BY id") == [(1, 2), (2, 0), (3, 0), (4, 1)]
    assert (await restate_news.run(room.context, RestateArguments())).written == 0


async def test_what_was_measured_for_a_link_that_is_gone_is_taken_back_and_kept(room: Newsroom) -> None:
    room.aliases[SAMSUNG] = ("전삼",)
    await room.see(article("u", "전삼, 3조원 공급계약 체결", TEN))
    await room.execute(
        "INSERT INTO impacts (story_id, stock_code, horizon, state, exit_trade_date, y, z, news_id, version, known_at,"
        " recorded_at) VALUES (1, :code, 1, 'final', '2026-03-23', 1, 1, 1, 1, :at, :at)", code=SAMSUNG, at=TEN,
    )  # fmt: skip
    now = room.pass_time(days=5)
    room.aliases.clear()
    await room.see(article("u", "전삼, 3조원 공급계약 체결", TEN))
    assert await room.rows("SELECT state, void_reason, y FROM impacts") == [("void", "no_link", None)]
    then = await room.rows("SELECT state, y FROM impacts_as_of(:at, :at)", at=now - MINUTE)
    assert then == [("final", 1.0)]


TITLES = [
    "삼성전자, 3조원 공급계약 체결",
    "전삼, 3조원 공급계약 체결",
    "SK하이닉스, HBM4 양산 시작",
    "[특징주] 삼성전자 급등",
    "반도체 업계, 비상 경영",
    "삼성전자·SK하이닉스, 설비 투자 확대",
]


async def _step(room: Newsroom, rng: random.Random, keys: list[str]) -> None:
    """Something comes in: an article, another text or tag, an archive, a vector, an effect, an alias, better code."""
    kind = rng.choice(["new", "new", "edit", "tag", "archive", "undated", "alias", "embed", "effect", "restate"])
    key = rng.choice(keys) if keys and kind in ("edit", "tag") else f"k{len(keys)}"
    age = timedelta(hours=rng.choice([1, 20, 40])) if kind == "archive" else timedelta(minutes=rng.randint(0, 90))
    tags = (rng.choice([SAMSUNG, HYNIX]),) if kind == "tag" else ()
    source = rng.choice(["rss", "kis_news", "naver_search"])
    if kind in ("new", "edit", "tag", "archive", "undated"):
        published = None if kind == "undated" else room.now - age
        await room.see(
            article(key, rng.choice(TITLES), published, source=source, feed_codes=tags), archive=kind == "archive"
        )
        keys.append(key)
    elif kind == "alias":
        room.aliases[SAMSUNG] = () if room.aliases.get(SAMSUNG) else ("전삼",)
        aliases = list(room.aliases[SAMSUNG])
        await room.execute("UPDATE stocks SET aliases = :aliases WHERE code = :code", aliases=aliases, code=SAMSUNG)
    elif kind == "embed":
        await room.embed({title.split()[0]: [1.0, n / 3] for n, title in enumerate(TITLES)})
    elif kind == "effect":
        await room.execute(
            "INSERT INTO impacts (story_id, stock_code, horizon, state, exit_trade_date, z, y, news_id, version,"
            " known_at, recorded_at) SELECT w.story_id, w.stock_code, 1, 'final', '2026-03-19', CAST(:y AS float8),"
            " CAST(:y AS float8), w.news_id, w.version, w.known_at, :at FROM story_stocks w"
            " ON CONFLICT (story_id, stock_code, horizon) DO UPDATE SET y = excluded.y, z = excluded.z,"
            " state = 'final', void_reason = NULL, recorded_at = excluded.recorded_at, news_id = excluded.news_id,"
            " version = excluded.version",
            y=rng.random(), at=room.now,
        )  # fmt: skip
    elif keys:
        await restate_news.run(room.context, RestateArguments())


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_arrival_leaves_what_was_read_live_as_it_was(room: Newsroom, seed: int) -> None:
    """After every step a live read, which sees a database that stops there; in the end all of them once more."""
    rng = random.Random(seed)
    keys: list[str] = []
    seen = {}
    for _ in range(14):
        await _step(room, rng, keys)
        room.pass_time(seconds=rng.choice([1, 600]))
        seen[room.now] = await room.everything(room.now, room.now)
        room.pass_time(seconds=1)
    for moment, before in seen.items():
        assert await room.everything(moment, moment) == before
