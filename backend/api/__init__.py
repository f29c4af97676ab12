"""REST resources: one file each, with the response models above the routes."""

from fastapi import Depends, FastAPI

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
    models,
    moves,
    news,
    pages,
    prediction,
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

_ROUTERS = (
    dashboard,
    watched_moves,
    stocks,
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
_OPEN_ROUTERS = (health, session, pages, reference)

# Paths of the first azak. Rewriting a path costs nothing, a second set of routes half a megabyte.
PATH_ALIASES = {"/health": "/api/health", "/api/predict": "/api/prediction", "/api/ab-test": "/api/ab_test"}


def add_routes(app: FastAPI, *, open_reads: bool = True) -> None:
    """Add every resource; with `open_reads` false, all but the open ones need a key even to read."""
    protected = [] if open_reads else [Depends(require_reader)]
    for resource in _OPEN_ROUTERS:
        app.include_router(resource.router)
    for resource in _ROUTERS:
        app.include_router(resource.router, dependencies=protected)
