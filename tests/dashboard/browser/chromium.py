"""The browser of these tests: Debian's Chromium, found, or installed by whoever may install packages.

Where there is none and we may not install one (not root, no apt-get), or with AZAK_TEST_BROWSER=none, the tests are
reported as skipped, with the command that helps. With CI set they fail instead: nobody reads there what was skipped.
"""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.options import option

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# A font with Korean letters; without one every width in a layout is that of an empty box.
PACKAGES = ("chromium", "fonts-noto-cjk")
REMEDY = "install one (Debian: apt-get install chromium fonts-noto-cjk), or set AZAK_TEST_BROWSER to its path or 'none'"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome of this machine."""
    if chosen := option("BROWSER"):
        return chosen
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in (*found, *PLACES) if path and Path(path).exists()), None)


def may_install() -> bool:
    """Whether we are root on a machine with Debian's packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_chromium() -> None:
    """Debian packages, for root. Raises RuntimeError with the remedy when they cannot be had."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
    for command in (["apt-get", "update", "-q"], install):
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"'{' '.join(command)}' failed: {result.stderr[-500:]}\nThere is no Chromium: {REMEDY}.")


def require_chromium() -> str:
    """Path of a browser, installed now if need be. Skips the test where that was asked for or is not possible."""
    path = find_chromium()
    if path == "none":
        pytest.skip("AZAK_TEST_BROWSER=none: the dashboard is not looked at")
    if path is None and may_install():
        install_chromium()
        path = find_chromium()
    if path is None and not os.environ.get("CI"):
        pytest.skip(f"There is no Chromium, the dashboard is not looked at: {REMEDY}")
    assert path is not None, f"There is no Chromium: {REMEDY}."
    return path


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    """A headless browser at `path`."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()
