"""Every list as CSV and NDJSON: the same rows, rights and filters, a page at a time, and no formula in a cell."""

import asyncio
import csv
import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend import clock
from backend.api import list_routes
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.services.runs import runs
from backend.web.exporting import exports
from backend.web.exporting.tables import write_rows
from tests.api.test_refusals import problem_of
from tests.factories import SAMSUNG, World, add_ab_test

FILLED = {"code": SAMSUNG, "name": "gated", "model": "gated", "news_id": "1", "index_code": "KOSPI"}
NEWS = text("""
    INSERT INTO news (source, publisher, kind, title, snippet, url, url_key, known_at, first_seen_at,
                      published_precision)
    SELECT 'x', 'x', 'article', '=1+' || n, '', 'https://example.com/' || n, n, moment, moment, 'none'
    FROM generate_series(1, 450) n, LATERAL (SELECT CAST(:at AS timestamptz) - n * interval '1 minute' AS moment) m
""")


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_every_list_is_answered_as_csv_and_ndjson(
    writer: httpx.AsyncClient, database: Database, world: World
) -> None:
    async with database.write() as session:
        run = (await runs.accept(session, kind="crawl_news", arguments={}, origin=Origin.API)).id
        test = await add_ab_test(session, world.version, world.other_version)
    assert len(list_routes()) > 25
    for found in list_routes():
        path = found.route.path.format(**FILLED, run_id=run, test_id=test)
        answer = await writer.get(path)
        assert (path, answer.status_code) == (path, 200)
        listed = answer.json()["items"]
        table, lines = await writer.get(path, params={"format": "csv"}), await writer.get(f"{path}?format=ndjson")
        assert (path, table.status_code, lines.status_code) == (path, 200, 200)
        assert [json.loads(line) for line in lines.text.splitlines()] == listed
        assert next(csv.reader(io.StringIO(table.text))) == list(found.columns)
        assert len(rows_of(table)) == len(listed)
        for item in listed:
            assert item.keys() == set(found.columns)


async def add_news(database: Database) -> None:
    async with database.write() as session:
        await session.execute(NEWS, {"at": clock.now() - timedelta(days=1)})


async def test_an_export_has_all_pages_and_a_limit_makes_it_one(
    client: httpx.AsyncClient, database: Database, world: World
) -> None:
    await add_news(database)
    lines = (await client.get("/api/news?format=ndjson&source=x")).text.splitlines()
    assert [json.loads(line)["title"] for line in lines] == [f"=1+{n}" for n in range(1, 451)]
    table = await client.get("/api/news", params={"format": "csv", "source": "x"})
    assert [row["title"] for row in rows_of(table)] == [f"'=1+{n}" for n in range(1, 451)]
    assert table.headers["content-disposition"] == 'attachment; filename="azak-news.csv"'
    one = await client.get("/api/news?format=ndjson&source=x&limit=2")
    assert len(one.text.splitlines()) == 2
    after = one.headers["link"].removeprefix("<").partition(">")[0]
    assert [json.loads(line)["title"] for line in (await client.get("/api/news" + after)).text.splitlines()] == [
        "=1+3",
        "=1+4",
    ]


async def test_refusals_of_the_list_are_refusals_of_the_export(client: httpx.AsyncClient, world: World) -> None:
    for query in ("format=xml", "format=csv&format=csv", "format=csv&stok_code=1", "format=csv&cursor=x"):
        problem = problem_of(await client.get(f"/api/news?{query}"))
        assert (query, problem["status"]) == (query, 422)
    assert problem_of(await client.get("/api/stocks/999999/bars?format=csv"))["status"] == 404
    assert problem_of(await client.get("/api/audit?format=csv"))["status"] == 401
    assert problem_of(await client.get("/api/dashboard?format=csv"))["status"] == 422
    assert (await client.get("/api/news?format=json")).json() == (await client.get("/api/news")).json()


async def test_an_export_that_breaks_has_no_end(
    client: httpx.AsyncClient, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_news(database)
    asked = exports._Export._ask

    async def fails_later(self: Any, pairs: exports.Pairs) -> Any:
        if any(name == "cursor" for name, _ in pairs):
            return {"type": "http.response.start", "status": 503, "headers": []}, b""
        return await asked(self, pairs)

    monkeypatch.setattr(exports._Export, "_ask", fails_later)
    with pytest.raises(exports.ExportBrokenError):
        await client.get("/api/news?format=csv")


async def test_few_exports_run_at_once(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, begun = asyncio.Event(), asyncio.Semaphore(0)
    asked = exports._Export._ask

    async def waits(self: Any, pairs: exports.Pairs) -> Any:
        begun.release()
        await held.wait()
        return await asked(self, pairs)

    monkeypatch.setattr(exports._Export, "_ask", waits)
    running = [asyncio.create_task(client.get("/api/news?format=csv")) for _ in range(exports.AT_ONCE)]
    for _ in running:
        await begun.acquire()
    refused = problem_of(await client.get("/api/news?format=csv"))
    held.set()
    assert (refused["status"], refused["type"]) == (503, "/problems/too-many-exports")
    assert [answer.status_code for answer in await asyncio.gather(*running)] == [200] * exports.AT_ONCE


def test_a_cell_is_never_a_formula() -> None:
    told = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "x=1", "", None, True, -1, 0.5, ["-"], {"a": 1}]
    text_of = write_rows("csv", ["a"], [{"a": value} for value in told], is_first=False).decode()
    assert [row[0] if row else "" for row in csv.reader(io.StringIO(text_of, newline=""))] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "'＝1", "x=1", "", "", "true", "-1", "0.5", '["-"]', '{"a":1}',
    ]  # fmt: skip
