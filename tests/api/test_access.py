"""Who may do what: scopes of keys, browsers that signed in, other sites' pages, and the record of all of it."""

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.main import create_app
from tests.api.conftest import KEY, client_of
from tests.api.test_refusals import problem_of
from tests.factories import SAMSUNG, World

REPORT = {"stock_code": SAMSUNG}


async def made_key(writer: httpx.AsyncClient, *scopes: str) -> dict[str, Any]:
    answer = await writer.post("/api/keys", json={"name": "phone", "scopes": list(scopes)})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def test_key_is_shown_once_and_stored_as_its_hash(writer: httpx.AsyncClient, database: Database) -> None:
    made = await made_key(writer, "read")
    listed = (await writer.get("/api/keys")).json()["items"]
    assert listed == [{name: value for name, value in made.items() if name != "key"}]
    async with database.read() as session:
        stored = (await session.execute(text("SELECT key_hash FROM api_keys"))).scalar_one()
    assert bytes(stored) == hashlib.sha256(made["key"].encode()).digest()
    again = await writer.post("/api/keys", json={"name": "phone", "scopes": ["read"]})
    assert problem_of(again)["status"] == 409


async def test_a_key_may_do_what_its_scopes_say(app: FastAPI, writer: httpx.AsyncClient, world: World) -> None:
    reader = await made_key(writer, "read")
    async with client_of(app, Authorization=f"Bearer {reader['key']}") as client:
        refused = await client.post("/api/reports", json=REPORT)
        assert (refused.status_code, "scope 'write'" in problem_of(refused)["detail"]) == (403, True)
        assert problem_of(await client.get("/api/keys"))["status"] == 403
        assert problem_of(await client.post("/api/keys", json={"name": "x", "scopes": ["admin"]}))["status"] == 403
        assert (await client.get("/api/stocks")).status_code == 200
    revoked = await writer.post(f"/api/keys/{reader['id']}/revoke")
    assert revoked.json()["revoked_at"] is not None
    assert (await writer.post(f"/api/keys/{reader['id']}/revoke")).json() == revoked.json()
    async with client_of(app, Authorization=f"Bearer {reader['key']}") as client:
        assert problem_of(await client.post("/api/reports", json=REPORT))["status"] == 401


@pytest.mark.parametrize("body", [{"name": "x", "scopes": ["root"]}, {"name": "x", "scopes": []}, {"scopes": ["read"]}])
async def test_impossible_key_is_refused(writer: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert problem_of(await writer.post("/api/keys", json=body))["status"] == 422


async def test_browser_signs_in_writes_and_signs_out(client: httpx.AsyncClient, world: World) -> None:
    assert (await client.get("/api/session")).json() == {"name": None, "scopes": []}
    assert problem_of(await client.post("/api/session", json={"key": "not-the-key"}))["status"] == 401
    answer = await client.post("/api/session", json={"key": KEY})
    assert answer.json() == {"name": "key", "scopes": ["admin", "read", "write"]}
    attributes = answer.headers["set-cookie"].lower()
    assert "httponly" in attributes
    assert "samesite=strict" in attributes
    assert (await client.get("/api/session")).json()["name"] == "key"
    assert (await client.post("/api/reports", json=REPORT)).status_code == 202
    cookie = client.cookies["azak_session"]
    assert (await client.delete("/api/session")).status_code == 204
    client.cookies.set("azak_session", cookie)
    assert problem_of(await client.post("/api/reports", json=REPORT))["status"] == 401


async def test_the_rule_of_rights_an_expired_sign_in_opens_nothing(
    client: httpx.AsyncClient, world: World, database: Database
) -> None:
    """A cookie is for 30 days by the database's clock, whatever the browser keeps; the next sign-in forgets it."""
    await client.post("/api/session", json={"key": KEY})
    async with database.write() as session:
        left = await session.scalar(text("SELECT expires_at - now() FROM sign_ins"))
        await session.execute(text("UPDATE sign_ins SET expires_at = now() + interval '10 seconds'"))
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    assert (await client.post("/api/reports", json=REPORT)).status_code == 202
    async with database.write() as session:
        await session.execute(text("UPDATE sign_ins SET expires_at = now() - interval '1 second'"))
    assert problem_of(await client.post("/api/reports", json=REPORT))["status"] == 401
    assert (await client.get("/api/session")).json()["name"] is None
    await client.post("/api/session", json={"key": KEY})
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM sign_ins")) == 1


async def test_the_rule_of_rights_an_expired_key_opens_nothing(
    app: FastAPI, writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    made = await made_key(writer, "write")
    async with client_of(app, Authorization=f"Bearer {made['key']}") as client:
        for left, status in (("10 seconds", 202), ("-1 seconds", 401)):
            async with database.write() as session:
                await session.execute(text(f"UPDATE api_keys SET expires_at = now() + interval '{left}'"))
            assert (await client.post("/api/reports", json=REPORT)).status_code == status


async def test_revoking_a_key_ends_its_browsers(app: FastAPI, writer: httpx.AsyncClient, world: World) -> None:
    made = await made_key(writer, "write")
    async with client_of(app) as browser:
        await browser.post("/api/session", json={"key": made["key"]})
        assert (await browser.post("/api/reports", json=REPORT)).status_code == 202
        await writer.post(f"/api/keys/{made['id']}/revoke")
        assert problem_of(await browser.post("/api/reports", json=REPORT))["status"] == 401


async def test_link_signs_one_browser_in_once(app: FastAPI, writer: httpx.AsyncClient, world: World) -> None:
    url = (await writer.post("/api/session/links")).json()["url"]
    async with client_of(app) as first, client_of(app) as second:
        answer = await first.get(url)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await first.post("/api/reports", json=REPORT)).status_code == 202
        assert "azak sign-in" in problem_of(await second.get(url))["detail"]


@pytest.mark.parametrize("query", ["?token=used", "?token=", "", f"?token={'x' * 300}"])
async def test_browser_with_a_used_link_gets_a_page_in_both_languages(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/sign-in{query}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")
    for words in ("이 로그인 링크는 더 쓸 수 없어요", "This sign-in link is used up", "azak sign-in", "/settings"):
        assert words in answer.text
    assert "set-cookie" not in answer.headers
    program = await client.get(f"/sign-in{query}", headers={"Accept": "application/json"})
    assert problem_of(program)["type"] == "/problems/unauthorized"


async def test_link_that_is_over_signs_nobody_in(
    client: httpx.AsyncClient, writer: httpx.AsyncClient, database: Database
) -> None:
    url = (await writer.post("/api/session/links")).json()["url"]
    async with database.write() as session:
        await session.execute(text("UPDATE sign_in_links SET expires_at = now() - interval '1 second'"))
    assert problem_of(await client.get(url))["status"] == 401


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:9999"},
    {"Origin": "null"},
    {"Origin": "http://[::"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_another_sites_page_cannot_write(
    client: httpx.AsyncClient, world: World, headers: dict[str, str]
) -> None:
    await client.post("/api/session", json={"key": KEY})
    answer = await client.post("/api/reports", json=REPORT, headers=headers)
    assert (answer.status_code, problem_of(answer)["title"]) == (403, "Cross-site request")
    assert (await client.get("/api/stocks", headers=headers)).status_code == 200


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}], ids=str)
async def test_our_own_page_can_write(client: httpx.AsyncClient, world: World, headers: dict[str, str]) -> None:
    await client.post("/api/session", json={"key": KEY}, headers=headers)
    assert (await client.post("/api/reports", json=REPORT, headers=headers)).status_code == 202


async def test_every_write_is_audited_under_its_request_id(
    client: httpx.AsyncClient, writer: httpx.AsyncClient, world: World
) -> None:
    assert problem_of(await client.get("/api/audit"))["status"] == 401
    accepted = await writer.post("/api/reports", json=REPORT)
    refused = await writer.post("/api/reports", json={"stock_code": "999999"})
    await client.post("/api/reports", json=REPORT)  # a stranger's write is refused before it is anybody's
    entries = (await writer.get("/api/audit")).json()["items"]
    assert [(entry["actor"], entry["path"], entry["request_id"]) for entry in entries] == [
        ("key", "/api/reports", answer.headers["x-request-id"]) for answer in (refused, accepted)
    ]


async def test_orders_beyond_the_limit_wait(
    writer: httpx.AsyncClient, world: World, api_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_settings.api, "orders_per_minute", 2)
    orders: list[tuple[str, dict[str, Any]]] = [
        ("/api/reports", REPORT), ("/api/prediction", REPORT), ("/api/jobs/crawl_news/runs", {}),
    ]  # fmt: skip
    answers = [await writer.post(path, json=body) for path, body in orders]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert "AZAK_API_ORDERS_PER_MINUTE" in problem_of(answers[-1])["detail"]


async def test_closed_reads_need_a_key(api_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings.api, "open_reads", False)
    app = create_app(api_settings)
    async with app.router.lifespan_context(app), client_of(app) as stranger:
        assert {
            path: (await stranger.get(path)).status_code
            for path in ("/api/stocks", "/api/runs", "/api/health", "/livez", "/api/session")
        } == {"/api/stocks": 401, "/api/runs": 401, "/api/health": 200, "/livez": 200, "/api/session": 200}
        async with client_of(app, Authorization=f"Bearer {KEY}") as reader:
            assert (await reader.get("/api/stocks")).status_code == 200
