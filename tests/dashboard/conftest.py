"""The built page, a browser, and a real azak behind it: the filled demo, or a database made for the test."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from backend.cli.commands.dashboard import build_dashboard
from backend.config import Settings
from tests.dashboard.browser.chromium import launched, require_chromium
from tests.dashboard.browser.visit import AXE, Device, Visit, visiting
from tests.fixtures.api_process import instances
from tests.fixtures.installation import Installation, copied_demo, outside_world, stop

# No clock: only what a test asks for happens. The light engine, because no test here looks at a model.
# Beside other tests a connection may take longer than a visitor waits; what a page says then is tests/api's subject.
PATIENT = {"AZAK_DATABASE_CONNECT_TIMEOUT_S": "10"}
SCHEDULER = PATIENT | {
    "AZAK_SCHEDULER_CLOCK": "false", "AZAK_SCHEDULER_LEASE_TTL_S": "4", "AZAK_SCHEDULER_SILENT_AFTER_S": "8",
    "AZAK_MODELS_ENGINE": "light",
}  # fmt: skip
ENTRY_POINTS = {"api": "backend.main", "scheduler": "backend.scheduler_main"}


@dataclass
class Site:
    """The filled demo, served; each of its processes is started and ended by name."""

    installation: Installation
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return self.installation.api

    def start(self, name: str) -> None:
        """Start the API or the scheduler and wait until it answers."""
        port = self.installation.ports[name]
        process = self.installation.process(
            f"dashboard-{name}", "-m", ENTRY_POINTS[name], ready=f"http://127.0.0.1:{port}/livez"
        )
        self.processes[name] = self._stack.enter_context(process)

    def kill(self, name: str) -> None:
        """As a crash: SIGKILL to this pid."""
        self.processes[name].kill()
        self.processes[name].wait(10)

    def stop(self, name: str) -> None:
        """As an operator does."""
        stop(self.processes[name])

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="session")
async def built_page(shared_folder: Path) -> None:
    """dashboard/dist and the packages its checks need. One worker has all tests of the page: npm deletes to install."""
    await build_dashboard(print, shared_folder / "page.log", force=not AXE.exists())


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Asked for before the page is built: where there is no browser, nothing is built for it."""
    return require_chromium()


@pytest.fixture(scope="session")
async def browser(chromium_path: str, built_page: None) -> AsyncIterator[Browser]:
    async with launched(chromium_path) as browser:
        yield browser


@pytest.fixture(scope="package")
def site(filled_data: Path) -> Iterator[Site]:
    """The filled demo with one API process."""
    with copied_demo(filled_data) as demo, outside_world(demo) as installation:
        installation.environment |= SCHEDULER
        site = Site(installation)
        try:
            site.start("api")
            yield site
        finally:
            site.close()


@pytest.fixture
async def visit(browser: Browser, site: Site) -> AsyncIterator[Visit]:
    """A reader of the demo at a desk."""
    async with visiting(browser, site.url) as visit:
        yield visit


@pytest.fixture
def visiting_own(browser: Browser, settings: Settings) -> Any:
    """Gives a reader of an azak whose database the test has filled itself."""

    @asynccontextmanager
    async def open_it(device: Device = "desktop", locale: str = "ko-KR") -> AsyncIterator[Visit]:
        with instances(settings, dict(os.environ) | PATIENT) as (url, _):
            async with visiting(browser, url, device, locale) as visit:
                yield visit

    return open_it
