"""The API process: `python -m backend.main`. It serves reads, small writes and requests for work; it runs no job.

Any number of instances share one port. Settings: AZAK_API_*.
"""

import asyncio
import importlib.metadata
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from backend.api import PATH_ALIASES, add_routes, list_routes
from backend.api.scheduler_client import SchedulerClient
from backend.api.schema import DESCRIPTION
from backend.config import Settings, get_settings, open_installation
from backend.db.connections.budget import api_pool_size
from backend.db.reader import open_reader
from backend.db.replica import open_replica
from backend.db.session import Database
from backend.errors import ConfigurationError
from backend.log import log_as
from backend.loops.pulse import PULSE, PULSE_WITHIN_S, Pulse
from backend.loops.registry import Loops
from backend.loops.watch import watch_loop
from backend.services.operations.processes import process_name
from backend.services.operations.watching.presence import Presence
from backend.services.operations.watching.signs import Signs
from backend.services.operations.watching.watchdog import list_tellers
from backend.services.runs.event_feed import EventFeed
from backend.web import (
    BasePath,
    Etags,
    Exports,
    PathAliases,
    PlannedReads,
    SameSite,
    TrustedHosts,
    bind_socket,
    create_base_app,
    require_safe_host,
    serve,
)

# Level 9 takes 2.4 times as long and saves 1 % more of the overview of 200 stocks.
GZIP_LEVEL: Final = 6


def create_app(settings: Settings) -> FastAPI:
    """Build the API. Its lifespan opens the database engines and the client of the scheduler."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings, "api", size=api_pool_size(settings))
        scheduler = SchedulerClient(settings, database)
        reader = app.state.reader = await open_reader(settings, "api.reader")
        app.state.events = EventFeed(settings, database)
        app.state.settings, app.state.database, app.state.scheduler = settings, database, scheduler
        name = process_name()
        loops = app.state.loops = Loops()
        app.state.pulse = Pulse(loops.expect(PULSE, within_s=PULSE_WITHIN_S))
        signs = app.state.signs = Signs(settings, f"api {name.rpartition(':')[0]}", loops, app.state.pulse)
        presence = Presence(database, name, signs, loops.expect("heartbeat"))
        signs.database = database
        replica = app.state.replica = signs.replica = await open_replica(settings, database, loops)
        work = (app.state.pulse.run(), presence.run(), *list_tellers(settings, database, f"api {name}", loops, signs))
        tasks = [asyncio.create_task(loop) for loop in (*work, *([] if replica is None else [replica.run()]))]
        async with watch_loop(settings.api.blocked_s):
            yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await presence.stop()
        await scheduler.close()
        await reader.close()
        if replica is not None:
            await replica.reader.close()
        await database.close()

    origins = settings.api.cors_origins_list()
    app = create_base_app(
        title="azak",
        version=importlib.metadata.version("azak"),
        lifespan=lifespan,
        body_limit_bytes=settings.api.body_limit_bytes,
        middleware=[
            Middleware(BasePath, base=settings.api.base_path),
            Middleware(TrustedHosts, allowed=settings.api.allowed_hosts.split(",")),
            *_cross_origin(origins),
            Middleware(SameSite, trusted=origins),
            Middleware(GZipMiddleware, minimum_size=500, compresslevel=GZIP_LEVEL),
            Middleware(PathAliases, paths=PATH_ALIASES),
            Middleware(Etags),
            Middleware(PlannedReads, enabled=settings.api.open_reads),
            Middleware(Exports, lists=list_routes),
        ],
        description=DESCRIPTION,
    )
    add_routes(app, open_reads=settings.api.open_reads)
    return app


def _cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """CORS for the pages of `origins`: with a key, never with the cookie of a browser that is signed in here."""
    if not origins:
        return []
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    taken = ("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "traceparent")
    shown = ("ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id")
    return [
        Middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=methods, allow_headers=taken, expose_headers=shown,
            max_age=600,
        )
    ]  # fmt: skip


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    try:
        require_safe_host(get_settings().api)  # before a key is made that its owner never chose
        settings = open_installation()
        log_as("api", settings.general)
        listener = bind_socket(settings.api.host, settings.api.port)
    except ConfigurationError as error:
        sys.exit(error.detail)
    app = create_app(settings)
    serve(
        app,
        [listener],
        request_within_s=settings.api.request_within_s,
        before_drain=lambda: app.state.events.close(),  # noqa: PLW0108  (made by the lifespan)
    )


if __name__ == "__main__":
    main()
