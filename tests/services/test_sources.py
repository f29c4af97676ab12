"""Health of sources: what a fetch must know, and what an operator sees."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.errors import SourceError, SourceRefusedError, SourceTemporaryError
from backend.services import sources


async def row(session: AsyncSession) -> dict[str, object]:
    return next(source for source in await sources.list_sources(session) if source["id"] == "rss")


async def test_validators_survive_a_304(session: AsyncSession) -> None:
    await sources.record_source_ok(session, "rss", "news", items=3, etag='"a"', last_modified="then")
    await sources.record_source_ok(session, "rss", "news")
    state = (await sources.list_source_states(session))["rss"]
    assert (state.etag, state.last_modified, state.is_blocked) == ('"a"', "then", False)


async def test_empty_answers_are_counted_until_one_has_items(session: AsyncSession) -> None:
    counted = []
    for items in (0, 0, None, 4):
        await sources.record_source_ok(session, "rss", "news", items=items)
        counted.append((await row(session))["consecutive_empty"])
    assert counted == [1, 2, 2, 0]


async def test_the_newest_item_never_goes_back(session: AsyncSession) -> None:
    newest = clock.now()
    for at in (newest - timedelta(days=1), newest, newest - timedelta(hours=1)):
        await sources.record_source_ok(session, "rss", "news", items=1, newest_item_at=at)
    assert (await row(session))["newest_item_at"] == newest


@pytest.mark.parametrize(
    ("error", "failures", "minutes"),
    [
        (SourceRefusedError("no"), 1, 15),
        (SourceRefusedError("no"), 3, 60),
        (SourceRefusedError("no"), 9, 360),
        (SourceTemporaryError("later", retry_after_s=120), 1, 2),
        (SourceTemporaryError("later"), 3, None),
    ],
)
async def test_a_refusal_closes_the_source_longer_each_time(
    session: AsyncSession, error: SourceError, failures: int, minutes: int | None
) -> None:
    for _ in range(failures):
        await sources.record_source_error(session, "rss", "news", error)
    state = (await sources.list_source_states(session))["rss"]
    assert (state.consecutive_failures, state.is_blocked) == (failures, minutes is not None)
    if minutes is not None:
        assert state.blocked_until is not None
        left = state.blocked_until - clock.now()
        assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)


async def test_success_opens_the_source_again(session: AsyncSession) -> None:
    await sources.record_source_error(session, "rss", "news", SourceRefusedError("no"))
    await sources.record_source_ok(session, "rss", "news", items=1)
    found = await row(session)
    assert (found["blocked_until"], found["consecutive_failures"]) == (None, 0)
    assert found["last_error"] == {"class": "SourceRefusedError", "message": "no"}


async def test_a_source_is_off_until_it_answers(session: AsyncSession) -> None:
    await sources.record_source_off(session, "rss", "news", "off: needs X")
    assert (await row(session))["off_reason"] == "off: needs X"
    await sources.record_source_ok(session, "rss", "news", items=1)
    assert (await row(session))["off_reason"] is None
