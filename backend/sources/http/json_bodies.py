"""Reads JSON from an answer, or raises the SourceError that says what came instead."""

import json
from typing import Any

from backend.errors import SourceChangedError, SourceTemporaryError
from backend.sources.http.client import Answer
from backend.text.cleaning import decode


def read_object(source: str, answer: Answer) -> dict[str, Any]:
    """The body as a JSON object, whatever its content type.

    Raises SourceTemporaryError for a truncated object, SourceChangedError for anything else.
    """
    try:
        body = json.loads(decode(answer.body, answer.content_type))
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body
    if answer.status == 200 and answer.body.lstrip()[:1] == b"{":
        raise SourceTemporaryError(f"{source} sent half an answer; it is asked again at the next run.")
    raise SourceChangedError(f"{source} sent no JSON (status {answer.status}); check its address in the settings.")


def read_list(source: str, answer: Answer) -> list[Any]:
    """The body as a JSON list, whatever its content type. Raises SourceChangedError for anything else."""
    try:
        body = json.loads(decode(answer.body, answer.content_type))
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, list):
        return body
    raise SourceChangedError(f"{source} sent no list (status {answer.status}); check its address in the settings.")


def list_objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; empty rows and anything else are left out."""
    return [row for row in value if isinstance(row, dict) and row] if isinstance(value, list) else []
