"""`format=csv` and `format=ndjson` of every list: the list itself is asked, page by page, and its rows are written.

So rights, filters and refusals are those of the list. One page is held at a time, no connection to the database while
a slow reader takes it, and few exports run at once. An export that fails in its middle ends its connection without the
last chunk, so that nobody takes a part for the whole.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, get_args
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.db.paging import MAX_LIMIT
from backend.errors import AzakError, InvalidInputError, TroubleError
from backend.trouble import TOO_MANY_EXPORTS
from backend.web.fastapi_private import query_parameters
from backend.web.problems import azak_error
from backend.web.tables import MEDIA_TYPES, write_rows

AT_ONCE: Final = 4
Pairs = list[tuple[str, str]]


class ExportBrokenError(RuntimeError):
    """A later page could not be read; the answer has begun, so its connection ends."""


@dataclass(frozen=True, slots=True)
class ListRoute:
    """A route that answers `{items}`; `columns` are the fields of an item, `is_paged`: it takes limit and cursor."""

    route: APIRoute
    columns: Sequence[str]
    is_paged: bool


def list_route(route: APIRoute) -> ListRoute | None:
    """The route as a list; None if it is none."""
    fields = getattr(route.response_model, "model_fields", {})
    if "GET" not in (route.methods or ()) or "items" not in fields:
        return None
    (item,) = get_args(fields["items"].annotation)
    return ListRoute(route, (*item.model_fields, *item.model_computed_fields), "limit" in query_parameters(route))


class Exports:
    """Innermost layer but the routes, so that reads without `format` pay nothing; `lists` are looked at when needed."""

    def __init__(self, app: ASGIApp, *, lists: Callable[[], Sequence[ListRoute]]) -> None:
        self.app = app
        self._lists = lists
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or b"format=" not in scope["query_string"]:
            await self.app(scope, receive, send)
            return
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        rest = [(name, value) for name, value in pairs if name != "format"]
        forms = [value for name, value in pairs if name == "format"]
        try:
            found = self._find(scope) if forms else None
            if found is None or forms == ["json"]:
                await self.app({**scope, "query_string": urlencode(rest).encode()} if found else scope, receive, send)
            else:
                await self._answer(_Export(self.app, scope, receive, found, _form(forms)), rest, send)
        except AzakError as error:
            await azak_error(Request(scope), error)(scope, receive, send)

    def _find(self, scope: Scope) -> ListRoute | None:
        return next((found for found in self._lists() if found.route.path_regex.match(scope["path"])), None)

    async def _answer(self, export: "_Export", pairs: Pairs, send: Send) -> None:
        if self._open >= AT_ONCE:
            raise TroubleError(TOO_MANY_EXPORTS)
        self._open += 1
        try:
            await export.run(pairs, send)
        finally:
            self._open -= 1


def _form(forms: Sequence[str]) -> str:
    if len(forms) != 1 or forms[0] not in MEDIA_TYPES:
        raise InvalidInputError("The format of a list is json, csv or ndjson; name one of them.")
    return forms[0]


@dataclass(frozen=True, slots=True)
class _Export:
    app: ASGIApp
    scope: Scope
    receive: Receive
    found: ListRoute
    form: str

    async def run(self, pairs: Pairs, send: Send) -> None:
        """Send the list: the one page that `limit` asks for, else all of it."""
        self.scope["route"] = self.found.route  # for the metrics
        is_one = not self.found.is_paged or any(name == "limit" for name, _ in pairs)
        asked = pairs if is_one else [*pairs, ("limit", str(MAX_LIMIT))]
        start, body = await self._ask(asked)
        if start["status"] != 200:
            await send(start)
            await send({"type": "http.response.body", "body": body})
            return
        page = json.loads(body)
        await send(self._start(pairs, page.get("next_cursor") if is_one else None))
        is_first = True
        while not self.scope.get("is_head"):
            cursor = None if is_one else page.get("next_cursor")
            rows = write_rows(self.form, self.found.columns, page["items"], is_first=is_first)
            await send({"type": "http.response.body", "body": rows, "more_body": cursor is not None})
            if cursor is None:
                return
            is_first = False
            start, body = await self._ask(_with_cursor(asked, cursor))
            if start["status"] != 200:
                raise ExportBrokenError(f"a page was answered with {start['status']}")
            page = json.loads(body)
        await send({"type": "http.response.body", "body": b""})

    def _start(self, pairs: Pairs, next_cursor: str | None) -> Message:
        name = self.scope["path"].removeprefix("/api/").replace("/", "-")
        headers = [
            (b"content-type", MEDIA_TYPES[self.form].encode()),
            (b"content-disposition", f'attachment; filename="azak-{name}.{self.form}"'.encode("ascii", "replace")),
        ]
        if next_cursor is not None:
            query = urlencode([*_with_cursor(pairs, next_cursor), ("format", self.form)])
            headers.append((b"link", f'<?{query}>; rel="next"'.encode()))
        return {"type": "http.response.start", "status": 200, "headers": headers}

    async def _ask(self, pairs: Pairs) -> tuple[Message, bytes]:
        """The start and the whole body of one page."""
        scope = {name: value for name, value in self.scope.items() if name not in ("plans", "route")}
        started: list[Message] = []
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            else:
                parts.append(message.get("body", b""))

        await self.app(scope | {"query_string": urlencode(pairs).encode()}, self.receive, keep)
        return started[0], b"".join(parts)


def _with_cursor(pairs: Pairs, cursor: str) -> Pairs:
    return [*((name, value) for name, value in pairs if name != "cursor"), ("cursor", cursor)]
