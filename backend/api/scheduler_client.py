"""HTTP client of the scheduler. When it does not answer, a deferred run is stored instead.

The scheduler accepts a run within AZAK_API_SCHEDULER_TIMEOUT_S. A deferred run is executed once the scheduler is back,
and expires after AZAK_API_DEFERRED_EXPIRY_S, so that a click never starts work hours later. After a time-out a circuit
breaker keeps further requests from waiting for AZAK_API_SCHEDULER_PAUSE_S.
"""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import ValidationError

from backend import internal
from backend.config import Settings
from backend.db.paging import AnyRow
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.errors import AzakError, ConflictError, InvalidInputError, NotFoundError, SchedulerUnavailableError
from backend.internal import SourceChange
from backend.log import get_logger
from backend.services.runs import runs

if TYPE_CHECKING:
    import httpx

log = get_logger(__name__)
_TRACE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """Work for the scheduler: kind and arguments of the run, and path and body of the HTTP request for it."""

    kind: str
    arguments: Mapping[str, Any]
    path: str
    body: Mapping[str, Any]
    retry_of: UUID | None = None


def report_work(stock_code: str) -> WorkRequest:
    body = {"stock_code": stock_code}
    return WorkRequest("generate_reports", {"stock_codes": [stock_code]}, internal.GENERATE_REPORT, body)


def prediction_work(stock_code: str) -> WorkRequest:
    body = {"stock_code": stock_code}
    return WorkRequest("generate_predictions", {"stock_codes": [stock_code]}, internal.GENERATE_PREDICTIONS, body)


def analysis_work(stock_code: str) -> WorkRequest:
    body = {"stock_code": stock_code}
    return WorkRequest("initial_analysis", body, internal.INITIAL_ANALYSIS, body)


def job_work(kind: str, arguments: Mapping[str, Any], *, retry_of: UUID | None = None) -> WorkRequest:
    """Any kind of run; `retry_of`: the run it repeats. Raises NotFoundError or InvalidInputError."""
    checked = internal.check_work(kind, arguments)
    body = {"kind": kind, "arguments": checked, "retry_of": None if retry_of is None else str(retry_of)}
    return WorkRequest(kind, checked, internal.RUNS, body, retry_of)


class Breaker:
    """Circuit breaker: open for `pause_s` seconds after a time-out, then one request tries while the others still fail.

    A refused connection does not open it: it costs a millisecond, and a scheduler that starts again is used at once.
    Tried: purgatory 3 (350 lines) and aiobreaker 1.2 (600 lines, unchanged since 2021). Both let every request through
    once the pause is over, so that all of them wait for a scheduler that is still frozen.
    """

    def __init__(self, pause_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._pause_s = pause_s
        self._now = now
        self._closed_at = 0.0

    def pass_one(self) -> None:
        """Let this request pass. Raises SchedulerUnavailableError while open."""
        now = self._now()
        if now < self._closed_at:
            raise SchedulerUnavailableError("The scheduler did not answer in time a moment ago; see its log.")
        if self._closed_at:
            self._closed_at = now + self._pause_s

    def timed_out(self) -> None:
        self._closed_at = self._now() + self._pause_s

    def answered(self) -> None:
        self._closed_at = 0.0


class SchedulerClient:
    """One per API process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._opened: httpx.AsyncClient | None = None
        self._breaker = Breaker(settings.api.scheduler_pause_s)

    @property
    def _client(self) -> "httpx.AsyncClient":
        """Opened at the first request: the library and its TLS context cost 5 MB, even unused (measured)."""
        import httpx  # noqa: PLC0415

        if self._opened is None:
            scheduler = self._settings.scheduler
            self._opened = httpx.AsyncClient(
                base_url=f"http://{scheduler.host}:{scheduler.port}",
                timeout=self._settings.api.scheduler_timeout_s,
                trust_env=False,
                verify=False,  # noqa: S501  (plain HTTP on loopback: no certificates to load)
            )
        return self._opened

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.aclose()

    async def accept(self, request: WorkRequest, *, requested_by: str, request_id: str) -> AnyRow:
        """The run for `request`, accepted by the scheduler or deferred. Raises the refusals of the scheduler."""
        try:
            run_id = await self._ask(request, requested_by, request_id)
        except SchedulerUnavailableError as error:
            log.warning("run_deferred", kind=request.kind, reason=error.detail)
            run_id = await self._defer(request, requested_by, request_id)
        async with self._database.read() as session:
            return await runs.get_run(session, run_id)

    async def change_source(self, source: str, change: SourceChange, *, requested_by: str, request_id: str) -> None:
        """Switch a source or give it keys, now. Raises SchedulerUnavailableError and the refusals of the scheduler."""
        body = change.model_dump(exclude_unset=True)
        answer = await self._post(f"{internal.SOURCES}/{source}", body, requested_by, request_id)
        if answer.status_code != 204:
            raise SchedulerUnavailableError(f"The scheduler answered {answer.status_code}; see its log.")

    async def _ask(self, request: WorkRequest, requested_by: str, request_id: str) -> UUID:
        answer = await self._post(request.path, request.body, requested_by, request_id)
        try:
            return internal.AcceptedRun.model_validate_json(answer.content if answer.is_success else b"").id
        except ValidationError as error:
            raise SchedulerUnavailableError(f"The scheduler answered {answer.status_code}; see its log.") from error

    async def _post(self, path: str, body: Mapping[str, Any], requested_by: str, request_id: str) -> "httpx.Response":
        """Its answer to a POST. Raises SchedulerUnavailableError without one, and what it refuses."""
        import httpx  # noqa: PLC0415

        secret = self._settings.scheduler.token
        headers = {
            "Authorization": f"Bearer {secret.get_secret_value() if secret else ''}",
            "X-Request-Id": request_id,
            "X-Requested-By": requested_by,
        }
        if _TRACE.fullmatch(request_id):  # so that the scheduler goes on with the trace of this request
            headers["traceparent"] = f"00-{request_id}-{random.getrandbits(64) or 1:016x}-01"
        self._breaker.pass_one()
        try:
            answer = await self._client.post(path, json=dict(body), headers=headers)
        except httpx.TransportError as error:
            if isinstance(error, httpx.TimeoutException):
                self._breaker.timed_out()
            raise SchedulerUnavailableError(
                f"The scheduler does not answer ({type(error).__name__}); start it with 'azak scheduler'."
            ) from error
        self._breaker.answered()
        if 400 <= answer.status_code < 500 and answer.status_code not in (401, 403):
            raise _refusal(answer)
        return answer

    async def _defer(self, request: WorkRequest, requested_by: str, request_id: str) -> UUID:
        async with self._database.write() as session:
            accepted = await runs.accept(
                session,
                kind=request.kind,
                arguments=request.arguments,
                origin=Origin.API if request.retry_of is None else Origin.RETRY,
                requested_by=requested_by,
                request_id=request_id,
                retry_of=request.retry_of,
                deferred=True,
                expires_in_s=self._settings.api.deferred_expiry_s,
            )
        return accepted.id


def _refusal(answer: "httpx.Response") -> AzakError:
    """The refusal of the scheduler as the error of the same kind here, with its sentence."""
    is_json = "json" in answer.headers.get("content-type", "")
    problem = answer.json() if is_json else {}
    detail = problem.get("detail") if isinstance(problem, dict) else None
    kinds: dict[int, type[AzakError]] = {404: NotFoundError, 409: ConflictError}
    kind = kinds.get(answer.status_code, InvalidInputError)
    return kind(detail or f"The scheduler refused this request ({answer.status_code}); see its log.")
