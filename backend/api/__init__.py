"""REST resources: one file each, response models on top, routes under them."""

from fastapi import FastAPI

from backend.api import (
    ab_test,
    dashboard,
    evaluations,
    health,
    jobs,
    models,
    news,
    pages,
    prediction,
    reports,
    runs,
    sources,
    stocks,
)

_ROUTERS = (
    health,
    dashboard,
    stocks,
    news,
    prediction,
    reports,
    models,
    evaluations,
    ab_test,
    runs,
    jobs,
    sources,
    pages,
)

# How the earlier azak spelt them; a rewritten path costs nothing, a second set of routes half a megabyte.
SPELLINGS = {"/health": "/api/health", "/api/predict": "/api/prediction", "/api/ab-test": "/api/ab_test"}


def add_routes(app: FastAPI) -> None:
    """Every resource."""
    for resource in _ROUTERS:
        app.include_router(resource.router)
