"""HTTP client of the REST API for the command line."""

from typing import Any
from urllib.parse import quote

import httpx

from backend import trouble as troubles
from backend.cli.environment import local_host
from backend.cli.sentences import in_commands, problem_sentence
from backend.config import Settings
from backend.errors import AzakError

# Not 409: the argument is right, the moment is not.
_WRONG_ARGUMENT = frozenset({400, 404, 413, 422})
_PAGE_SIZE = 200
OPEN_STATES = frozenset({"queued", "running", "retry"})


class ServiceUnreachableError(AzakError):
    """No service answers at the API's address."""

    trouble = troubles.UNREACHABLE


class RequestRefusedError(AzakError):
    """The API responded with a problem; `detail` is its sentence."""


class WrongArgumentError(RequestRefusedError):
    """An argument names nothing that exists, or is not written as it must be; exit code 2."""

    trouble = troubles.INVALID_INPUT


def api_url(settings: Settings) -> str:
    return f"http://{local_host(settings)}:{settings.api.port}"


def page_url(settings: Settings) -> str:
    """Address of the first page on this machine, with a slash at its end."""
    return f"{api_url(settings)}{settings.api.base_path}/"


def key_headers(settings: Settings) -> dict[str, str]:
    """HTTP headers with the configured API key (AZAK_API_KEY or azak.env), if there is one."""
    if settings.api.key is None:
        return {"User-Agent": "azak-cli"}
    return {"User-Agent": "azak-cli", "Authorization": f"Bearer {settings.api.key.get_secret_value()}"}


def path_of(*parts: str) -> str:
    """The path below /api of a thing that a person named, whatever characters the name holds."""
    return f"/api/{'/'.join(quote(part, safe='') for part in parts)}"


def open_client(settings: Settings) -> httpx.Client:
    address, headers = api_url(settings), key_headers(settings)
    return httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False, verify=False)  # noqa: S501  (HTTP)


def response_sentence(response: httpx.Response) -> str:
    """The sentence of an error response."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return f"The API answered {response.status_code} to {response.request.method} {response.request.url}."
    return problem_sentence(problem, response.status_code)


def request(client: httpx.Client, method: str, path: str, **options: Any) -> Any:
    """Send a request and decode the response.

    Raises ServiceUnreachableError (exit code 3), WrongArgumentError (2), RequestRefusedError (1).
    """
    response = _send(client, method, path, **options)
    try:
        return response.json() if response.content else None
    except ValueError as error:
        raise ServiceUnreachableError(
            f"What answers at {client.base_url} is not azak; stop it, or change AZAK_API_PORT."
        ) from error


def request_file(client: httpx.Client, path: str, **options: Any) -> bytes:
    """The bytes of a file; raises as `request` does."""
    return _send(client, "GET", path, **options).content


def _send(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
    try:
        response = client.request(method, path, **options)
    except httpx.TransportError as error:
        raise ServiceUnreachableError(
            f"The API does not answer at {client.base_url}; start it with 'azak up' or check AZAK_API_PORT."
        ) from error
    if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        raise ServiceUnreachableError(response_sentence(response))
    if response.status_code in _WRONG_ARGUMENT:
        raise WrongArgumentError(response_sentence(response))
    if response.is_error:
        raise RequestRefusedError(response_sentence(response))
    return response


def request_all(client: httpx.Client, path: str, **wanted: Any) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = request(client, "GET", path, params={"limit": _PAGE_SIZE, **wanted, **cursor})
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


def run_failure(run: dict[str, Any]) -> str:
    """Why a run did not succeed, in one sentence."""
    error = run.get("error") or {}
    reason = error.get("message") or run.get("message") or "no reason was stored"
    return f"{run['kind']} {run['state']}: {in_commands(reason)}"


def new_sign_in_link(client: httpx.Client) -> str:
    """Create a one-time sign-in link."""
    link: str = request(client, "POST", "/api/session/links")["url"]
    return link
