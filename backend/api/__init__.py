"""REST resources: one file each, response models on top, routes under them."""

from fastapi import Depends, FastAPI

from backend.api import (
    ab_test,
    audit,
    calendar,
    dashboard,
    evaluations,
    events,
    health,
    jobs,
    keys,
    models,
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
)
from backend.api.deps import require_reader

_ROUTERS = (
    dashboard,
    stocks,
    news,
    prediction,
    reports,
    models,
    ratings,  # before evaluations, whose /api/evaluations/{model} fits its path too
    evaluations,
    ab_test,
    runs,
    jobs,
    events,
    sources,
    calendar,
    keys,
    audit,
)
# Needed by whoever is not signed in yet.
_OPEN_ROUTERS = (health, session, pages, reference)

# How the earlier azak spelt them; a rewritten path costs nothing, a second set of routes half a megabyte.
SPELLINGS = {"/health": "/api/health", "/api/predict": "/api/prediction", "/api/ab-test": "/api/ab_test"}


def add_routes(app: FastAPI, *, open_reads: bool = True) -> None:
    """Every resource; with `open_reads` false each but the open ones needs a key even to read."""
    protected = [] if open_reads else [Depends(require_reader)]
    for resource in _OPEN_ROUTERS:
        app.include_router(resource.router)
    for resource in _ROUTERS:
        app.include_router(resource.router, dependencies=protected)
