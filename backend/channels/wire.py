"""How a request to a channel goes over the wire: to a judged address, without redirects, reading little of the answer.

Imported by the first message: httpx takes 3 MiB, which an API without a channel need not have.
"""

import asyncio
import json
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from backend import clock
from backend.channels import addresses
from backend.channels.request import LONGEST_PAUSE_S, NotDeliveredError, Request

_READ_BYTES: Final = 16_384
_MOST_ADDRESSES: Final = 4  # that are tried of one name


async def send(request: Request, *, private: bool, timeout_s: float) -> None:
    """Return when the channel has answered 2xx. Raises NotDeliveredError."""
    try:
        async with asyncio.timeout(timeout_s):
            await _send(request, private, timeout_s)
    except TimeoutError:
        raise NotDeliveredError(f"No answer within {timeout_s:g} s.") from None
    except httpx.InvalidURL:
        raise NotDeliveredError("The address in the settings is none.", is_refusal=True) from None
    except UnicodeError:  # a name of a host that is too long, a key with letters that no header takes
        raise NotDeliveredError("The address or the key in the settings cannot be sent.", is_refusal=True) from None
    except (httpx.HTTPError, OSError) as error:
        raise NotDeliveredError(f"No connection ({type(error).__name__}).") from None


async def _send(request: Request, private: bool, timeout_s: float) -> None:
    url = httpx.URL(request.url)
    if url.scheme not in ("http", "https") or not url.host:
        raise NotDeliveredError("The address in the settings must begin with https://.", is_refusal=True)
    found = await addresses.resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
    if not private and not all(map(addresses.is_public, found)):
        raise NotDeliveredError(
            "Its address is a private one; set AZAK_WATCHDOG_PRIVATE_ADDRESSES=true if that is meant.", is_refusal=True
        )
    tried = addresses.take_turns(found)[:_MOST_ADDRESSES]
    # An address that swallows packets leaves time for the others and for an answer.
    limit = httpx.Timeout(timeout_s, connect=timeout_s / (len(tried) + 1))
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=limit) as client:
        for position, address in enumerate(tried):
            try:
                await _ask(client, request, url, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if position == len(tried) - 1:
                    raise
            else:
                return


async def _ask(client: httpx.AsyncClient, request: Request, url: httpx.URL, address: str) -> None:
    content = None
    if request.body is not None:  # half of a surrogate pair, which a source may have sent, is no UTF-8
        content = (json.dumps(request.body, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    headers = {"Host": url.netloc.decode(), **request.headers}
    if content is not None:
        headers["Content-Type"] = "application/json"
        headers |= request.sign(content) if request.sign is not None else {}
    built = client.build_request(
        "GET" if content is None else "POST",
        url.copy_with(host=address),
        content=content,
        headers=headers,
        extensions={"sni_hostname": url.host},  # the certificate is checked against the name
    )
    answer = await client.send(built, stream=True)
    try:
        if not answer.is_success:
            raise _refusal(answer, await _read(answer))
    finally:
        await answer.aclose()


async def _read(answer: httpx.Response) -> bytes:
    """The beginning of the answer as it came: an answer that unpacks to gigabytes is not unpacked."""
    raw = b""
    async for chunk in answer.aiter_raw():
        raw += chunk
        if len(raw) > _READ_BYTES:
            break
    return raw[:_READ_BYTES]


def _refusal(answer: httpx.Response, body: bytes) -> NotDeliveredError:
    status = answer.status_code
    if answer.is_redirect:
        return NotDeliveredError(f"It redirects ({status}); give the address it leads to.", is_refusal=True)
    if status in (408, 425, 429) or status >= 500:
        return NotDeliveredError(f"It answered {status}.", pause_s=_pause_s(answer.headers.get("retry-after"), body))
    return NotDeliveredError(f"It refused with {status}; check its address and key.", is_refusal=True)


def _pause_s(header: str | None, body: bytes) -> float | None:
    """Seconds that the channel asks for: Retry-After, or `retry_after` of Discord and Telegram; an hour at most."""
    asked = _of_header(header) if header else _of_body(body)
    return None if asked is None else min(max(0.0, asked), LONGEST_PAUSE_S)


def _of_header(header: str) -> float | None:
    text = header.strip()[:40]
    try:
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return float(text)
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return None if moment.tzinfo is None else (moment - clock.now()).total_seconds()


def _of_body(body: bytes) -> float | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    inner = told.get("parameters")
    asked = told.get("retry_after", inner.get("retry_after") if isinstance(inner, dict) else None)
    return float(asked) if isinstance(asked, int | float) and 0 <= asked < 1e9 else None
