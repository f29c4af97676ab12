"""Answers a read whose URL has been understood before, without understanding it again.

A page polls the same few URLs. FastAPI finds the route of each, solves its dependencies and validates its parameters
anew: more than half of the CPU of a hot read (docs/decisions/0015). A hot route therefore says by `planned` what to
fetch, decided by nothing but the URL. This layer keeps the plans of the last URLs and runs them; it never
keeps an answer.
"""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.db.reader import Reader
from backend.errors import AzakError

MAX_PLANS = 1000
Plan = Callable[[Reader], Awaitable[str]]


async def planned(request: Request, plan: Plan) -> Response:
    """The answer of `plan`, which gives JSON and depends on the URL alone; it is remembered for this URL."""
    answer = await _run(plan, request.scope)
    plans: dict[tuple[str, bytes], Plan] | None = request.scope.get("plans")
    if plans is not None:
        if len(plans) >= MAX_PLANS:
            plans.pop(next(iter(plans)))
        plans[_key(request.scope)] = plan
    return answer


async def _run(plan: Plan, scope: Scope) -> Response:
    return Response(await plan(scope["app"].state.reader), media_type="application/json")


def _key(scope: Scope) -> tuple[str, bytes]:
    return scope["path"], scope["query_string"]


class PlannedReads:
    """Innermost layer. With `enabled` false (reads need a key) every request takes the whole way."""

    def __init__(self, app: ASGIApp, *, enabled: bool) -> None:
        self.app = app
        self._plans: dict[tuple[str, bytes], Plan] | None = {} if enabled else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or self._plans is None:
            await self.app(scope, receive, send)
            return
        plan = self._plans.get(_key(scope))
        if plan is not None:
            try:
                answer = await _run(plan, scope)
            except AzakError:  # asked again the whole way, whose handlers make a problem of it
                self._plans.pop(_key(scope), None)
            else:
                await answer(scope, receive, send)
                return
        scope["plans"] = self._plans
        await self.app(scope, receive, send)
