"""NAVER news search on both gateways: JSON sent as text/plain, with its limits and errors."""

import html
import json
import re
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.world.newsroom import DemoArticle, Terms
from backend.demo.world.stocks import ALL_STOCKS
from backend.demo.world.world import World

CONTENT_TYPE: Final = "text/plain;charset=UTF-8"
# Words added to a stock's name in queries; articles need not contain them.
_CUES: Final = {"주가", "주식", "관련주"}
_ALIASES: Final = {
    name.casefold(): tuple(dict.fromkeys((stock.name.casefold(), *map(str.casefold, stock.aliases))))
    for stock in ALL_STOCKS
    for name in (stock.name, *stock.aliases)
}


class QueryError(Exception):
    """An error of the search service: (status, errorCode, errorMessage)."""


def news_search(world: World, request: Request) -> Response:
    """GET /naver-hub/search/v1/news."""
    if not request.app.state.limits.naver_hub.admits():
        return _json({"error": {"errorCode": "420", "message": "Rate Limited"}}, 429, "application/json")
    if not (request.headers.get("x-ncp-apigw-api-key-id") and request.headers.get("x-ncp-apigw-api-key")):
        details = "Invalid authentication information."
        error = {"errorCode": "200", "message": "Authentication Failed", "details": details}
        return _json({"error": error}, 401, "application/json")
    return _answer(world, request)


def legacy_search(world: World, request: Request) -> Response:
    """GET /naver-legacy/v1/search/news.json: other headers, other errors, the same items."""
    if not request.app.state.limits.naver_legacy.admits():
        return _json({"errorMessage": "Rate limit exceeded", "errorCode": "012"}, 429, CONTENT_TYPE)
    if not (request.headers.get("x-naver-client-id") and request.headers.get("x-naver-client-secret")):
        return _json({"errorMessage": "Not Exist Client ID", "errorCode": "024"}, 401, CONTENT_TYPE)
    return _answer(world, request)


def _answer(world: World, request: Request) -> Response:
    try:
        query, display, start, sort = _parameters(request)
    except QueryError as refusal:
        status, code, message = refusal.args
        return _json({"errorMessage": message, "errorCode": code}, status, CONTENT_TYPE)
    terms = tuple(_ALIASES.get(word, (word,)) for word in _words(query))
    found = world.newsroom.holding(terms, world.now())
    if sort == "sim":
        found.sort(key=lambda article: _in_title(article, terms), reverse=True)
    page = found[start - 1 : start - 1 + display]
    body = {
        "lastBuildDate": format_datetime(world.now().astimezone(KST)),
        "total": len(found),
        "start": start,
        "display": len(page),
        "items": [_item(article, terms) for article in page],
    }
    return _json(body, 200, CONTENT_TYPE)


def unknown_api(_world: World, _request: Request) -> Response:
    """Any other path of the gateway."""
    return _json(
        {"errorMessage": "Invalid search api (존재하지 않는 검색 api 입니다.)", "errorCode": "SE05"}, 404, CONTENT_TYPE
    )


def _parameters(request: Request) -> tuple[str, int, int, str]:
    raw = request.url.query
    try:
        given = dict(parse_qsl(raw, encoding="utf-8", errors="strict"))
    except UnicodeDecodeError:
        raise QueryError(400, "SE06", "Malformed encoding (잘못된 형식의 인코딩입니다.)") from None
    query, sort = given.get("query", "").strip(), given.get("sort", "sim")
    if not query:
        raise QueryError(400, "SE01", "Incorrect query request (잘못된 쿼리요청입니다.)")
    display = _bounded(given.get("display", "10"), 100, "SE02", "Invalid display value (부적절한 display 값입니다.)")
    start = _bounded(given.get("start", "1"), 1_000, "SE03", "Invalid start value (부적절한 start 값입니다.)")
    if sort not in {"sim", "date"}:
        raise QueryError(400, "SE04", "Invalid sort value (부적절한 sort 값입니다.)")
    return query, display, start, sort


def _bounded(text: str, highest: int, code: str, message: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= highest:
        raise QueryError(400, code, message)
    return int(text)


def _words(query: str) -> list[str]:
    """The words that an article must contain, casefolded; the whole query if it has only cues."""
    words = [word for word in query.casefold().replace('"', " ").split() if word not in _CUES]
    return words or [query.casefold()]


def _in_title(article: DemoArticle, terms: Terms) -> bool:
    title = article.title.casefold()
    return any(spelling in title for spellings in terms for spelling in spellings)


def _item(article: DemoArticle, terms: Terms) -> dict[str, str]:
    return {
        "title": _markup(article.title, terms, article.number),
        "originallink": article.url,
        "link": article.publisher.portal_url(article.number) or article.url,
        "description": _markup(article.snippet, terms, article.number),
        "pubDate": format_datetime(article.published_at.astimezone(KST)),
    }


def _markup(text: str, terms: Terms, number: int) -> str:
    """Escape HTML (twice in one article of seven) and put <b> around the search words."""
    escaped = html.escape(text, quote=True).replace("&#x27;", "&#39;")
    if number % 7 == 0:
        escaped = escaped.replace("&", "&amp;")
    spellings = sorted({html.escape(word) for words in terms for word in words}, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, spellings)), r"<b>\g<0></b>", escaped, flags=re.IGNORECASE)


def _json(body: Any, status: int, content_type: str) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, headers={"content-type": content_type})
