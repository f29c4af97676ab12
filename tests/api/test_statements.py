"""A hot read is one statement, and none of them counts, skips or grows with the page."""

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.db.session import Database
from backend.services.forecasts.dashboard import MAX_COUNTED
from tests.factories import SAMSUNG, World, add_news, add_prediction

HOT = [f"/api/news?stock_code={SAMSUNG}", "/api/stocks", f"/api/stocks/{SAMSUNG}/bars",
       f"/api/prediction?stock_code={SAMSUNG}", "/api/dashboard"]  # fmt: skip


@pytest.fixture
def statements(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements that reach PostgreSQL through the reader; the engine of SQLAlchemy must not be used at all."""
    seen: list[str] = []
    reader, database = app.state.reader, app.state.database
    fetch = reader.fetch

    async def recorded(statement: str, *values: Any) -> Any:
        seen.append(statement)
        return await fetch(statement, *values)

    def refused() -> None:
        raise AssertionError("a hot read asked for a session")

    monkeypatch.setattr(reader, "fetch", recorded)
    monkeypatch.setattr(database, "read", refused)
    return seen


@pytest.mark.parametrize("path", HOT)
async def test_a_hot_read_is_one_statement(
    client: httpx.AsyncClient, world: World, database: Database, statements: list[str], path: str
) -> None:
    async with database.write() as session:
        for ago_s in range(100, 130):
            await add_news(session, SAMSUNG, ago_s=ago_s)
            await add_prediction(session, world.version, ago_s=ago_s)
    for _ in range(2):  # understood anew, then by its plan
        assert (await client.get(path)).status_code == 200
    assert len(statements) == 2
    assert statements[0] == statements[1]
    assert not re.search(r"\boffset\b", statements[0], re.IGNORECASE)
    unbounded = statements[0].count("count(*)") - statements[0].count(f"LIMIT {MAX_COUNTED}) n")
    assert unbounded == (path == "/api/dashboard")  # its count of watched stocks, which it lists anyway
