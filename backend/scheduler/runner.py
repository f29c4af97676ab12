"""Executes a run: claims it, runs its body with a time limit and heartbeats, and commits its end.

The broad `except` for all jobs is here: it stores every failure in the ledger. The class of the error, not its text,
decides whether the run is retried.
"""

import asyncio
import dataclasses
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog

from backend.db.session import Session
from backend.db.troubles import describe, explain, is_of_database
from backend.domain.runs import Counts, Origin, RunState, summarise
from backend.errors import (
    AzakError,
    LeaseLostError,
    NothingToDoError,
    RunCancelledError,
    SourceError,
)
from backend.log import get_logger
from backend.metrics import count_attempt
from backend.pipelines.context import RunContext, Tools
from backend.scheduler.accept import accept
from backend.scheduler.kinds import Kind
from backend.scheduler.registry import get_kind, queue_of
from backend.services.runs import run_attempts
from backend.services.runs.run_attempts import Claim, Unclaimed
from backend.trouble import INTERNAL_ERROR

_log = get_logger(__name__)
_UNWIND_WITHIN_S = 5.0  # a body that ignores its cancellation is left running: the fence stops its writes
_STORE_AGAIN_S = 0.5  # between two tries to store how an attempt ended
_PUT_BACK_WITHIN_S = 5.0  # limit for a stop while the database is unreachable


class StoppingError(AzakError):
    """The process stops; the run is returned to the queue without using up an attempt."""


class Runner:
    """Executes runs that the engine offers to this process."""

    def __init__(self, tools: Tools, *, worker: str) -> None:
        self.tools = tools
        self.worker = worker
        self.lease_s = tools.settings.scheduler.run_lease_s
        self._interrupts: dict[asyncio.Task[Counts], asyncio.Future[Exception]] = {}
        self._executing: set[asyncio.Task[float | None]] = set()

    @property
    def running(self) -> int:
        """Number of runs being executed."""
        return len(self._executing)

    async def execute(self, run_id: UUID) -> float | None:
        """Execute the run if it can be claimed; returns as `engine.Execute`."""
        executing = asyncio.ensure_future(self._execute(run_id))
        self._executing.add(executing)
        executing.add_done_callback(self._executing.discard)
        return await executing

    async def _execute(self, run_id: UUID) -> float | None:
        async with self.tools.database.write() as session:
            claim = await run_attempts.claim(session, run_id, worker=self.worker, lease_s=self.lease_s)
        if isinstance(claim, Unclaimed):
            return claim.busy_s
        trace = claim.request_id or run_id.hex  # one that nobody asked for begins its own trace
        with structlog.contextvars.bound_contextvars(run_id=str(run_id), job=claim.kind, request_id=trace):
            return await self._attempt(claim)

    async def _attempt(self, claim: Claim) -> float | None:
        started = time.monotonic()
        _log.info("run_started", attempt=claim.attempt)
        try:
            kind = get_kind(claim.kind)
            context = self._context(claim, kind)
            counts = await self._run_body(context, kind, claim.arguments)
            await self._commit_end(context, counts, kind)
            ended, delay_s = "succeeded", None
        except NothingToDoError as nothing:
            ended, delay_s = "skipped", await self._record_skip(claim, nothing)
        except Exception as error:  # noqa: BLE001  (the edge of every job)
            ended, delay_s = "failed", await self._record_failure(claim, error)
        seconds = time.monotonic() - started
        count_attempt(queue_of(claim.kind), ended, seconds)
        _log.info("run_ended", seconds=round(seconds, 3), again_in_s=delay_s)
        return delay_s

    def _context(self, claim: Claim, kind: Kind) -> RunContext:
        return RunContext(
            tools=self.tools,
            run_id=claim.run_id,
            attempt=claim.attempt,
            kind=claim.kind,
            origin=Origin(claim.origin),
            deadline=time.monotonic() + kind.timeout_s,
        )

    async def _run_body(self, context: RunContext, kind: Kind, arguments: dict[str, Any]) -> Counts:
        body = asyncio.ensure_future(kind.body(context, kind.parse(arguments)))
        interrupt = self._interrupts[body] = asyncio.get_running_loop().create_future()
        beat = asyncio.create_task(self._beat(context, body))
        try:
            await asyncio.wait({body, interrupt}, timeout=kind.timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if body.done():
                return body.result()
            raise (
                interrupt.result()
                if interrupt.done()
                else TimeoutError(f"The run took longer than {kind.timeout_s:.0f} s; see its log, then retry it.")
            )
        finally:
            del self._interrupts[body]
            await asyncio.gather(_unwind(body), _unwind(beat))

    def _interrupt(self, body: asyncio.Task[Counts], error: Exception) -> None:
        if not self._interrupts[body].done():
            self._interrupts[body].set_result(error)

    async def _beat(self, context: RunContext, body: asyncio.Task[Counts]) -> None:
        """Renew the lease three times per lease; stop the body when the lease is lost or the run is cancelled."""
        owned_until = time.monotonic() + self.lease_s
        while True:
            await asyncio.sleep(self.lease_s / 3)
            asked = time.monotonic()
            try:
                async with self.tools.database.write() as session:
                    canceller = await run_attempts.heartbeat(
                        session, context.run_id, context.attempt,
                        lease_s=self.lease_s, progress=context.status.progress, message=context.status.message,
                    )  # fmt: skip
            except LeaseLostError as error:
                return self._interrupt(body, error)
            except Exception as error:  # noqa: BLE001  (a body without a heartbeat must stop)
                if not isinstance(error, TimeoutError) and not is_of_database(error):
                    return self._interrupt(body, error)
                if time.monotonic() > owned_until:
                    return self._interrupt(
                        body, LeaseLostError("The database was away for longer than the run's lease.")
                    )
                continue
            owned_until = asked + self.lease_s
            if canceller is not None:
                return self._interrupt(body, RunCancelledError(f"Cancelled by {canceller}."))

    async def _commit_end(self, context: RunContext, counts: Counts, kind: Kind) -> None:
        async with self.tools.database.write() as session:
            await run_attempts.succeed(
                session, context.run_id, context.attempt, dataclasses.asdict(counts), message=summarise(counts)
            )
            if counts.written:
                for follower in kind.then:
                    await accept(session, follower, {}, origin=Origin.FOLLOW_UP, requested_by=str(context.run_id))

    async def _record_skip(self, claim: Claim, nothing: NothingToDoError) -> float | None:
        _log.info("run_skipped", reason=nothing.reason, detail=nothing.detail)
        return await self._store_end(
            lambda session: run_attempts.skip(
                session, claim.run_id, claim.attempt, reason=nothing.reason, message=nothing.detail
            )
        )

    async def _record_failure(self, claim: Claim, error: Exception) -> float | None:
        if isinstance(error, LeaseLostError):
            return self.lease_s  # the attempt that took over ends the run; our next claim finds that
        if isinstance(error, StoppingError):
            _log.info("run_interrupted", detail=error.detail)
        else:
            _log_failure(error)
        return await self._store_end(lambda session: self._write_failure(session, claim, error))

    async def _store_end(self, write: Callable[[Session], Awaitable[float | None]]) -> float | None:
        """Store how an attempt ended, and try for as long as a lease: after that the run is taken for one that died.

        Returns when to offer the run again.
        """
        given_up_at = time.monotonic() + self.lease_s
        while True:
            try:
                async with self.tools.database.write() as session:
                    return await write(session)
            except LeaseLostError:
                return self.lease_s
            except Exception as failure:
                if not is_of_database(failure):
                    raise
                if time.monotonic() > given_up_at:
                    return _STORE_AGAIN_S
            await asyncio.sleep(_STORE_AGAIN_S)

    async def _write_failure(self, session: Session, claim: Claim, error: Exception) -> float | None:
        described = describe(error)
        if isinstance(error, StoppingError):
            await run_attempts.put_back(
                session, claim.run_id, claim.attempt, delay_s=0, error=None, counts_as_attempt=False
            )
            return 0.0
        if isinstance(error, RunCancelledError):
            await run_attempts.end(session, claim.run_id, claim.attempt, state=RunState.CANCELLED, error=described)
            return None
        if self._is_final(claim, error):
            await run_attempts.end(session, claim.run_id, claim.attempt, state=RunState.FAILED, error=described)
            return None
        wait_s = _backoff_s(get_kind(claim.kind), claim.attempt, error)
        await run_attempts.put_back(session, claim.run_id, claim.attempt, delay_s=wait_s, error=described)
        return wait_s

    @staticmethod
    def _is_final(claim: Claim, error: Exception) -> bool:
        if claim.attempt >= claim.max_attempts:
            return True
        return not explain(error).trouble.retries

    async def drain(self, seconds: float) -> None:
        """Wait up to `seconds` for running bodies to end, then return the rest to the queue.

        Waits for their ends to be stored, and for claims in progress, too: a run that is interrupted there is found
        again only when its lease has expired.
        """
        if self._executing:
            await asyncio.wait(set(self._executing), timeout=seconds)
        given_up_at = time.monotonic() + _PUT_BACK_WITHIN_S
        while self._executing and time.monotonic() < given_up_at:
            for body in set(self._interrupts):
                self._interrupt(body, StoppingError("The process stops; the run goes on in the next one."))
            await asyncio.wait(set(self._executing), timeout=0.1)


def _log_failure(error: Exception) -> None:
    code = explain(error).trouble.code
    is_bug = code == INTERNAL_ERROR.code
    _log.warning("run_failed", error=type(error).__name__, code=code, detail=str(error), exc_info=is_bug)


async def _unwind(task: asyncio.Task[Any]) -> None:
    """Cancel a task that has not ended, and give it _UNWIND_WITHIN_S to clean up."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_UNWIND_WITHIN_S)
    if not task.done():
        _log.error("body_ignores_its_end", task=repr(task))
    task.add_done_callback(
        lambda left: left.cancelled() or left.exception()
    )  # retrieve the exception, or asyncio warns about it


def _backoff_s(kind: Kind, attempt: int, error: Exception) -> float:
    """Seconds until the next attempt: exponential back-off, at least the Retry-After of the source, with jitter."""
    grown = min(kind.backoff_cap_s, kind.backoff_s * 2 ** (attempt - 1))
    asked = (error.retry_after_s or 0) if isinstance(error, SourceError) else 0
    return float(max(grown, asked) * random.uniform(0.8, 1.2))  # noqa: S311  (jitter)
