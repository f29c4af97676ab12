"""Runs tests on a broken copy of the tree, one break at a time, each in a fork that has imported the libraries already.

The checkout is only read. Each worker has a copy of the tree and a PostgreSQL server of its own, in memory where there
is room; a fork of the worker imports the copy's backend and tests and runs pytest. Imports of libraries (3 s) and the
server with its template (3 s) are so paid once a worker and not once a break.
"""

import asyncio
import contextlib
import importlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from tests.mutations.listing import ROOT, Break, broken_text

# Not pytest's plugins: they are imported when pytest starts, which must see it.
LIBRARIES = (
    "alembic.command", "asyncpg", "fastapi", "httpx", "hypothesis.strategies", "numpy", "pydantic_settings",
    "rich.table",
    "scipy.stats", "sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio", "structlog", "typer", "uvicorn",
    "apscheduler.schedulers.asyncio", "feedparser", "holidays", "pgqueuer", "protego", "stamina",
)  # fmt: skip
# `--assert=plain`: rewriting warns about libraries that were imported before pytest, and nobody reads the failures.
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-n", "0", "--assert=plain")
OUT_OF_TIME = "time"
NOT_RUN = "no tests"
FAILS_ANYWAY = "fails without the break too"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a break: `seen` by a test that fails with it alone, or by running out of time; `by` names it."""

    item: Break
    seen: bool
    by: str
    seconds: float


class Worker:
    """A copy of the tree and a server; lives as long as its process."""

    def __init__(self) -> None:
        for name in LIBRARIES:
            importlib.import_module(name)
        base = "/dev/shm" if Path("/dev/shm").is_dir() else None
        self._home = Path(tempfile.mkdtemp(prefix="azak-mutations-", dir=base))
        self._home.chmod(0o755)
        self._tree = self._home / "tree"
        for name in _files_of_the_checkout():
            (self._tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self._tree / name)
        self._sound: dict[str, bool] = {}  # whether a test that noticed a break passes without one
        command = [sys.executable, "-m", "tests.mutations.server"]
        self._server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._server.stdout is not None
        self._url = self._server.stdout.readline().strip()
        if not self._url:
            raise RuntimeError("the server did not start; run 'python -m tests.mutations.server' to see why.")

    def close(self) -> None:
        self._server.communicate("")
        shutil.rmtree(self._home)

    def run(self, item: Break, limit_s: float) -> Outcome:
        """Break the copy, run the tests, mend the copy; a test that noticed must pass on the mended copy."""
        started = time.monotonic()
        path, whole = self._tree / item.file, (ROOT / item.file).read_text()
        self._write(path, broken_text(item))
        try:
            code, by = self._pytest(item.tests, limit_s)
        finally:
            self._write(path, whole)
        seen = code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if by.startswith("tests/") and not self._passes(by, limit_s):
            seen, by = False, f"{by} {FAILS_ANYWAY}"
        return Outcome(item, seen, by, time.monotonic() - started)

    def _passes(self, test: str, limit_s: float) -> bool:
        """Whether a test passes on the whole copy; its parameters are left off, as pytest writes them escaped."""
        function = test.partition("[")[0]
        if function not in self._sound:
            self._sound[function] = self._pytest((function,), limit_s)[0] == pytest.ExitCode.OK
        return self._sound[function]

    def _write(self, path: Path, text: str) -> None:
        """Byte code goes too: a break of the same size in the same second would not be read."""
        path.write_text(text)
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)

    def _pytest(self, tests: Sequence[str], limit_s: float) -> tuple[int | None, str]:
        """pytest's exit code, None when the time was over, and the test that failed first."""
        log = self._home / "log"
        code = self._exit_code(tests, limit_s, log)
        asyncio.run(self._drop_databases())
        if code is None:
            return None, OUT_OF_TIME
        if code == pytest.ExitCode.NO_TESTS_COLLECTED:
            return code, NOT_RUN
        return code, _failed_test(log.read_text(errors="replace"))

    def _exit_code(self, tests: Sequence[str], limit_s: float, log: Path) -> int | None:
        child = os.fork()
        if child == 0:
            _become_pytest(self._tree, self._url, tests, log)
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                _end_group(child)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        _end_group(child)
        os.waitpid(child, 0)
        return None

    async def _drop_databases(self) -> None:
        connection = await asyncpg.connect(f"{self._url}/postgres")
        kept = ["postgres", "template0", "template1", "azak_template"]
        rows = await connection.fetch("SELECT datname FROM pg_database WHERE datname <> ALL($1)", kept)
        for row in rows:
            await connection.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
        await connection.close()


def _files_of_the_checkout() -> list[str]:
    """What git keeps, and what is new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def _end_group(leader: int) -> None:
    """A test that was killed leaves the processes that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _become_pytest(tree: Path, server: str, tests: Sequence[str], log: Path) -> None:
    """In the fork: never returns. The backend and the tests are imported from `tree`."""
    code = 70
    try:
        os.setsid()
        with log.open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        os.chdir(tree)
        os.environ |= {"TEST_DATABASE_SERVER": server, "PYTHONPATH": str(tree)}
        sys.path[:] = [str(tree), *(path for path in sys.path if path not in ("", str(ROOT)))]
        for name in [name for name in sys.modules if name.partition(".")[0] in ("backend", "tests")]:
            del sys.modules[name]
        code = pytest.main([*OPTIONS, f"--rootdir={tree}", *tests])
    finally:
        sys.stdout.flush()
        os._exit(code)


def _failed_test(log: str) -> str:
    """Name of the first failure in pytest's output."""
    for line in log.splitlines():
        if line.startswith(("FAILED ", "ERROR ")):
            return line.split(" ", 1)[1].split(" - ")[0]
    return "" if "passed" in log else log.strip().splitlines()[-1][:100] if log.strip() else ""


_worker: Worker | None = None


def _run_in_worker(item: Break, limit_s: float) -> Outcome:
    global _worker  # noqa: PLW0603
    if _worker is None:
        _worker = Worker()
        multiprocessing.util.Finalize(_worker, _worker.close, exitpriority=10)
    return _worker.run(item, limit_s)


def run_breaks(items: Sequence[Break], *, jobs: int, limit_s: float) -> Iterator[Outcome]:
    """Outcomes in the order of `items`, as they come. Raises StaleListError before anything runs."""
    for item in items:
        broken_text(item)
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_run_in_worker, items, [limit_s] * len(items))
