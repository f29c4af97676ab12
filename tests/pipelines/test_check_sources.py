"""A check of all sources, when the database is in trouble in the middle of it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from backend.errors import DatabaseUnavailableError
from backend.pipelines.context import RunContext
from backend.pipelines.operations import check_sources
from backend.pipelines.sources import visits
from backend.scheduler.registry import get_kind


async def test_none_asks_its_source_any_more_when_the_run_has_failed(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trouble passes, so that the run is tried again: two attempts would ask one source side by side."""
    asked: list[str] = []

    async def admit(*_: Any) -> list[Any]:
        return [SimpleNamespace(info=SimpleNamespace(id=name)) for name in ("rss_mk", "dart")]

    async def check(_context: RunContext, one: Any, *, force: bool) -> bool:
        if one.info.id == "rss_mk":
            raise DatabaseUnavailableError
        for _ in range(20):  # turns of the loop, more than the failure takes
            await asyncio.sleep(0)
        asked.append(one.info.id)
        return True

    monkeypatch.setattr(visits, "admit", admit)
    monkeypatch.setattr(check_sources, "_check", check)
    with pytest.raises(DatabaseUnavailableError):
        await check_sources.run(context, check_sources.Arguments())
    assert asked == ["dart"]
    assert get_kind("check_sources").max_attempts > 1
