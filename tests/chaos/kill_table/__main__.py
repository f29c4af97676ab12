"""`python -m tests.chaos.kill_table [--only NAME,...] [--json FILE] [--logs FOLDER]`: exit code 1 when a promise broke.

Each loop and each class of trouble is put into a running azak as it is shipped: in health within 30 s, the channel told
within 30 s of that (or of its own recovery), begun once, ended once, work done afterwards.
"""

import argparse
import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path

from tests.chaos.kill_table.stand import WAVES, Stand, start
from tests.chaos.kill_table.troubles import TROUBLES
from tests.chaos.kill_table.watch import Row
from tests.chaos.wide.ground import Ground, ground, missing


def _say(row: Row) -> None:
    print(
        f"{time.strftime('%H:%M:%S')} {row.injected:30} {row.code:26} health {row.health_s} s, alarm {row.alarm_s} s, "
        f"end {row.ended_s} s, begun {row.begun}, ended {row.ended}, work {row.work} {row.notes}",
        flush=True,
    )


async def _try_all(stand: Stand, only: list[str]) -> None:
    if await stand.watch.well(300) is None:
        raise SystemExit(f"azak is not well before anything was done to it: {await stand.watch.troubles()}")
    for number, wave in enumerate(WAVES):
        if not only or f"wave {number}" in only:
            await stand.try_wave(wave)
    for name in TROUBLES:
        if not only or name in only:
            await stand.try_trouble(name)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kill_table", description=__doc__)
    parser.add_argument("--only", default="", help="troubles by name, or 'wave 0' to 'wave 5'; separated by commas")
    parser.add_argument("--json", type=Path, help="writes the rows")
    parser.add_argument("--logs", type=Path, help="keeps the logs of the processes in this folder")
    given = parser.parse_args()
    if lacking := missing():
        raise SystemExit(f"This machine cannot do all of it: {lacking}.")
    rows: list[Row] = []
    with ground(wal_apart=True) as built:
        try:
            asyncio.run(_run(built, [name for name in given.only.split(",") if name], rows))
        finally:
            if given.logs is not None:
                given.logs.mkdir(parents=True, exist_ok=True)
                for log in (*built.world.home.glob("*.log"), *(built.azak_disk.path / "logs").glob("*")):
                    (given.logs / log.name).write_bytes(log.read_bytes())
            if given.json is not None:
                given.json.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False) + "\n")
    problems = [problem for row in rows for problem in row.problems]
    for problem in problems:
        print(f"VIOLATION {problem}")
    return int(bool(problems))


async def _run(built: Ground, only: list[str], rows: list[Row]) -> None:
    async with AsyncExitStack() as stack:
        stand = await start(built, stack)
        stand.rows, stand.say = rows, _say
        await _try_all(stand, only)


if __name__ == "__main__":
    sys.exit(main())
