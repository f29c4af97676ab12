"""`python -m bench.imports --prices FILE --listed FILE --titles FILE [--stream-mb 50] [--json FILE]`: imported history.

Into an empty installation: the list of stocks, the daily bars, the titles, each twice. Figures: seconds of each, rows
read, stored, refused (by kind on stderr), and rows that the second import wrote (must be 0).
stream_peak_mb: memory that reading a generated CSV of `--stream-mb` takes beyond what it took at first (bounded: the
bars of a 2 GB file are never together in memory); stream_mb_a_s: how fast.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.internal import ImportArguments
from backend.krx import KrxCalendar
from backend.pipelines.market import import_files
from backend.sources.files.bars import BarReader, FileBar, GivenKeys, Stocks
from backend.sources.files.layouts import recognise
from backend.sources.files.reading.tables import Said, open_table
from backend.sources.files.spool import Spool, bucket_of
from bench.harness.command import Figures, publish, say
from bench.harness.installation import Installation
from tests.sources.world import new_context

_HEADER = "date,code,market,open,high,low,close,volume\n"


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write_stream(path: Path, megabytes: int) -> None:
    """Bars of 2,600 stocks, day after day as a year's file of the whole market has them."""
    rows = "".join(f"%s,{code:06},KOSPI,1000.5,1010,990,1005,12345\n" for code in range(2_600))
    day, written = date(1995, 1, 2), 0
    with path.open("w") as target:
        target.write(_HEADER)
        while written < megabytes * 1_000_000:
            written += target.write(rows.replace("%s", day.isoformat()))
            day += timedelta(days=1)


def _read_stream(path: Path) -> int:
    """Read a file as the import does, series after series out of the spool."""
    found = 0
    with Spool() as spool:
        with open_table("prices", lambda: path.open("rb"), Said()) as table:
            layout = recognise(table.columns.folded)
            reader = BarReader(table.columns, layout, GivenKeys(), Stocks(frozenset()), clock.now().date())
            for one in reader.bars(table.rows):
                assert isinstance(one, FileBar)
                spool.add(bucket_of(one.code), one)
        for _, rows in spool.series():
            found += len([FileBar(*row) for row in rows])
    return found


def _measure_stream(megabytes: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        small, big = Path(folder) / "small.csv", Path(folder) / "big.csv"
        _write_stream(small, 1)
        _write_stream(big, megabytes)
        _read_stream(small)
        before, begun = _peak_mb(), time.perf_counter()
        rows = _read_stream(big)
        seconds = time.perf_counter() - begun
        grown = _peak_mb() - before
    say(f"{rows} rows of {megabytes} MB: {grown:.0f} MB more memory than 1 MB takes, {seconds:.1f} s")
    return {"stream_rows": rows, "stream_peak_mb": grown, "stream_mb_a_s": megabytes / seconds}


async def _import(settings: Settings, database: Database, kind: str, path: Path) -> dict[str, Any]:
    """One import; what its run's log says of the file."""
    arguments = ImportArguments.model_validate({"kind": kind, "files": [str(path)]})
    context = await new_context(settings, database, KrxCalendar(), "import_files")
    begun = time.perf_counter()
    counts = await import_files.run(context, arguments)
    seconds = time.perf_counter() - begun
    async with database.read() as session:
        statement = text("SELECT data FROM run_events WHERE run_id = :id AND message = 'file'")
        data: dict[str, Any] = (await session.execute(statement, {"id": context.run_id})).scalar_one()
    say(f"{kind}: {seconds:.1f} s, {data['counts']}, refused {data['refused']}")
    say(f"  {data.get('basis_because', '')}; missing: {data.get('missing', [])}")
    return {"seconds": seconds, "written": counts.written, "read": counts.read, **counts.detail}


async def _measure_imports(settings: Settings, files: dict[str, Path]) -> Figures:
    figures: Figures = {}
    database = Database(settings, "bench")
    for kind, path in files.items():
        first = await _import(settings, database, kind, path)
        again = await _import(settings, database, kind, path)
        figures |= {f"{kind}_{name}": float(first[name]) for name in ("seconds", "read", "written", "refused")}
        figures |= {f"{kind}_again_s": again["seconds"], f"{kind}_again_written": float(again["written"])}
    await database.close()
    return figures


def measure(files: dict[str, Path], stream_mb: int) -> Figures:
    figures = _measure_stream(stream_mb)
    with Installation() as installation:
        settings = installation.settings()
        settings.general.data_dir = installation.home / "azak"
        return figures | asyncio.run(_measure_imports(settings, files))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m bench.imports", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("listed", "prices", "titles"):
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="FILE")
    parser.add_argument("--stream-mb", type=int, default=50)
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    paths = {"listed": given.listed, "prices": given.prices, "news": given.titles}
    wanted = {kind: path.absolute() for kind, path in paths.items()}
    publish({name: round(value, 3) for name, value in measure(wanted, given.stream_mb).items()}, given.json)
