"""What a problem says to programs, and that the page has words for it in both languages."""

import ast
from pathlib import Path

import httpx
import pytest

from backend.db import conflicts
from backend.services.record.ab import ab_test
from backend.trouble import TROUBLES
from backend.web import problem_kinds
from tests.api.test_refusals import problem_of
from tests.factories import World

ROOT = Path(__file__).resolve().parents[2]
FILES = ("problems.ts", "rare.ts")
WORDS = {
    language: "".join((ROOT / "dashboard/src/i18n" / language / name).read_text() for name in FILES)
    for language in ("ko", "en")
}
# Of pydantic: what a form of the page can break.
KINDS_OF_PYDANTIC = {
    "missing", "string_too_long", "string_too_short", "string_pattern_mismatch", "too_long", "too_short",
    "int_parsing", "int_type", "float_parsing", "float_type", "greater_than", "greater_than_equal", "less_than",
    "less_than_equal", "literal_error", "enum", "uuid_parsing",
}  # fmt: skip


def _slugs() -> set[str]:
    return {kind.code for kind in problem_kinds()}


def _kinds() -> set[str]:
    """Every literal `kind` that an error of ours is raised with, and those that are made of names."""
    found = {f"not-{state}" for state in ab_test._REFUSALS} | {kind for kind, _, _ in conflicts._REFUSALS.values()}
    for path in (ROOT / "backend").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error"):
                given = (keyword.value for keyword in node.keywords if keyword.arg == "kind")
                found |= {str(value.value) for value in given if isinstance(value, ast.Constant)}
    return found


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_words_every_class_and_kind_of_problem(language: str) -> None:
    slugs, kinds = _slugs(), _kinds()
    assert set(TROUBLES) < slugs
    assert {"invalid-input", "too-many-requests", "internal-error", "cross-site", "host", "body-too-large"} <= slugs
    assert {"same-version", "name-taken", "not-draft", "invalid-key", "missing-scope", "run-ended"} <= kinds
    wanted = {f"problem.{slug}{part}" for slug in slugs for part in ("", ".detail")}
    wanted |= {f"refusal.{kind}" for kind in kinds | KINDS_OF_PYDANTIC}
    assert sorted(key for key in wanted if f'"{key}":' not in WORDS[language]) == []


async def test_a_refusal_names_field_kind_and_values(writer: httpx.AsyncClient, world: World) -> None:
    new = {"name": "twice", "model_version_a": 1, "model_version_b": 1}
    problem = problem_of(await writer.post("/api/ab_test", json=new))
    assert [(error["location"], error["kind"], error["values"]) for error in problem["errors"]] == [
        (["body", "model_version_b"], "same-version", {})
    ]
    assert problem["errors"][0]["message"] == problem["detail"]
    problem = problem_of(await writer.post("/api/ab_test", json=new | {"name": "x" * 200, "alpha": 2}))
    assert [(error["location"], error["kind"], error["values"]) for error in problem["errors"]] == [
        (["body", "name"], "string_too_long", {"max_length": 100}),
        (["body", "alpha"], "less_than", {"lt": 1.0}),
    ]


async def test_an_unknown_key_is_refused_at_its_field(client: httpx.AsyncClient) -> None:
    problem = problem_of(await client.post("/api/session", json={"key": "not-a-key"}))
    assert (problem["status"], problem["type"]) == (401, "/problems/unauthorized")
    assert [(error["location"], error["kind"]) for error in problem["errors"]] == [(["body", "key"], "invalid-key")]


async def test_the_type_of_a_problem_is_an_address_that_explains_it(client: httpx.AsyncClient) -> None:
    problem = problem_of(await client.get("/api/news/999999"))
    told = await client.get(problem["type"])
    assert told.json() == {
        "code": "not-found", "status": 404, "title": "Not found", "detail": told.json()["detail"],
    }  # fmt: skip
    page = await client.get(problem["type"], headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>Not found</h1>" in page.text
    assert problem_of(await client.get("/problems/none-such"))["status"] == 404
    assert {kind["code"] for kind in (await client.get("/problems")).json()["items"]} == _slugs()
