"""Health of sources: what a fetch must know, and what an operator sees."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.domain.operations import SourceSwitch, needs_key
from backend.errors import SourceError, SourceRefusedError, SourceTemporaryError
from backend.services.operations import sources
from tests import factories


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
    await sources.record_switches(session, [SourceSwitch("rss", "news", needs_key("X"), ("X", "Y"))])
    found = await row(session)
    assert (found["off_reason"], found["off"]) == ("off: needs X", {"code": "needs_key", "setting": "X"})
    await sources.record_source_ok(session, "rss", "news", items=1)
    found = await row(session)
    assert (found["off_reason"], found["off"], found["key_settings"]) == (None, None, ["X", "Y"])


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"off_reason": "off: needs X", "consecutive_failures": 3}, "off"),
        ({"blocked_until": timedelta(hours=1), "consecutive_failures": 1}, "blocked"),
        ({"blocked_until": timedelta(hours=-1), "consecutive_failures": 1}, "failing"),
        ({"is_stalled": True, "last_ok_at": timedelta()}, "stalled"),
        ({"consecutive_empty": 6, "last_ok_at": timedelta()}, "stalled"),
        ({"consecutive_empty": 5, "last_ok_at": timedelta()}, "ok"),
        ({}, "never_asked"),
    ],
)
async def test_the_state_is_the_most_urgent_of_what_is_known(
    session: AsyncSession, values: dict[str, object], state: str
) -> None:
    moments = {name: clock.now() + v if isinstance(v, timedelta) else v for name, v in values.items()}
    await factories.add_source(session, "rss", **moments)
    assert (await row(session))["state"] == state


async def test_a_source_that_answers_with_old_items_is_stalled_until_a_fresh_one(session: AsyncSession) -> None:
    opened = clock.now() - timedelta(hours=7)
    stalled = []
    for newest in (opened - timedelta(hours=1), None, opened + timedelta(hours=1)):
        await sources.record_source_ok(session, "rss", "news", items=1, newest_item_at=newest, fresh_since=opened)
        stalled.append((await row(session))["is_stalled"])
    assert stalled == [True, True, False]


async def test_requests_of_a_korean_day_are_counted_and_nine_tenths_of_the_quota_used(session: AsyncSession) -> None:
    for requests in (40, 49):
        await sources.record_source_ok(session, "rss", "news", usage=sources.Usage(requests, 100))
    state = (await sources.list_source_states(session))["rss"]
    assert (state.quota_used, state.has_quota(100), state.has_quota(None)) == (89, True, True)
    await sources.record_source_error(session, "rss", "news", SourceTemporaryError("x"), usage=sources.Usage(1, 100))
    state = (await sources.list_source_states(session))["rss"]
    assert (state.quota_used, state.has_quota(100)) == (90, False)
    yesterday = state._replace(quota_date=state.quota_date - timedelta(days=1) if state.quota_date else None)
    assert yesterday.has_quota(100)
    assert (await row(session))["quota_limit"] == 100
