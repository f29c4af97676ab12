"""The REST API as the command line uses it: the same requests that any other client may make."""

import json
from typing import Any

import httpx

from backend.cli.environment import local_host
from backend.config import Settings
from backend.errors import AzakError

OPEN_STATES = frozenset({"queued", "running", "retry"})


class ServiceUnreachableError(AzakError):
    """Nobody answers at the API's address."""

    status = 503
    title = "Service unreachable"


class RequestRefusedError(AzakError):
    """The API answered with a problem; the detail is its sentence."""

    title = "Request refused"


def api_url(settings: Settings) -> str:
    return f"http://{local_host(settings)}:{settings.api.port}"


def key_headers(settings: Settings) -> dict[str, str]:
    """The key of this machine's azak.env (or AZAK_API_KEY), if there is one."""
    if settings.api.key is None:
        return {"User-Agent": "azak-cli"}
    return {"User-Agent": "azak-cli", "Authorization": f"Bearer {settings.api.key.get_secret_value()}"}


def open_client(settings: Settings) -> httpx.Client:
    return httpx.Client(base_url=api_url(settings), headers=key_headers(settings), timeout=30, trust_env=False)


def problem_sentence(response: httpx.Response) -> str:
    """What a refusal says, with the fields it is about."""
    try:
        problem = response.json()
    except json.JSONDecodeError:
        return f"The API answered {response.status_code} to {response.request.method} {response.request.url}."
    fields = "; ".join(f"{'.'.join(map(str, e.get('loc', ())))}: {e.get('msg')}" for e in problem.get("errors") or ())
    return f"{problem.get('detail') or problem.get('title')}{f' ({fields})' if fields else ''}"


def request(client: httpx.Client, method: str, path: str, **options: Any) -> Any:
    """The decoded answer. Raises ServiceUnreachableError (exit code 3) or RequestRefusedError (1)."""
    try:
        response = client.request(method, path, **options)
    except httpx.TransportError as error:
        raise ServiceUnreachableError(
            f"The API does not answer at {client.base_url}; start it with 'azak up' or check AZAK_API_PORT."
        ) from error
    if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        raise ServiceUnreachableError(problem_sentence(response))
    if response.is_error:
        raise RequestRefusedError(problem_sentence(response))
    return response.json() if response.content else None


def run_failure(run: dict[str, Any]) -> str:
    """The sentence of a run that did not succeed."""
    error = run.get("error") or {}
    reason = error.get("message") or run.get("message") or "no reason was stored"
    return f"{run['kind']} {run['state']}: {reason}"


def new_sign_in_link(client: httpx.Client) -> str:
    """An address that signs one browser in, once."""
    link: str = request(client, "POST", "/api/session/links")["url"]
    return link
