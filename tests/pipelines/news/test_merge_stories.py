"""Stories that vectors join afterwards: what changes, what stays as it was read, and what keeps them apart."""

from datetime import datetime, timedelta

import pytest

from backend.config import Settings
from backend.db.session import Database
from backend.domain.knowledge import Knowledge
from backend.domain.understanding import encoders
from backend.domain.understanding.encoders import Cosines
from backend.internal import RestateArguments
from backend.pipelines.news import merge_stories, restate_news
from tests.pipelines.news.newsroom import SAMSUNG, Newsroom, article
from tests.services.forecasts.forecasting_world import EMBEDDER, make_context

TEN = datetime.fromisoformat("2026-03-20T10:00:00+09:00")
MINUTE = timedelta(minutes=1)
FIRST = "삼성전자, 텍사스에 세탁기 공장 짓는다"
SAME = "미국 세탁기 생산기지 확정한 삼성전자"
OPPOSITE = "미국 세탁기 생산기지 백지화한 삼성전자"
ALIKE, UNLIKE = [1.0, 0.0], [0.0, 1.0]


@pytest.fixture
async def room(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    monkeypatch.setitem(encoders.BY_ENCODER, EMBEDDER, Cosines(same_story=0.95, alike=0.9))
    return await Newsroom(await make_context(database, settings), monkeypatch, TEN).open()


async def embed_and_merge(room: Newsroom, vectors: dict[str, list[float]]) -> int:
    room.pass_time(minutes=1)
    await room.embed(vectors)
    ids = {row[0] for row in await room.rows("SELECT id FROM news")}
    return await merge_stories.merge(room.context, ids)


async def stories(room: Newsroom) -> dict[str, int]:
    rows: list[tuple[str, int]] = await room.rows("SELECT url_key, story_id FROM news")
    return dict(rows)


async def test_a_later_story_goes_into_the_earlier_one_as_another_reading(room: Newsroom) -> None:
    await room.see(article("a", FIRST, TEN))
    await room.see(article("b", SAME, room.pass_time(minutes=5)))
    apart = await stories(room)
    assert apart["a"] != apart["b"]
    before = room.now
    live = await room.everything(before, before)
    assert await embed_and_merge(room, {"삼성전자,": ALIKE, "미국": ALIKE}) == 1
    assert set((await stories(room)).values()) == {apart["a"]}
    readings = await room.rows("SELECT version, reading, hindsight, retired_at IS NULL FROM news_versions ORDER BY id")
    assert readings == [(1, 1, False, True), (1, 1, False, False), (1, 2, True, True)]
    assert await room.rows("SELECT id, size FROM stories ORDER BY id") == [(1, 2), (2, 0)]
    assert await room.everything(before, before) == live
    assert len(await room.counting(SAMSUNG, room.now)) == 1
    assert await merge_stories.merge(room.context, {1, 2}) == 0


async def test_restating_keeps_what_vectors_joined_and_joins_what_they_can(room: Newsroom) -> None:
    await room.see(article("a", FIRST, TEN))
    await room.see(article("b", SAME, room.pass_time(minutes=5)))
    room.pass_time(minutes=1)
    await room.embed({"삼성전자,": ALIKE, "미국": ALIKE})
    room.pass_time(minutes=1)
    assert (await restate_news.run(room.context, RestateArguments())).detail["readings"] == 1
    assert len(set((await stories(room)).values())) == 1
    assert (await restate_news.run(room.context, RestateArguments())).written == 0


@pytest.mark.parametrize(
    ("second", "vector"),
    [(SAME, UNLIKE), (OPPOSITE, ALIKE), ("미국 세탁기 5조원 생산기지 확정한 삼성전자", ALIKE)],
    ids=["far", "opposite", "another amount"],
)
async def test_what_stays_apart(room: Newsroom, second: str, vector: list[float]) -> None:
    await room.see(article("a", FIRST.replace("공장", "3조원 공장"), TEN))
    await room.see(article("b", second, room.pass_time(minutes=5)))
    assert await embed_and_merge(room, {"삼성전자,": ALIKE, "미국": vector}) == 0
    assert len(set((await stories(room)).values())) == 2


async def test_a_story_that_holds_the_opposite_is_not_joined(room: Newsroom) -> None:
    """The second text of the earlier story says the opposite of what would join by the first."""
    await room.see(article("a", FIRST, TEN))
    await room.see(article("c", OPPOSITE, room.pass_time(minutes=1)))
    await room.execute("UPDATE news_versions SET story_id = 1 WHERE news_id = 2")
    await room.execute("UPDATE news SET story_id = 1")
    await room.execute("UPDATE stories SET head_news_id = NULL, size = 0 WHERE id = 2")
    await room.see(article("b", SAME, room.pass_time(minutes=5)))
    assert await embed_and_merge(room, {"삼성전자,": ALIKE, "미국": ALIKE}) == 0


async def test_an_encoder_that_nobody_measured_joins_nothing(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(encoders.BY_ENCODER, EMBEDDER)
    await room.see(article("a", FIRST, TEN))
    await room.see(article("b", SAME, room.pass_time(minutes=5)))
    assert await embed_and_merge(room, {"삼성전자,": ALIKE, "미국": ALIKE}) == 0
    assert (await restate_news.run(room.context, RestateArguments())).written == 0


async def test_the_index_of_the_process_learns_of_the_merge(room: Newsroom) -> None:
    await room.see(article("a", FIRST, TEN))
    await room.see(article("b", SAME, room.pass_time(minutes=5)))
    await embed_and_merge(room, {"삼성전자,": ALIKE, "미국": ALIKE})
    room.pass_time(minutes=1)
    await room.see(article("c", f"{SAME}(종합)", room.now))
    assert len(set((await stories(room)).values())) == 1
    assert await room.texts(Knowledge(room.now, room.now))
