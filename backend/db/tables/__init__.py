"""All tables. Importing this package fills the metadata, which Alembic and the tests need whole."""

from backend.db.tables import (
    ab_test,
    access,
    bars,
    calendar,
    evaluations,
    impacts,
    models,
    news,
    predictions,
    processes,
    reports,
    runs,
    sources,
    stock_days,
    stocks,
    stream_events,
)

__all__ = [
    "ab_test",
    "access",
    "bars",
    "calendar",
    "evaluations",
    "impacts",
    "models",
    "news",
    "predictions",
    "processes",
    "reports",
    "runs",
    "sources",
    "stock_days",
    "stocks",
    "stream_events",
]
