"""`python -m backend.demo`: runs the stand-in; prints one line of JSON when it is ready."""

import argparse
import contextlib
import json
import logging
import os
import socket
from datetime import datetime

import uvicorn

from backend import clock
from backend.demo.app import create_app
from backend.demo.world.sessions import HISTORY_SESSIONS
from backend.demo.world.stocks import ALL_STOCKS, DEMO_STOCKS
from backend.demo.world.world import World


def _is_no_planted_reset(record: logging.LogRecord) -> bool:
    """Log filter that drops connection resets, which are planted faults."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionResetError))


class _Server(uvicorn.Server):
    """Server that prints its URL once it listens; with `--port 0` the system chooses the port."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            print(json.dumps({"event": "ready", "url": f"http://{self.config.host}:{port}"}), flush=True)  # noqa: T201  (the line others wait for)


def _start(text: str) -> datetime:
    start = datetime.fromisoformat(text)
    if start.tzinfo is None:
        raise argparse.ArgumentTypeError("give the start with a time zone, for example 2026-11-23T09:00:00+09:00")
    return start


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m backend.demo", description="azak's outside world on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8002, help="0: any free port")
    start = os.environ.get("AZAK_CALENDAR_DEMO_START") or clock.now().replace(second=0, microsecond=0).isoformat()
    minutes = os.environ.get("AZAK_CALENDAR_SESSION_MINUTES") or "60"
    parser.add_argument("--start", type=_start, default=start, help="moment the demo began, ISO 8601 with offset")
    parser.add_argument("--session-minutes", type=int, default=minutes, help="minutes from opening to opening")
    parser.add_argument("--seed", type=int, default=7)
    stocks, most = len(DEMO_STOCKS), len(ALL_STOCKS)
    parser.add_argument("--stocks", type=int, default=stocks, choices=range(stocks, most + 1), metavar="N")
    parser.add_argument("--history", type=int, default=HISTORY_SESSIONS, help="real sessions before the start")
    parser.add_argument("--no-effects", dest="effects", action="store_false", help="news moves no price")
    parser.add_argument("--frozen-at", type=_start, help="let the world stand still at this moment, for tests")
    return parser.parse_args()


def main() -> None:
    """Build the world, then serve it until a signal."""
    given = _arguments()
    world = World(
        given.start,
        given.session_minutes,
        given.seed,
        stocks=given.stocks,
        history=given.history,
        effects=given.effects,
        frozen_at=given.frozen_at,
    )
    world.newsroom.published(world.now())  # computes the past of a demo that began days ago before the first request
    logging.getLogger("uvicorn.error").addFilter(_is_no_planted_reset)
    configuration = uvicorn.Config(
        create_app(world),
        given.host,
        given.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn, shut down already, raises the signal for its caller
        _Server(configuration).run()


if __name__ == "__main__":
    main()
