"""The application that the API and the scheduler service build on."""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel
from starlette.middleware import Middleware

from backend.web.heads import Heads
from backend.web.middleware import BodyLimit, Edge
from backend.web.parameters import refuse_unknown_parameters
from backend.web.problem_examples import problem_examples
from backend.web.problems import PROBLEM_RESPONSES, Problem, add_handlers

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Alive(BaseModel):
    """Liveness: the event loop of the process runs; nothing else is checked."""

    status: str = "ok"


async def livez() -> Alive:
    """Whether this process answers at all."""
    return Alive()


def _operation_id(route: APIRoute) -> str:
    return route.name


def _telemetry() -> TelemetryConfig:
    """OpenTelemetry is off unless a variable of the environment configures it; checking it per request costs 3 %."""
    wanted = any(name.startswith(("OTEL_", "FASTAPI_OTEL_")) for name in os.environ)
    return {"tracing": wanted, "metrics": wanted, "logs": wanted}


def create_base_app(
    *,
    title: str,
    version: str,
    lifespan: Lifespan,
    body_limit_bytes: int,
    middleware: Sequence[Middleware] = (),
    **options: Any,
) -> FastAPI:
    """An application with problem+json errors, /livez and `middleware` (outermost first) inside of Edge.

    `options` go to FastAPI.
    """
    app = FastAPI(
        title=title,
        version=version,
        lifespan=lifespan,
        dependencies=[Depends(refuse_unknown_parameters)],
        responses=PROBLEM_RESPONSES,
        generate_unique_id_function=_operation_id,
        telemetry=_telemetry(),
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(Edge),
            Middleware(BodyLimit, limit_bytes=body_limit_bytes),
            Middleware(Heads),
            *middleware,
        ],
        **options,
    )
    add_handlers(app)
    app.add_api_route("/livez", livez, tags=["health"])
    describe(app)
    return app


def describe(app: FastAPI) -> None:
    """Add the schema of problems and their examples to the OpenAPI document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        document = generate()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs"))
        schemas["Problem"] = problem
        document["components"].setdefault("examples", {}).update(problem_examples())
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it
