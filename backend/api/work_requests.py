"""From a POST to a run: rate limit, `Idempotency-Key`, then the scheduler or a deferred run."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from backend.api.deps import DatabaseOfApp, SettingsOfApp, Writer
from backend.api.scheduler_client import SchedulerClient, WorkRequest
from backend.api.schemas import RunItem
from backend.db.session import Database
from backend.errors import TooManyRequestsError
from backend.services.access import idempotency
from backend.services.operations.named import require_named
from backend.services.runs.runs import Capacity, get_run, require_capacity
from backend.web import request_id_of

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Repeating a key and body returns the same run.",
    ),
]


def rate_limit(capacity: Capacity) -> dict[str, str]:
    """The headers of draft-ietf-httpapi-ratelimit-headers; what is left after this order."""
    return {
        "RateLimit-Policy": f'"orders";q={capacity.limit};w=60',
        "RateLimit": f'"orders";r={capacity.left - 1};t={capacity.reset_s}',
    }


def _scheduler(request: Request) -> SchedulerClient:
    client: SchedulerClient = request.app.state.scheduler
    return client


@dataclass(frozen=True, slots=True)
class WorkRequests:
    """Accepts the request for work of one POST."""

    database: Database
    scheduler: SchedulerClient
    writer: str
    request_id: str
    route: str
    key: str | None
    per_minute: int
    response: Response

    async def accept(
        self, work: WorkRequest, body: BaseModel, *, before: Callable[[], Awaitable[Any]] | None = None
    ) -> RunItem:
        """The run for `work`; `before` checks or inserts what it needs. Sets Location.

        `before` ends its own transaction, because the scheduler must see what it wrote.
        """
        run_id = None if self.key is None else await self._replayed(self.key, body)
        if run_id is None:
            run = await self._start(work, before)
        else:
            async with self.database.read() as session:
                run = await get_run(session, run_id)
        item = RunItem.model_validate(run)
        self.response.headers["Location"] = f"/api/runs/{item.id}"
        self.response.headers["Retry-After"] = "1"  # a run that was ordered begins within a second
        return item

    async def _start(self, work: WorkRequest, before: Callable[[], Awaitable[Any]] | None) -> Any:
        finished = False
        try:
            self.response.headers.update(rate_limit(await self._capacity()))
            if before is not None:
                await before()
            async with self.database.read() as session:
                await require_named(session, work.kind, work.arguments)
            run = await self.scheduler.accept(work, requested_by=self.writer, request_id=self.request_id)
            await self._record(run.id)
            finished = True
        finally:
            if not finished and self.key is not None:
                async with self.database.write() as session:
                    await idempotency.release_request(session, key=self.key, route=self.route)
        return run

    async def _capacity(self) -> Capacity:
        try:
            async with self.database.read() as session:
                return await require_capacity(session, per_minute=self.per_minute)
        except TooManyRequestsError as error:
            error.headers = rate_limit(Capacity(self.per_minute, 1, error.retry_after_s or 1))
            raise

    async def _replayed(self, key: str, body: BaseModel) -> UUID | None:
        request_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
        async with self.database.write() as session:
            answer = await idempotency.claim_request(session, key=key, route=self.route, request_hash=request_hash)
        return None if answer is None else UUID(answer["run_id"])

    async def _record(self, run_id: UUID) -> None:
        if self.key is not None:
            async with self.database.write() as session:
                answer = {"run_id": str(run_id)}
                await idempotency.record_answer(session, key=self.key, route=self.route, status=202, response=answer)


async def _work_requests(
    request: Request,
    response: Response,
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    writer: Writer,
    *,
    idempotency_key: IdempotencyKey = None,
) -> WorkRequests:
    return WorkRequests(
        database=database,
        scheduler=_scheduler(request),
        writer=writer,
        request_id=request_id_of(request),
        route=f"{request.method} {request.url.path}",
        key=idempotency_key,
        per_minute=settings.api.orders_per_minute,
        response=response,
    )


WorkRequestsOfCall = Annotated[WorkRequests, Depends(_work_requests)]
