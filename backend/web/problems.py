"""Errors as RFC 9457 problem+json: type, title, status, detail with the remedy, instance, request id.

One answer per kind of error, whatever raised it: our own tree (backend.errors), the router
(404, 405, 413), a request that does not fit its declaration (422 with the fields), and whatever else is
raised, by its class of trouble (backend.db.troubles): a bug is 500 without details.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from backend.db.troubles import explain
from backend.errors import AzakError, InvalidInputError, Values, field_error
from backend.trouble import TROUBLES

MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Of the router and the layers in front of it; all others are classes of backend.trouble.
_BY_STATUS = {
    404: ("not-found", "Not found", "There is nothing at this address; /openapi.json lists the routes."),
    405: ("method-not-allowed", "Method not allowed", "Use one of the methods named in the Allow header."),
    413: ("body-too-large", "Body too large", "Send a smaller body, or raise AZAK_API_BODY_LIMIT_BYTES."),
}


HOST = (400, "host", "Unknown host", "Use a host name of AZAK_API_ALLOWED_HOSTS, or add this one to it.")
CROSS_SITE = (
    403, "cross-site", "Cross-site request",
    "Send this from azak's own page, from one of AZAK_API_CORS_ORIGINS with a key, or without an Origin header.",
)  # fmt: skip
REFUSED = (400, "http-error", "Request refused", "This is no HTTP request that azak takes; correct it.")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a `type` of problems stands for; names in braces in `detail` are told by each problem."""

    code: str
    status: int
    title: str
    detail: str


def problem_kinds() -> list[ProblemKind]:
    """Every kind of problem, by code."""
    of_web = [(status, *told) for status, told in _BY_STATUS.items()] + [HOST, CROSS_SITE, REFUSED]
    found = [ProblemKind(code, status, title, detail) for status, code, title, detail in of_web]
    known = {kind.code for kind in found}
    troubles = [one for one in TROUBLES.values() if one.code not in known]
    found += [ProblemKind(one.code, one.status, one.title, one.sentence) for one in troubles]
    return sorted(found, key=lambda kind: kind.code)


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


def refusal(request: Request, kind: tuple[int, str, str, str]) -> JSONResponse:
    """The response of a layer in front of the routes: one of HOST, CROSS_SITE."""
    status, slug, title, detail = kind
    return problem_response(request, status=status, slug=slug, title=title, detail=detail)


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
        "type": f"{request.scope.get('root_path', '')}/problems/{slug}",
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


def azak_error(request: Request, error: AzakError) -> JSONResponse:
    """The response to an error of our own tree."""
    headers = dict(error.headers)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
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
        return azak_error(request, InvalidInputError("The body is not JSON in UTF-8; send it again as such."))
    slug, title, detail = _BY_STATUS.get(error.status_code, ("http-error", "Request refused", error.detail))
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return problem_response(request, status=error.status_code, slug=slug, title=title, detail=detail, headers=headers)


def _allowed(request: Request) -> str:
    """Every method of this path; Starlette's Allow header has those of the first matching route only."""
    routes = request.app.router.routes
    found = {
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] == Match.FULL for route in routes)
    }
    return ", ".join(method for method in _METHODS if method in found or (method == "HEAD" and "GET" in found))


def _validation_error(request: Request, error: RequestValidationError) -> JSONResponse:
    errors = [field_error(item) for item in error.errors()]
    first = errors[0]
    where = ".".join(str(part) for part in first["location"]) or "request"
    message = first["message"]
    if message[1:2].islower():  # "JSON decode error" begins with a name
        message = message[:1].lower() + message[1:]
    detail = f"Correct {where}: {message}."
    return azak_error(request, InvalidInputError(detail, errors=errors))


def unexpected_response(request: Request, error: Exception) -> JSONResponse:
    """The response to an error without a handler, by its class of trouble; a bug is a 500 without details."""
    return azak_error(request, explain(error))


def add_handlers(app: FastAPI) -> None:
    """Register the handlers of the expected errors; middleware.Edge answers the unexpected ones."""
    app.add_exception_handler(AzakError, azak_error)  # type: ignore[arg-type]  # narrower than Exception
    app.add_exception_handler(HTTPException, router_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _validation_error)  # type: ignore[arg-type]
