"""Client of Korea Investment & Securities' Open API (KIS): token, retries and errors of all its calls.

An access token is valid for a day. KIS issues one a minute at most and notifies the owner's phone each time, so a
`TokenKeeper` returns the stored one. An answer is a success if its `rt_cd` is "0", whatever the HTTP status; exceeding
the rate limit is an HTTP 500. Settings: AZAK_SOURCES_KIS_{URL,APP_KEY,APP_SECRET,PAPER}.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import stamina
from pydantic import SecretStr

from backend.clock import KST
from backend.errors import SourceChangedError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.sources.http.client import Answer, SourceClient
from backend.sources.http.json_bodies import read_object

SOURCE: Final = "kis"
QUOTATIONS: Final = "uapi/domestic-stock/v1/quotations/"
TOKEN_PAUSE_S: Final = 61
_EXPLAINED: Final = (400, 401, 403, 500)
_BUSY: Final = "EGW00201"
_TOKEN_RATE: Final = "EGW00133"  # noqa: S105  (an error code)
_TOKEN_REJECTED: Final = frozenset({"EGW00121", "EGW00123"})
_KEY_REFUSED: Final = frozenset({"EGW00103", "EGW00105", "EGW00131", "EGW02004"})
# KIS never names a later expiry; one that is later is taken as a day.
_LONGEST_LIFE: Final = timedelta(days=1)


class BusyError(SourceTemporaryError):
    """More requests in this second than KIS allows."""


class TokenRejectedError(SourceTemporaryError):
    """The token is expired or revoked: a new one is needed."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; never printed."""

    value: SecretStr
    expires_at: datetime


class TokenKeeper(Protocol):
    """Returns the one token of this key; `rejected` is a token that KIS no longer accepts."""

    async def get(self, rejected: SecretStr | None = None) -> SecretStr: ...


async def issue_token(client: SourceClient, app_key: SecretStr, app_secret: SecretStr) -> Token:
    """A new token from KIS. Raises SourceTemporaryError (asked within a minute of the last) or SourceRefusedError."""
    body = {
        "grant_type": "client_credentials",
        "appkey": app_key.get_secret_value(),
        "appsecret": app_secret.get_secret_value(),
    }
    return parse_token(await client.post("oauth2/tokenP", body, explained=_EXPLAINED))


def parse_token(answer: Answer) -> Token:
    """The token and its expiry, which KIS writes in Korean time without a zone."""
    body = read_object(SOURCE, answer)
    value, expiry = body.get("access_token"), body.get("access_token_token_expired")
    if not isinstance(value, str) or not value:
        raise _error(answer, body)
    latest = answer.fetched_at + _LONGEST_LIFE
    try:
        expires_at = datetime.strptime(str(expiry), "%Y-%m-%d %H:%M:%S").replace(tzinfo=KST)
    except ValueError:
        expires_at = latest
    return Token(SecretStr(value), min(expires_at, latest))


class KisClient:
    """Calls KIS with the token. A rejected token is replaced once; over the rate limit it waits and tries again."""

    def __init__(self, client: SourceClient, app_key: SecretStr, app_secret: SecretStr, tokens: TokenKeeper) -> None:
        self._client = client
        self._app_key, self._app_secret = app_key, app_secret
        self._tokens = tokens
        self._token: SecretStr | None = None

    async def get(self, call: str, tr_id: str, params: Mapping[str, str], *, room: str = QUOTATIONS) -> Answer:
        """The successful answer of one call, of quotations unless another `room` is given. Raises a SourceError."""
        call = room + call
        token = self._token = self._token or await self._tokens.get()
        try:
            return await self._get_with_retries(call, tr_id, params, token)
        except TokenRejectedError:
            token = self._token = await self._tokens.get(rejected=token)
            return await self._get_with_retries(call, tr_id, params, token)

    async def _get_with_retries(self, call: str, tr_id: str, params: Mapping[str, str], token: SecretStr) -> Answer:
        async for attempt in stamina.retry_context(on=BusyError, attempts=4, timeout=None, wait_initial=1.0):
            with attempt:
                return await self._once(call, tr_id, params, token)
        raise AssertionError  # pragma: no cover  (stamina returns or raises)

    async def _once(self, call: str, tr_id: str, params: Mapping[str, str], token: SecretStr) -> Answer:
        headers = {
            "authorization": f"Bearer {token.get_secret_value()}",
            "appkey": self._app_key.get_secret_value(),
            "appsecret": self._app_secret.get_secret_value(),
            "tr_id": tr_id,
            "custtype": "P",
        }
        answer = await self._client.get(call, params=params, headers=headers, explained=_EXPLAINED)
        read_success(answer)
        return answer


def read_success(answer: Answer) -> dict[str, Any]:
    """The body of a successful call. Raises the SourceError that stands for its error code."""
    body = read_object(SOURCE, answer)
    if str(body.get("rt_cd")) != "0":
        raise _error(answer, body)
    return body


def _error(answer: Answer, body: Mapping[str, Any]) -> SourceError:
    code = str(body.get("msg_cd") or body.get("error_code") or "")[:20]
    if code == _BUSY:
        return BusyError(f"{SOURCE} asks us to slow down ({code}); it is asked again.", retry_after_s=2)
    if code == _TOKEN_RATE:
        return SourceTemporaryError(
            f"{SOURCE} issues one token a minute ({code}); it is asked again later.", retry_after_s=TOKEN_PAUSE_S
        )
    if code in _TOKEN_REJECTED:
        return TokenRejectedError(f"{SOURCE} no longer takes our token ({code}); a new one is issued.")
    if code in _KEY_REFUSED or answer.status in (401, 403):
        return SourceRefusedError(
            f"{SOURCE} refused the key ({code}); check AZAK_SOURCES_KIS_APP_KEY, _APP_SECRET and _PAPER."
        )
    if answer.status >= 500:
        return SourceTemporaryError(f"{SOURCE} answered {answer.status} ({code}); it is asked again at the next run.")
    return SourceChangedError(f"{SOURCE} does not understand our question ({code}); report this as a bug.")
