"""The dashboard as files: what a browser gets at /, with and without a build."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from backend.api import pages
from backend.config import Settings
from backend.main import create_app
from tests.api.conftest import KEY, client_of

EXPECTED_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
}
EXPECTED_OF_DOCUMENTS = EXPECTED_HEADERS | {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
}
SCRIPT = b"export const azak = 1;\n" * 100


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built page in a folder of its own, with a secret beside it."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<base href="/"><script type="module" src="./assets/index-abc.js"></script>')
    (folder / "assets" / "index-abc.js").write_bytes(SCRIPT)
    (tmp_path / "secret.js").write_text("secret")
    (folder / "assets" / "notes.txt").write_text("not part of the page")
    monkeypatch.setattr(pages, "_dist", pages.Dist(folder))
    return folder


@pytest.fixture
async def based(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """An azak that is served under /azak."""
    settings.api.base_path, settings.api.key = "/azak", SecretStr(KEY)
    app = create_app(settings)
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


async def test_page_is_asked_for_each_time_and_its_files_never_again(client: httpx.AsyncClient, dist: Path) -> None:
    page = await client.get("/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    script = await client.get("/assets/index-abc.js")
    assert script.content == SCRIPT
    assert script.headers["content-encoding"] == "gzip"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    plain = await client.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == SCRIPT
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    "path",
    ["/stock/005930", "/stock/nobody", "/news", "/news/12", "/news?stock=005930&stok=1", "/models", "/operations",
     "/operations/0198c1", "/settings", "/settings/ab-test"],
)  # fmt: skip
async def test_the_page_has_real_paths(client: httpx.AsyncClient, dist: Path, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, (dist / "index.html").read_text())
    assert answer.headers["content-security-policy"] == EXPECTED_OF_DOCUMENTS["content-security-policy"]


@pytest.mark.parametrize("path", ["/stock", "/stocks", "/news/1/2", "/api", "/api/stock", "/models/x", "/index.html"])
async def test_other_paths_stay_unknown(client: httpx.AsyncClient, dist: Path, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_under_a_base_path(based: httpx.AsyncClient, dist: Path) -> None:
    for path in ("/azak", "/azak/", "/azak/stock/005930", "/stock/005930"):  # the last one: a proxy took it off
        assert '<base href="/azak/">' in (await based.get(path)).text
    assert (await based.get("/azak/assets/index-abc.js")).content == SCRIPT
    assert (await based.get("/azak/livez")).json() == (await based.get("/livez")).json() == {"status": "ok"}
    assert (await based.get("/azakx/livez")).status_code == 404
    assert 'href="/azak/openapi.json"' in (await based.get("/azak/docs")).text
    assert 'href="/azak/settings"' in (await based.get("/azak/sign-in", headers={"Accept": "text/html"})).text


async def test_signing_in_under_a_base_path(based: httpx.AsyncClient) -> None:
    signed = await based.post("/azak/api/session", json={"key": KEY})
    assert signed.status_code == 200
    assert "; Path=/azak/" in signed.headers["set-cookie"]
    link = await based.post("/azak/api/session/links", headers={"Authorization": f"Bearer {KEY}"})
    assert link.json()["url"].startswith("http://localhost/azak/sign-in?token=")
    used = await based.get(link.json()["url"])
    assert (used.status_code, used.headers["location"]) == (303, "/azak/")


async def test_scripts_of_the_page_alone_may_run(client: httpx.AsyncClient, dist: Path) -> None:
    policy = (await client.get("/")).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path",
    ["/assets/../../secret.js", "/assets/..%2f..%2fsecret.js", "/assets/%2e%2e/%2e%2e/secret.js", "/assets/notes.txt",
     "/assets/..%5c..%5csecret.js", "/assets/index.html", "/assets/", "/assets//etc/passwd", "/secret.js"],
)  # fmt: skip
async def test_no_path_leads_out_of_the_build(client: httpx.AsyncClient, dist: Path, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "secret" not in answer.json()["detail"].replace("secret.js", "")


async def test_a_file_of_a_build_that_another_instance_served(client: httpx.AsyncClient, dist: Path) -> None:
    assert (await client.get("/")).status_code == 200
    (dist / "assets" / "index-def.js").write_bytes(b"new")
    os.utime(dist / "index.html", (1, 1))
    assert (await client.get("/assets/index-def.js")).content == b"new"


async def test_a_new_build_is_seen_and_the_old_files_stay(client: httpx.AsyncClient, dist: Path) -> None:
    assert (await client.get("/")).status_code == 200
    (dist / "assets" / "index-abc.js").rename(dist / "assets" / "index-new.js")
    (dist / "index.html").write_text("new build")
    later = (dist / "index.html").stat().st_mtime + 10
    os.utime(dist / "index.html", (later, later))
    assert (await client.get("/")).text == "new build"
    for name in ("index-new.js", "index-abc.js"):
        assert (await client.get(f"/assets/{name}")).content == SCRIPT


async def test_without_a_build_the_page_says_how_to_make_one(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_dist", pages.Dist(tmp_path))
    page = await client.get("/")
    assert page.status_code == 200
    assert "azak dashboard" in page.text
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b"built meanwhile")
    assert (await client.get("/")).text == "built meanwhile"


async def test_the_page_that_is_not_built_is_a_page_too(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_dist", pages.Dist(tmp_path))
    page = await client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<code>azak dashboard</code>" in page.text
    assert '<a href="/api/dashboard">' in page.text


async def test_every_answer_has_the_headers_that_keep_other_sites_out(client: httpx.AsyncClient) -> None:
    answers = [("/livez", EXPECTED_HEADERS), ("/api/nothing", EXPECTED_HEADERS)]
    answers += [("/", EXPECTED_OF_DOCUMENTS), ("/docs", EXPECTED_OF_DOCUMENTS)]
    for path, expected in answers:
        headers = (await client.get(path)).headers
        assert {name: headers[name] for name in expected} == expected
