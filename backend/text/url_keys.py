"""One key per article, whatever form its address has; it is the unique column news.url_key."""

import hashlib
import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

ADDRESS_LIMIT: Final = 2_000  # letters; a longer one would be stored cut and lead nowhere
KEY_LIMIT: Final = 400  # far below the 2,704 bytes of a PostgreSQL index entry
_TRACKING = re.compile(r"utm_.*|sid|ntype|fbclid|gclid|rss|ref|from|cds|mode|input|section|nv_ad")
_MOBILE = re.compile(r"^(?:www|m|mobile|amp)\.(?=[^.]+\.)")
_NAVER_PATH = re.compile(r"/(?:mnews/)?article/(?:comment/)?(\d{3})/(\d{10})")
_NAVER_QUERY = (("oid", "aid"), ("office_id", "article_id"), ("officeId", "articleId"))


def url_key(url: str) -> str | None:
    """Canonical key of an article's address; None if it is not a web address with a path, or longer than the limit.

    Tracking parameters, fragment, scheme and m./amp/www hosts do not count. The four forms of a Naver
    article fold to `naver:{oid}:{aid}`.
    """
    url = url.strip()
    if len(url) > ADDRESS_LIMIT:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    query = parse_qsl(parts.query, keep_blank_values=True)
    if host.endswith("naver.com") and (key := _naver_key(parts.path, dict(query))):
        return key
    if host.endswith("yna.co.kr"):  # the number stands in the path; the query only tells the section it was found in
        query = []
    path = re.sub(r"^/amp(?=/)|/amp/?$|\.amp$", "", parts.path).rstrip("/")
    kept = sorted((name, value) for name, value in query if not _TRACKING.fullmatch(name.lower()))
    if not path and not kept:
        return None
    key = f"{_MOBILE.sub('', host)}{port}{path}" + (f"?{urlencode(kept)}" if kept else "")
    return key if len(key) <= KEY_LIMIT else f"{key[: KEY_LIMIT - 65]}#{hashlib.sha256(key.encode()).hexdigest()}"


def _naver_key(path: str, query: dict[str, str]) -> str | None:
    if found := _NAVER_PATH.search(path):
        return f"naver:{found.group(1)}:{found.group(2)}"
    for office, article in _NAVER_QUERY:
        if query.get(office) and query.get(article):
            return f"naver:{query[office]}:{query[article]}"
    return None
