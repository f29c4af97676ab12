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

_ROUTERS = (health, dashboard, stocks, news, reports, models, evaluations, runs, jobs, sources, pages)


def add_routes(app: FastAPI) -> None:
    """Every resource; those whose name people spell in two ways answer to both."""
    for resource in _ROUTERS:
        app.include_router(resource.router)
    app.include_router(prediction.router, prefix="/api/prediction")
    app.include_router(prediction.router, prefix="/api/predict", include_in_schema=False)
    app.include_router(ab_test.router, prefix="/api/ab_test")
    app.include_router(ab_test.router, prefix="/api/ab-test", include_in_schema=False)
