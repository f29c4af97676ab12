"""ASGI middleware of both processes: request id, access log, security headers, path aliases, hosts and sizes.

Written as plain ASGI: Starlette's BaseHTTPMiddleware hides disconnects and costs a task per request. Its
TrustedHostMiddleware (1.9 us per request, ours 1.4) and RequestBodyLimitMiddleware refuse in plain text, where every
error of azak is problem+json.
"""

import random
import re
import time
from collections.abc import Mapping, Sequence

import structlog
from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import trouble as troubles
from backend.db.troubles import explain
from backend.log import get_logger
from backend.web.problems import HOST, refusal, router_error, unexpected_response
from backend.web.prometheus import count_request

log = get_logger(__name__)

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
}
# Of documents; data, scripts and styles are not opened as one, and these lines would be a third of a short answer.
DOCUMENT_HEADERS = SECURITY_HEADERS | {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
}
_SECURITY_HEADERS, _DOCUMENT_HEADERS = (
    [(name.encode(), value.encode()) for name, value in headers.items()]
    for headers in (SECURITY_HEADERS, DOCUMENT_HEADERS)
)
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})  # no route of theirs reads one
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
# A name or an IP address, an IPv6 one in brackets; then perhaps a port. No user name, no path.
_HOST = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


def _request_id(headers: Headers) -> str:
    """The trace id of `traceparent`, else a well-formed X-Request-Id, else a new one."""
    trace = _TRACEPARENT.match(headers.get("traceparent", ""))
    if trace and set(trace[1]) != {"0"}:
        return trace[1]
    given = headers.get("x-request-id", "")
    if _REQUEST_ID.match(given):
        return given
    return f"{random.getrandbits(128):032x}"  # no secret, so no secure random number; uuid4 costs 1 % of a hot read


def request_id_of(request: Request) -> str:
    """The id of this request, which is in its log lines, its problem and the header X-Request-Id."""
    request_id: str = request.scope["request_id"]
    return request_id


class Edge:
    """Outermost layer: adds a request id and security headers, logs the request, and answers unexpected errors."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = scope["request_id"] = _request_id(Headers(scope=scope))
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = list(message["headers"])
                given = dict(headers)
                is_document = given.get(b"content-type", b"").startswith(b"text/html")
                added = _DOCUMENT_HEADERS if is_document else _SECURITY_HEADERS
                headers += [header for header in added if header[0] not in given]
                headers.append((b"x-request-id", request_id.encode()))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            except Exception as error:  # so that every request has an answer
                if status:
                    raise
                _log_unexpected(error)
                await unexpected_response(Request(scope), error)(scope, receive, send_with_headers)
            finally:
                seconds = time.perf_counter() - started
                count_request(scope.get("route_path") or getattr(scope.get("route"), "path", None), status, seconds)
                if scope["path"] != "/livez":
                    elapsed_ms = round(seconds * 1000, 1)
                    log.info("request", method=scope["method"], path=scope["path"], status=status, ms=elapsed_ms)


def _log_unexpected(error: Exception) -> None:
    found = explain(error).trouble
    if found is troubles.INTERNAL_ERROR:
        log.error("request_failed", exc_info=error)
    else:
        log.warning("request_in_trouble", code=found.code, reason=type(error).__name__)


class BasePath:
    """Takes the path that azak is served under from the front of a request's path, unless a proxy has done so."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.base:
            scope["root_path"] = self.base
            if scope["path"] == self.base or scope["path"].startswith(f"{self.base}/"):
                scope["path"] = scope["path"].removeprefix(self.base) or "/"
        await self.app(scope, receive, send)


class PathAliases:
    """Rewrites paths by their prefix: `{"/api/predict": "/api/prediction"}` and all below it."""

    def __init__(self, app: ASGIApp, paths: Mapping[str, str]) -> None:
        self.app = app
        self.paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for alias, path in self.paths.items():
                if scope["path"] == alias or scope["path"].startswith(alias + "/"):
                    scope["path"] = path + scope["path"].removeprefix(alias)
                    break
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuses a body larger than `limit_bytes` before it is read, as problem+json."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self.app(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit_bytes:
                raise HTTPException(413)
            return message

        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > self.limit_bytes:
            await router_error(Request(scope), HTTPException(413))(scope, receive, send)
            return
        await self.app(scope, receive_limited, send)


class TrustedHosts:
    """Refuses a Host that is not allowed (DNS rebinding), as problem+json."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self.app = app
        self.allowed = frozenset(name.strip().lower() for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_ours(Headers(scope=scope).get("host")):
            await refusal(Request(scope), HOST)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, header: str | None) -> bool:
        parsed = _HOST.fullmatch(header or "")
        return "*" in self.allowed or (parsed is not None and parsed["host"].lower() in self.allowed)
