"""The OpenAPI document: what the models do not say themselves (meanings, examples), and the page that shows it.

Nothing of it is read before the document is asked for.
"""

import importlib
from typing import Any

from fastapi import FastAPI


def complete(app: FastAPI) -> None:
    """Let the document of `app` hold the meaning and an example of every field, parameter and answer."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        is_new = app.openapi_schema is None
        document = generate()
        if is_new:
            importlib.import_module("backend.api.document.whole").fill(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it
