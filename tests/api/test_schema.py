"""The committed OpenAPI document is what the application serves, whole and usable by generators."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.api.schema import render

SIGN_IN = "/api/session"
COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render())
    return document


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation) for path, found in document["paths"].items() for method, operation in found.items()
    ]


def test_committed_document_is_current() -> None:
    assert COMMITTED.read_text() == render(), "run: python -m backend.api.schema > docs/openapi.json"


def test_every_operation_has_a_name_a_tag_and_its_errors(document: dict[str, Any]) -> None:
    found = operations(document)
    names = [operation["operationId"] for _, _, operation in found]
    assert len(names) == len(set(names))
    for path, method, operation in found:
        assert operation["tags"], path
        locked = {"401", "403", "409"} if method != "get" and path != SIGN_IN else set()
        expected = {"404", "422", "500", "503"} | locked
        assert expected <= set(operation["responses"]), (path, method)
        for status in expected:
            content = operation["responses"][status]["content"]
            assert set(content) == {"application/problem+json"}, (path, status)


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert names <= set(document["components"]["schemas"])


def test_codes_are_strings_and_writes_are_locked(document: dict[str, Any]) -> None:
    stock = document["components"]["schemas"]["StockItem"]["properties"]["code"]
    assert stock["type"] == "string"
    writes = [found for path, method, found in operations(document) if method != "get" and path != SIGN_IN]
    assert all(operation["security"] == [{"HTTPBearer": []}, {"APIKeyCookie": []}] for operation in writes)
