"""The scheduler service: `python -m backend.scheduler_main`. Clock, job engine, models and /internal/*.

The port is bound before anything else; models, lease and clock start in the background, so that
/livez answers at once and /readyz tells what is ready. Settings: AZAK_SCHEDULER_*.
"""

import importlib.metadata
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from backend.config import Settings, open_installation
from backend.errors import ConfigurationError
from backend.log import log_as
from backend.loops.watch import watch_loop
from backend.pipelines.sources.catalogue import refuse_unknown_sources
from backend.priority import lower_priority
from backend.scheduler.internal_api import router
from backend.scheduler.service import SchedulerService
from backend.web import Reading, bind_socket, create_base_app, prometheus_response, read_process, serve


async def readyz(request: Request) -> JSONResponse:
    """200 when this process is ready: standing by, or active with its models loaded."""
    service: SchedulerService = request.app.state.service
    return JSONResponse(service.state(), status_code=200 if service.is_ready else 503)


async def health(request: Request) -> dict[str, Any]:
    """Always 200: role, epoch, state of the models, problems."""
    state: dict[str, Any] = request.app.state.service.state()
    return state


async def prometheus(request: Request) -> Response:
    """Metrics of this process: its role, models, runs, requests, loops and connections."""
    service: SchedulerService = request.app.state.service
    state = service.state()
    models = state["models"]
    return prometheus_response(
        [
            *read_process(state["signs"], service.database.pools()),
            Reading("azak_runs_executing", "Runs that this process executes now.", state["running"]),
            Reading("azak_scheduler_active", "1: this scheduler is the active one.", state["role"] == "active"),
            Reading("azak_models_ready", "1: the models are loaded.", models["state"] == "ready"),
            Reading("azak_models_restarts", "Times the model process was started again.", models["restarts"]),
            Reading("azak_models_resident_megabytes", "Memory of the model process.", models["rss_mb"] or 0),
        ]
    )


def create_app(settings: Settings) -> FastAPI:
    """Build the HTTP application around one SchedulerService."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = SchedulerService(settings)
        async with watch_loop():
            await app.state.service.start()
            yield
            await app.state.service.stop()

    app = create_base_app(
        title="azak scheduler",
        version=importlib.metadata.version("azak"),
        lifespan=lifespan,
        body_limit_bytes=settings.api.body_limit_bytes,
    )
    app.add_api_route("/readyz", readyz, tags=["health"])
    app.add_api_route("/health", health, tags=["health"])
    app.add_api_route("/metrics", prometheus, tags=["health"], response_class=PlainTextResponse)
    app.include_router(router)
    return app


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    try:
        settings = open_installation()
        refuse_unknown_sources(settings.sources)
        log_as("scheduler", settings.general)
        lower_priority(settings.scheduler.niceness)
        listener = bind_socket(settings.scheduler.host, settings.scheduler.port)
    except ConfigurationError as error:
        sys.exit(error.detail)
    serve(create_app(settings), [listener])


if __name__ == "__main__":
    main()
