"""HTTP client of one source: total deadline, body limit, rate limit, robots.txt, safe redirects, conditional GET.

Every failure is one of three errors: temporary (ask later), refused (an operator must act on a key or ban) or changed
(address or parser must be looked at). Their messages name the source and never a URL, because some sources carry their
key in the query string. Settings: AZAK_SOURCES_TIMEOUT_S, AZAK_SOURCES_BODY_LIMIT_BYTES.
"""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, Final

import httpx
import stamina

from backend import clock
from backend.clock import KST
from backend.errors import SourceChangedError, SourceRefusedError, SourceTemporaryError
from backend.sources.http import robots
from backend.sources.http.pacing import take_turn
from backend.sources.http.redirects import check_redirect, other_names

USER_AGENT: Final = f"azak/{version('azak')}"
MAX_REDIRECTS: Final = 3
MAX_RETRY_AFTER_S: Final = 86_400
RATE_LIMIT_PAUSE_S: Final = 60
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of a source. `not_modified`: unchanged since the validators that were sent (HTTP 304)."""

    status: int
    body: bytes
    content_type: str
    etag: str | None
    last_modified: str | None
    fetched_at: datetime

    @property
    def not_modified(self) -> bool:
        return self.status == httpx.codes.NOT_MODIFIED


@dataclass(frozen=True, slots=True)
class RatePolicy:
    """Limits of requests to a source: seconds and bytes of one, their rate, and whether robots.txt is obeyed.

    `pause_s`: after a 429 that names none; `limit_remedy`: what to do about an answer with too many bytes.
    """

    timeout_s: float
    body_limit_bytes: int
    requests_per_s: float | None = None
    obeys_robots: bool = False
    pause_s: int = RATE_LIMIT_PAUSE_S
    limit_remedy: str = "raise AZAK_SOURCES_BODY_LIMIT_BYTES if that is right"


class SourceClient:
    """Client of one source, made by `open_client`. `requests` counts the requests sent, for the source's quota."""

    def __init__(self, source: str, http: httpx.AsyncClient, policy: RatePolicy) -> None:
        self.source = source
        self.requests = 0
        self._http = http
        self._policy = policy

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        explained: Collection[int] = (),
    ) -> Answer:
        """GET `path` under the base URL, all retries within one deadline.

        `explained`: error statuses whose body the caller reads itself. Raises SourceTemporaryError,
        SourceRefusedError or SourceChangedError.
        """
        sent = dict(headers or {})
        if etag:
            sent["If-None-Match"] = etag
        if last_modified:
            sent["If-Modified-Since"] = last_modified
        request = self._http.build_request("GET", path, params=params, headers=sent)
        return await self._within_deadline(request, explained, attempts=3)

    async def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str] | None = None,
        explained: Collection[int] = (),
    ) -> Answer:
        """POST `body` as JSON, without retries: after a failure nobody knows whether it took effect."""
        request = self._http.build_request("POST", path, json=body, headers=headers)
        return await self._within_deadline(request, explained, attempts=1)

    async def _within_deadline(self, request: httpx.Request, explained: Collection[int], *, attempts: int) -> Answer:
        timeout_s = self._policy.timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                if self._policy.obeys_robots:
                    await self._obey_robots(request.url)
                return await self._with_retries(request, explained, attempts)
        except TimeoutError:
            raise SourceTemporaryError(
                f"{self.source} did not answer within {timeout_s:g} s; it is asked again at the next run."
            ) from None

    async def _obey_robots(self, url: httpx.URL) -> None:
        host = str(self._http.base_url)
        rules = robots.recall(host)
        if rules is None:
            asked = self._http.build_request("GET", "robots.txt")
            answer = await self._follow(asked, range(400, 500))  # absent or refused: open (RFC 9309)
            rules = robots.remember(host, answer.body if answer.status < 300 else None)
        if not rules.allows(str(url)):
            raise SourceRefusedError(f"{self.source} forbids this in its robots.txt; add it to AZAK_SOURCES_OFF.")

    async def _with_retries(self, request: httpx.Request, explained: Collection[int], attempts: int) -> Answer:
        async for attempt in stamina.retry_context(on=_is_retryable, attempts=attempts, timeout=None, wait_initial=0.2):
            with attempt:
                return await self._follow(request, explained)
        raise AssertionError  # pragma: no cover  (stamina returns or raises)

    async def _follow(self, request: httpx.Request, explained: Collection[int]) -> Answer:
        allowed = other_names(self._http.base_url.host)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                response = await self._send(request)
                try:
                    if response.next_request is None:
                        self._check_status(response, explained)
                        return await self._answer(response)
                finally:
                    await response.aclose()
                await check_redirect(self.source, request.url, response.next_request.url, allowed)
                request = response.next_request
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreadable(error) from None
        raise SourceChangedError(f"{self.source} redirects in a circle; check its address in the settings.")

    async def _send(self, request: httpx.Request) -> httpx.Response:
        if self._policy.requests_per_s is not None:
            # Limiters are named by address: two sources with one key (KIS prices and headlines) share one limit.
            await take_turn(str(self._http.base_url), self._policy.requests_per_s)
        self.requests += 1
        return await self._http.send(request, stream=True)

    def _unreadable(self, error: Exception) -> SourceTemporaryError | SourceChangedError:
        if _is_tls_refusal(error):
            return SourceChangedError(
                f"{self.source} speaks a TLS that this machine refuses; give its address as http:// if it has one."
            )
        return SourceTemporaryError(
            f"{self.source} could not be read ({type(error).__name__}); it is asked again at the next run."
        )

    def _check_status(self, response: httpx.Response, explained: Collection[int]) -> None:
        status = response.status_code
        if status < 300 or status == httpx.codes.NOT_MODIFIED or status in explained:
            return
        if status == httpx.codes.TOO_MANY_REQUESTS:
            pause_s = parse_retry_after(response.headers.get("retry-after")) or self._policy.pause_s
            raise SourceTemporaryError(f"{self.source} asks for a pause of {pause_s} s.", retry_after_s=pause_s)
        if status >= 500:
            pause = parse_retry_after(response.headers.get("retry-after"))
            raise SourceTemporaryError(
                f"{self.source} answered {status}; it is asked again at the next run.", retry_after_s=pause
            )
        if status in (401, 403):
            raise SourceRefusedError(f"{self.source} refused us with {status}; check its key and its terms.")
        raise SourceChangedError(f"{self.source} answered {status}; check its address in the settings.")

    async def _answer(self, response: httpx.Response) -> Answer:
        body = await self._read(response)
        return Answer(
            response.status_code,
            body,
            response.headers.get("content-type", ""),
            response.headers.get("etag"),
            response.headers.get("last-modified"),
            clock.now(),
        )

    async def _read(self, response: httpx.Response) -> bytes:
        # Raw bytes, unpacked here under the same limit: httpx inflates a whole chunk at once (gzip bombs).
        raw = bytearray()
        async for chunk in response.aiter_raw():
            raw += chunk
            if len(raw) > self._policy.body_limit_bytes:
                raise self._too_large()
        if response.headers.get("content-encoding", "identity").lower() in ("gzip", "x-gzip", "deflate"):
            return self._unpack(bytes(raw))
        return bytes(raw)

    def _unpack(self, raw: bytes) -> bytes:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            body = unpacker.decompress(raw, self._policy.body_limit_bytes + 1)
        except zlib.error:
            raise SourceTemporaryError(f"{self.source} sent a broken archive; it is asked again.") from None
        if len(body) > self._policy.body_limit_bytes:
            raise self._too_large()
        if raw and not unpacker.eof:
            raise SourceTemporaryError(f"{self.source} sent half an archive; it is asked again.")
        return body

    def _too_large(self) -> SourceChangedError:
        return SourceChangedError(
            f"{self.source} sent more than {self._policy.body_limit_bytes} bytes; {self._policy.limit_remedy}."
        )


@asynccontextmanager
async def open_client(source: str, base_url: str, policy: RatePolicy) -> AsyncIterator[SourceClient]:
    """A client of `source` for the length of the block."""
    url = httpx.URL(base_url.rstrip("/") + "/")
    http = httpx.AsyncClient(
        base_url=url,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        follow_redirects=False,
        timeout=httpx.Timeout(policy.timeout_s, connect=min(5.0, policy.timeout_s)),
        trust_env=url.host not in _LOOPBACK,
        verify=url.scheme == "https",
    )
    async with http:
        yield SourceClient(source, http, policy)


def parse_retry_after(value: str | None) -> int | None:
    """Seconds of a Retry-After header (number or date), at most a day; None if absent or malformed."""
    if value is None:
        return None
    text = value.strip()[:60]  # a date has 29 letters
    if text.isascii() and text.isdigit():
        # Longer numbers are more than a day; int() itself refuses thousands of digits.
        return int(text) if len(text) <= 5 and int(text) < MAX_RETRY_AFTER_S else MAX_RETRY_AFTER_S
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return min(max(0, round((moment - clock.now()).total_seconds())), MAX_RETRY_AFTER_S)


def _is_retryable(error: Exception) -> bool:
    return isinstance(error, SourceTemporaryError) and error.retry_after_s is None


def seconds_to_midnight(moment: datetime) -> int:
    """Seconds until midnight in Seoul, when daily quotas are reset."""
    local = moment.astimezone(KST)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - local).total_seconds()) + 1


def _is_tls_refusal(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
