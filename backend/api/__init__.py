"""REST resources: one file each, response models on top, routes under them."""

from backend.api import health, news, runs, stocks

ROUTERS = (health.router, stocks.router, news.router, runs.router)

__all__ = ["ROUTERS"]
