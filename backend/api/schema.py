"""The OpenAPI document: `python -m backend.api.schema > docs/openapi.json`. A test compares the committed file."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from backend.api import add_routes
from backend.web import create_base_app

DESCRIPTION = "Reads Korean stock news, predicts, explains, and keeps an honest record. Not investment advice."


@asynccontextmanager
async def _not_served(_: FastAPI) -> AsyncIterator[None]:
    yield


def render() -> str:
    """The document as text. Its version is that of the interface, not of the package."""
    app = create_base_app(title="azak", version="1", lifespan=_not_served, body_limit_bytes=0, description=DESCRIPTION)
    add_routes(app)
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
