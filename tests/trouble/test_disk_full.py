"""A disk that fills in the middle of a run: it fails with its reason, its log costs nothing, and the next one ends it.

The disk is a small tmpfs, so that the kernel refuses; only root may mount one.
"""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend import log_sink
from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Counts
from backend.internal import ImportArguments
from backend.log import get_logger
from backend.log_sink import Sink
from backend.pipelines.context import RunContext
from backend.pipelines.market import import_files
from backend.scheduler.runner import Runner
from tests.scheduler.test_runner import Bodies, add_kind, ask, ended, runner  # noqa: F401  (fixtures)
from tests.sources import world

GOOD = "date,code,name,market,open,high,low,close,volume\n2026-07-06,900010,가람전자,KOSDAQ,1000,1010,990,1000,5\n"
REFUSED = "2026-07-07,90001X0,가람전자,KOSDAQ,1000,1010,990,1000,5\n"


@pytest.fixture
def disk(settings: Settings, tmp_path: Path, log_to: Callable[[Sink], None]) -> Iterator[Path]:
    """Azak's folder with its log, on a disk of 1 MB."""
    path = tmp_path / "azak"
    path.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(path)], check=False, capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("only root may mount a disk that is small enough to fill")
    settings.general.data_dir = path
    sink = Sink(path / "scheduler.jsonl")
    log_to(sink)
    try:
        yield path
    finally:
        sink.close()
        log_sink.use(Sink())
        subprocess.run(["umount", "-l", str(path)], check=True)


def fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(b"\0" * 4096)


async def test_a_disk_that_fills_in_the_middle_of_a_run(
    runner: Runner,  # noqa: F811  (the fixture)
    database: Database,
    add_kind: Bodies,  # noqa: F811
    disk: Path,
    tmp_path: Path,
) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(GOOD + REFUSED)

    arguments = ImportArguments.model_validate({"kind": "prices", "files": [str(file)], "basis": "adjusted"})

    async def import_and_fill(context: RunContext) -> Counts:
        get_logger("test").info("before")
        fill(disk)
        return await import_files.run(context, arguments)

    async def import_again(context: RunContext) -> Counts:
        return await import_files.run(context, arguments)

    add_kind("test", import_and_fill, max_attempts=1)
    add_kind("other", import_again, max_attempts=1)
    failed = await ended(database, await ask(database, "test"))
    assert (failed.state, failed.error["code"]) == ("failed", "disk-full")
    get_logger("test").info("lost", more="x" * 9_000)  # the page that was begun has room
    assert log_sink.read_state()["dropped"] > 0
    assert "No space left on device" in log_sink.read_state()["error"]
    (disk / "ballast").unlink()
    done = await ended(database, await ask(database, "other"))
    assert (done.state, done.error) == ("succeeded", None)
    assert (done.counts["detail"]["same"], done.counts["detail"]["refused"]) == (1, 1)
    assert await world.fetch_all(database, "SELECT stock_code FROM daily_bars") == [("900010",)]
    assert [path.name for path in (disk / "imports").glob("*.csv") if path.stat().st_size] == [f"{done.id}.csv"]
