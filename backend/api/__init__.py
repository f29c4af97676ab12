"""REST resources: one file each, with the response models above the routes."""

from functools import cache

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from backend.api import (
    ab_test,
    audit,
    briefs,
    calendar,
    calls,
    chart,
    dashboard,
    evaluations,
    event_studies,
    events,
    health,
    jobs,
    keys,
    llm,
    minute_bars,
    models,
    moves,
    news,
    pages,
    prediction,
    problems,
    ratings,
    reference,
    reports,
    runs,
    session,
    sources,
    stocks,
    watched_moves,
)
from backend.api.deps import require_reader
from backend.api.document import complete
from backend.web import ListRoute, list_route

_ROUTERS = (
    dashboard,
    watched_moves,
    stocks,
    minute_bars,
    moves,
    chart,
    news,
    prediction,
    reports,
    briefs,
    models,
    ratings,  # before evaluations, whose /api/evaluations/{model} fits its path too
    evaluations,
    ab_test,
    runs,
    jobs,
    event_studies,
    events,
    sources,
    llm,
    calendar,
    calls,
    keys,
    audit,
)
# Served without a key, because nobody is signed in yet when they are needed.
_OPEN_ROUTERS = (health, session, pages, problems, reference)

# The version as a part of the path (docs/decisions/0045), and paths of the first azak. Rewriting a path costs nothing,
# a second set of routes half a megabyte.
PATH_ALIASES = {
    "/api/v1": "/api",
    "/health": "/api/health",
    "/api/predict": "/api/prediction",
    "/api/ab-test": "/api/ab_test",
}


def add_routes(app: FastAPI, *, open_reads: bool = True) -> None:
    """Add every resource; with `open_reads` false, all but the open ones need a key even to read."""
    protected = [] if open_reads else [Depends(require_reader)]
    for resource in _OPEN_ROUTERS:
        app.include_router(resource.router)
    for resource in _ROUTERS:
        app.include_router(resource.router, dependencies=protected)
    complete(app)


@cache
def list_routes() -> tuple[ListRoute, ...]:
    """The routes that answer a list, which may be asked for as CSV or NDJSON too."""
    routes = (route for resource in (*_OPEN_ROUTERS, *_ROUTERS) for route in resource.router.routes)
    found = (list_route(route) for route in routes if isinstance(route, APIRoute))
    return tuple(one for one in found if one is not None)
