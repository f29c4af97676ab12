"""HTTP client of the REST API for the command line."""

import json
from typing import Any

import httpx

from backend.cli.environment import local_host
from backend.config import Settings
from backend.errors import AzakError

OPEN_STATES = frozenset({"queued", "running", "retry"})


class ServiceUnreachableError(AzakError):
    """No service answers at the API's address."""

    status = 503
    title = "Service unreachable"


class RequestRefusedError(AzakError):
    """The API responded with a problem; `detail` is its sentence."""

    title = "Request refused"


def api_url(settings: Settings) -> str:
    return f"http://{local_host(settings)}:{settings.api.port}"


def key_headers(settings: Settings) -> dict[str, str]:
    """HTTP headers with the configured API key (AZAK_API_KEY or azak.env), if there is one."""
    if settings.api.key is None:
        return {"User-Agent": "azak-cli"}
    return {"User-Agent": "azak-cli", "Authorization": f"Bearer {settings.api.key.get_secret_value()}"}


def open_client(settings: Settings) -> httpx.Client:
    return httpx.Client(base_url=api_url(settings), headers=key_headers(settings), timeout=30, trust_env=False)


def problem_sentence(response: httpx.Response) -> str:
    """The sentence of an error response, with the fields that it names."""
    try:
        problem = response.json()
    except json.JSONDecodeError:
        return f"The API answered {response.status_code} to {response.request.method} {response.request.url}."
    fields = "; ".join(f"{'.'.join(map(str, e.get('loc', ())))}: {e.get('msg')}" for e in problem.get("errors") or ())
    return f"{problem.get('detail') or problem.get('title')}{f' ({fields})' if fields else ''}"


def request(client: httpx.Client, method: str, path: str, **options: Any) -> Any:
    """Send a request and decode the response. Raises ServiceUnreachableError (exit code 3), RequestRefusedError (1)."""
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
    """Why a run did not succeed, in one sentence."""
    error = run.get("error") or {}
    reason = error.get("message") or run.get("message") or "no reason was stored"
    return f"{run['kind']} {run['state']}: {reason}"


def new_sign_in_link(client: httpx.Client) -> str:
    """Create a one-time sign-in link."""
    link: str = request(client, "POST", "/api/session/links")["url"]
    return link
