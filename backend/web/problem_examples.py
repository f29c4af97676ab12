"""An example of a problem for each status, for the OpenAPI document."""

from typing import Any, Final

_DETAILS: Final = {
    401: ("unauthorized", "Not signed in", "Writing needs the header 'Authorization: Bearer <AZAK_API_KEY>'."),
    403: ("forbidden", "Not allowed", "This needs a key with the scope 'admin'; 'azak keys add' makes one."),
    404: ("not-found", "Not found", "There is no news 999; list news with GET /api/news."),
    409: ("conflict", "Conflict", "The stock 005930 is watched already."),
    413: ("body-too-large", "Body too large", "Send a smaller body, or raise AZAK_API_BODY_LIMIT_BYTES."),
    422: ("invalid-input", "Invalid input", "Correct query.limit: input should be less than or equal to 200."),
    429: ("too-many-requests", "Too many requests", "120 orders were accepted in the last minute; wait 12 s."),
    500: ("internal-error", "Internal error", "azak failed at this; look for the id in the log of this process."),
    503: ("database-unavailable", "Database unavailable", "The database does not answer; start it with 'azak up'."),
}
_LIMIT: Final = {
    "location": ["query", "limit"],
    "message": "Input should be less than or equal to 200",
    "kind": "less_than_equal",
    "values": {"le": 200},
}


def problem_examples() -> dict[str, Any]:
    """By the names that the answers refer to: Problem404 and so on."""
    return {f"Problem{status}": {"value": _example(status, *told)} for status, told in _DETAILS.items()}


def _example(status: int, slug: str, title: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"/problems/{slug}", "title": title, "status": status, "detail": detail, "instance": "/api/news",
        "request_id": "6f0c2d1e9a4b4c55", "values": None, "errors": [_LIMIT] if status == 422 else None,
    }  # fmt: skip
