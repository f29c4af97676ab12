"""`azak up`: runs all processes in the foreground, for newcomers and development. Production: ecosystem.config.js."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import httpx
import typer

from backend.cli.client import api_url, key_headers, new_sign_in_link, open_client, page_url
from backend.cli.commands.dashboard import build_dashboard
from backend.cli.environment import DemoState, enter_demo
from backend.cli.output import console, say
from backend.cli.start import services
from backend.cli.start.children import ChildFailedError
from backend.cli.start.fill import STEPS, fill
from backend.cli.start.progress import show_progress
from backend.cli.start.running import only_one
from backend.cli.start.supervisor import Supervisor
from backend.config import SECRETS_FILE, Settings, ensure_secrets, load_settings
from backend.errors import AzakError, ConfigurationError
from backend.services.operations.restart import SUPERVISED_BY

up = typer.Typer(add_completion=False, rich_markup_mode=None)


class _Stack:
    """The processes of one installation, and the fill of a demo."""

    def __init__(self, settings: Settings, demo: DemoState | None) -> None:
        self._settings = settings
        self._demo = demo
        self.log_dir = settings.data_dir / "logs"
        self.log_dir.mkdir(parents=True, exist_ok=True)
        self.supervisor = Supervisor(self.log_dir, say)

    async def start(self) -> None:
        """Start the database, migrate it, then start the rest together. Raises ChildFailedError."""
        if self._settings.database.url is None:
            await self.supervisor.start([services.database_service(self._settings)])
        await services.migrate(self.log_dir)
        rest = [services.standin_service(self._demo)] if self._demo is not None else []
        rest += [services.scheduler_service(self._settings), *services.api_services(self._settings)]
        await self.supervisor.start(rest)

    async def fill(self) -> None:
        """Fill a demo that is not filled yet. Raises AzakError when a step fails."""
        if self._demo is None or self._demo.filled:
            return
        options = {"base_url": api_url(self._settings), "headers": key_headers(self._settings), "timeout": 30}
        async with httpx.AsyncClient(**options, trust_env=False, verify=False) as client:  # type: ignore[arg-type]  # noqa: S501
            with show_progress(console, len(STEPS) + 1) as reporter:
                await fill(client, reporter)
        replace(self._demo, filled=True).save(self._settings.data_dir)


async def _build(log_dir: Path) -> None:
    """Build the dashboard in the background; if that fails, everything but the dashboard works."""
    try:
        await build_dashboard(say, log_dir / "dashboard.log")
    except AzakError as error:
        say(f"The dashboard is not built: {error.detail}")


def _on_signals(stop: asyncio.Event, kill: Callable[[], None]) -> None:
    """The first SIGINT or SIGTERM stops gracefully, the second kills."""

    def handle() -> None:
        if stop.is_set():
            kill()
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, handle)


async def _until(stop: asyncio.Event, work: asyncio.Task[None]) -> None:
    """Wait for `work`, or cancel it when `stop` is set. Raises what `work` raised."""
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in (work, waiting):
        if not task.done():
            task.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    if not (await asyncio.gather(work, return_exceptions=True) and work.cancelled()):
        work.result()


async def _serve(stack: _Stack, settings: Settings, *, exit_when_filled: bool) -> int:
    """Run until a signal. Returns the exit code."""
    begun = time.monotonic()
    stop = asyncio.Event()
    _on_signals(stop, stack.supervisor.kill)
    code = 0
    page = asyncio.create_task(_build(stack.log_dir))
    try:
        await _until(stop, asyncio.create_task(stack.start()))
        try:
            await _until(stop, asyncio.create_task(stack.fill()))
        except AzakError as error:
            code = 1
            say(f"The demo could not be filled: {error.detail}")
        if not stop.is_set():
            _say_where(settings, time.monotonic() - begun)
            await asyncio.to_thread(_say_sign_in_link, settings)
            if exit_when_filled:
                await _until(stop, page)
            else:
                await stop.wait()
                code = 0
    except ChildFailedError as error:
        code = 1
        say(error.detail)
    finally:
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)
        say("Stopping ...")
        await stack.supervisor.stop()
    return code


def _say_where(settings: Settings, took_s: float) -> None:
    say(f"azak is ready after {took_s:.0f} s: {page_url(settings)}   (Ctrl-C or 'azak stop' ends it)")
    say(f"Key for writes: {settings.data_dir / SECRETS_FILE}   Logs: {settings.data_dir / 'logs'}")


def _say_sign_in_link(settings: Settings) -> None:
    """Print a sign-in link, as Jupyter does, so that a newcomer can use the buttons at once."""
    with open_client(settings) as client:
        say(f"Sign in within 15 minutes, once: {new_sign_in_link(client)}")


@up.command()
def start(
    demo: Annotated[bool, typer.Option("--demo", help="A stand-in world of news and prices, its own data.")] = False,
    no_effects: Annotated[bool, typer.Option("--no-effects", help="A new demo in which news moves no price.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the API (AZAK_API_PORT).")] = None,
    exit_when_filled: Annotated[bool, typer.Option(help="Stop after the demo is filled; for CI.")] = False,
) -> None:
    """Start database, scheduler and API, restart what dies, stop all with Ctrl-C."""
    if port is not None:
        os.environ["AZAK_API_PORT"] = str(port)
    if demo and load_settings().database.url is not None:
        raise ConfigurationError("The demo uses a database of its own; unset AZAK_DATABASE_URL for 'azak up --demo'.")
    if no_effects and not demo:
        raise ConfigurationError("--no-effects is of a demo; say 'azak up --demo --no-effects'.")
    state = enter_demo(create=True, effects=not no_effects) if demo else None
    ensure_secrets(load_settings().data_dir)
    settings = load_settings()
    services.refuse_taken_ports(settings, demo=demo)
    os.environ[SUPERVISED_BY] = "azak up --demo" if demo else "azak up"
    with only_one(settings.data_dir):
        say(f"Data in {settings.data_dir}")
        code = asyncio.run(_serve(_Stack(settings, state), settings, exit_when_filled=exit_when_filled))
    raise typer.Exit(code)
