"""Errors as RFC 9457 problem+json: type, title, status, detail with the remedy, instance, request id.

One answer per kind of error, whatever raised it: our own tree (backend.errors), the router
(404, 405, 413), a request that does not fit its declaration (422 with the fields), and whatever else is
raised, by its class of trouble (backend.db.troubles): a bug is 500 without details.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from backend.db.troubles import explain
from backend.errors import AzakError, InvalidInputError, Values, field_error

MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_BY_STATUS = {
    404: ("not-found", "Not found", "There is nothing at this address; docs/openapi.json lists the routes."),
    405: ("method-not-allowed", "Method not allowed", "Use one of the methods named in the Allow header."),
    413: ("body-too-large", "Body too large", "Send a smaller body, or raise AZAK_API_BODY_LIMIT_BYTES."),
}


class FieldError(BaseModel):
    """One thing wrong with the request: where (empty: the request as a whole), what, and a machine-readable kind."""

    location: list[str | int]
    message: str
    kind: str
    values: dict[str, str | int | float] = Field(description="What the message counts or names, such as `max_length`.")


class Problem(BaseModel):
    """RFC 9457 problem. `detail` is one sentence that says what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None
    values: dict[str, str | int | float] | None = Field(None, description="What `detail` counts or names.")
    errors: list[FieldError] | None = None


_TITLES = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Body too large",
    422: "Invalid input",
    429: "Too many requests",
    500: "Internal error",
    503: "Database unavailable",
}


def _responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": _TITLES[status],
            "content": {
                MEDIA_TYPE: {
                    "schema": schema,
                    "examples": {"typical": {"$ref": f"#/components/examples/Problem{status}"}},
                }
            },
        }
        for status in statuses
    }


PROBLEM_RESPONSES = _responses(404, 422, 500, 503)
SIGN_IN_RESPONSES = _responses(401, 403)
WRITE_RESPONSES = _responses(401, 403, 409, 413, 429)


def problem_response(
    request: Request,
    *,
    status: int,
    slug: str,
    title: str,
    detail: str,
    values: Values | None = None,
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The response of one problem."""
    body = {
        "type": f"/problems/{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": request.scope.get("request_id"),
    }
    if values:
        body["values"] = dict(values)
    if errors is not None:
        body["errors"] = errors
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def _azak_error(request: Request, error: AzakError) -> JSONResponse:
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    if error.trouble.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem_response(
        request,
        status=error.trouble.status,
        slug=error.trouble.code,
        title=error.trouble.title,
        detail=error.detail,
        values=error.values,
        errors=error.errors,
        headers=headers,
    )


def router_error(request: Request, error: HTTPException) -> JSONResponse:
    """The response to what the router itself refuses, with our sentence for its status."""
    if error.status_code == 400:  # FastAPI: the body is not UTF-8; broken JSON is 422
        return _azak_error(request, InvalidInputError("The body is not JSON in UTF-8; send it again as such."))
    slug, title, detail = _BY_STATUS.get(error.status_code, ("http-error", "Request refused", error.detail))
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return problem_response(request, status=error.status_code, slug=slug, title=title, detail=detail, headers=headers)


def _allowed(request: Request) -> str:
    """Every method of this path; Starlette's Allow header has those of the first matching route only."""
    routes = request.app.router.routes
    return ", ".join(
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] == Match.FULL for route in routes)
    )


def _validation_error(request: Request, error: RequestValidationError) -> JSONResponse:
    errors = [field_error(item) for item in error.errors()]
    first = errors[0]
    where = ".".join(str(part) for part in first["location"]) or "request"
    detail = f"Correct {where}: {first['message'][:1].lower()}{first['message'][1:]}."
    return _azak_error(request, InvalidInputError(detail, errors=errors))


def unexpected_response(request: Request, error: Exception) -> JSONResponse:
    """The response to an error without a handler, by its class of trouble; a bug is a 500 without details."""
    return _azak_error(request, explain(error))


def add_handlers(app: FastAPI) -> None:
    """Register the handlers of the expected errors; middleware.Edge answers the unexpected ones."""
    app.add_exception_handler(AzakError, _azak_error)  # type: ignore[arg-type]  # narrower than Exception
    app.add_exception_handler(HTTPException, router_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _validation_error)  # type: ignore[arg-type]
