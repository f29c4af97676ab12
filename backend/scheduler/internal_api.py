"""POST /internal/*: the API's requests for work. With a token, on loopback only; responds 202 with the run."""

import hmac
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from backend import internal
from backend.domain.runs import Origin
from backend.errors import SchedulerUnavailableError, UnauthorizedError
from backend.internal import AcceptedRun, RunBody, SourceChange, StockArguments
from backend.pipelines.sources.switching import change_source
from backend.scheduler.accept import accept
from backend.scheduler.service import SchedulerService
from backend.services.market import stocks
from backend.services.operations import sources


def _check_token(request: Request, authorization: Annotated[str, Header()] = "") -> None:
    token = request.app.state.service.settings.scheduler.token
    given = authorization.removeprefix("Bearer ")
    if token is None or not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        raise UnauthorizedError("The internal token is missing or wrong; both processes read AZAK_SCHEDULER_TOKEN.")


def _service(request: Request) -> SchedulerService:
    service: SchedulerService = request.app.state.service
    return service


Service = Annotated[SchedulerService, Depends(_service)]
router = APIRouter(dependencies=[Depends(_check_token)], tags=["internal"])


async def _accept(
    service: SchedulerService,
    request: Request,
    response: Response,
    kind: str,
    arguments: dict[str, Any],
    *,
    retry_of: UUID | None = None,
) -> AcceptedRun:
    origin = Origin.API if retry_of is None else Origin.RETRY
    async with service.database.write() as session:
        run = await accept(
            session, kind, arguments, origin=origin, retry_of=retry_of,
            requested_by=request.headers.get("x-requested-by"), request_id=request.headers.get("x-request-id"),
        )  # fmt: skip
    response.headers["Location"] = f"/api/runs/{run.id}"
    return AcceptedRun(id=run.id, kind=run.kind, state=run.state, created=run.created)


async def _check_stock(service: SchedulerService, code: str) -> None:
    async with service.database.read() as session:
        await stocks.require_forecast(session, code)


@router.post(internal.GENERATE_REPORT, status_code=202)
async def generate_report(body: StockArguments, service: Service, request: Request, response: Response) -> AcceptedRun:
    """Write a report for one stock now."""
    await _check_stock(service, body.stock_code)
    return await _accept(service, request, response, "generate_reports", {"stock_codes": [body.stock_code]})


@router.post(internal.GENERATE_PREDICTIONS, status_code=202)
async def generate_predictions(
    body: StockArguments, service: Service, request: Request, response: Response
) -> AcceptedRun:
    """Predict one stock now with every active model."""
    await _check_stock(service, body.stock_code)
    return await _accept(service, request, response, "generate_predictions", {"stock_codes": [body.stock_code]})


@router.post(internal.INITIAL_ANALYSIS, status_code=202)
async def initial_analysis(body: StockArguments, service: Service, request: Request, response: Response) -> AcceptedRun:
    """History, embeddings, impacts, predictions and a report for a stock that was just added."""
    await _check_stock(service, body.stock_code)
    return await _accept(service, request, response, "initial_analysis", {"stock_code": body.stock_code})


@router.post(internal.RUNS, status_code=202)
async def start_run(body: RunBody, service: Service, request: Request, response: Response) -> AcceptedRun:
    """Start any kind of the job table."""
    return await _accept(service, request, response, body.kind, body.arguments, retry_of=body.retry_of)


@router.post(internal.SOURCES + "/{source}", status_code=204)
async def configure_source(source: str, body: SourceChange, service: Service) -> None:
    """Switch a source or give it keys; the jobs ask with them from their next run on."""
    if service.role != "active":
        raise SchedulerUnavailableError("This scheduler is not the active one; change the source there.")
    switches = change_source(service.settings, source, body)
    async with service.database.write() as session:
        await sources.record_switches(session, switches)
