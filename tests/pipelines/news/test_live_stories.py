"""The index that lives on: it holds what the database holds, whoever wrote it, and forgets."""

from datetime import datetime, timedelta

import pytest

from backend.config import Settings
from backend.db.session import Database
from backend.pipelines.stories import live_stories
from backend.pipelines.stories.live_stories import LiveStories
from backend.text.stories.candidate import Candidate
from tests.pipelines.news.newsroom import SAMSUNG, Newsroom, article
from tests.services.forecasts.forecasting_world import make_context

TEN = datetime.fromisoformat("2026-03-20T10:00:00+09:00")
CONTRACT = "삼성전자, 3조원 공급계약 체결"
OTHERS = ("삼성전자, HBM4 양산 시작", "삼성전자, 배당 확대", "삼성전자 노조 파업 예고", "삼성전자, 자사주 소각")


@pytest.fixture
async def room(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    return await Newsroom(await make_context(database, settings), monkeypatch, TEN).open()


def copy_of(title: str, at: datetime) -> Candidate:
    return Candidate("new", title, at, frozenset({SAMSUNG}), frozenset({"삼성전자"}))


async def place(index: LiveStories, room: Newsroom, title: str) -> int | str:
    return (await index.place([copy_of(title, room.now)], room.now))["new"]


async def test_it_is_loaded_in_slices_and_then_follows_what_another_process_stores(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_stories, "_SLICE", 2)
    for number, title in enumerate(OTHERS):
        await room.see(article(f"k{number}", title, room.pass_time(minutes=1)))
    index = LiveStories(room.context.tools.database)
    assert await place(index, room, OTHERS[2]) == 3
    assert len(index) == len(OTHERS)  # the new one itself is stored by nobody yet
    assert await place(index, room, CONTRACT) == "new"
    await room.see(article("u", CONTRACT, room.pass_time(minutes=1)))
    assert await place(index, room, CONTRACT) == len(OTHERS) + 1


async def test_a_text_that_was_read_again_into_another_story_is_there_alone(room: Newsroom) -> None:
    await room.see(article("u", CONTRACT, TEN), article("v", OTHERS[0], TEN))
    index = LiveStories(room.context.tools.database)
    assert await place(index, room, CONTRACT) == 1
    await room.execute("UPDATE news_versions SET retired_at = :at WHERE news_id = 1", at=TEN)
    await room.execute(
        "INSERT INTO news_versions (news_id, version, reading, source, title, story_id, reading_version, known_at,"
        " recorded_at) SELECT news_id, version, 2, source, title, 2, 1, known_at, :at FROM news_versions"
        " WHERE news_id = 1", at=TEN,
    )  # fmt: skip
    await room.execute(
        "INSERT INTO version_links (version_id, stock_code, method, confidence, known_at)"
        " SELECT max(id), :code, 'name', 0.9, :at FROM news_versions", code=SAMSUNG, at=TEN,
    )  # fmt: skip
    assert await place(index, room, CONTRACT) == 2
    assert len(index) == 2


async def test_a_row_that_is_committed_after_a_later_one_is_still_read(room: Newsroom) -> None:
    """Ids are taken before a commit: the index asks again for those that it does not hold."""
    await room.see(article("u", CONTRACT, TEN))
    await room.execute("SELECT nextval(pg_get_serial_sequence('news_versions', 'id'))")
    await room.see(article("v", OTHERS[0], TEN))
    index = LiveStories(room.context.tools.database)
    assert await place(index, room, OTHERS[0]) == 2
    await room.execute(
        "INSERT INTO news_versions (id, news_id, version, reading, source, title, story_id, reading_version, known_at,"
        " recorded_at) OVERRIDING SYSTEM VALUE SELECT 2, 1, 2, 1, source, :title, 1, 1, known_at, recorded_at"
        " FROM news_versions WHERE id = 1", title="반도체 업계 비상 경영 돌입",
    )  # fmt: skip
    found = await index.place([Candidate("new", "반도체 업계, 비상 경영 돌입", TEN, frozenset())], room.now)
    assert found == {"new": 1}


async def test_what_is_older_than_its_window_is_forgotten(room: Newsroom) -> None:
    await room.see(article("u", CONTRACT, TEN))
    index = LiveStories(room.context.tools.database)
    assert await place(index, room, CONTRACT) == 1
    room.pass_time(days=7)
    assert await place(index, room, CONTRACT) == "new"
    assert len(index) == 0
    assert len(LiveStories(room.context.tools.database)) == 0


async def test_an_older_article_of_a_feed_finds_its_neighbours_in_the_database(room: Newsroom) -> None:
    await room.see(article("u", CONTRACT, TEN))
    room.pass_time(days=4)
    await room.see(article("v", f"{CONTRACT}(종합)", TEN + timedelta(hours=1)))
    assert await room.rows("SELECT count(DISTINCT story_id) FROM news") == [(1,)]
