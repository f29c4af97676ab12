"""Refuses unknown query parameters, which FastAPI ignores: a misspelt `?stok_code=` must not list everything.

FastAPI's own way (one pydantic model with extra="forbid") fits routes whose parameters are all in one model; ours
combine dependencies (paging, filters).
"""

import difflib

from fastapi import Request
from fastapi.routing import APIRoute

from backend.errors import InvalidInputError
from backend.web.fastapi_private import query_parameters

MAX_QUERY_BYTES = 2000  # the longest valid one has 500; PlannedReads keeps queries as keys


async def refuse_unknown_parameters(request: Request) -> None:
    """Dependency of every route. Raises InvalidInputError, which names the parameter and the closest known one."""
    if len(request.scope["query_string"]) > MAX_QUERY_BYTES:
        raise InvalidInputError(f"The query is longer than {MAX_QUERY_BYTES} bytes; ask for less at once.")
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    declared = query_parameters(route)
    unknown = [name for name in request.query_params if name not in declared]
    if not unknown:
        return
    close = difflib.get_close_matches(unknown[0], declared, n=1)
    known = ", ".join(sorted(declared)) or "none"
    hint = f"write {close[0]} instead." if close else f"this route knows: {known}."
    raise InvalidInputError(
        f"The parameter {unknown[0]!r} is not known: {hint}",
        errors=[
            {"location": ["query", name], "message": "unknown parameter", "kind": "unknown", "values": {}}
            for name in unknown
        ],
    )
