"""`python -m tests.contract [--examples 5000]`: schemathesis, every check, against both running processes.

A database of its own with one of everything, the stand-in, the scheduler and one API process. Ends with 0 when no
answer was a server error, an undocumented status or another shape than the OpenAPI document says.
"""

import argparse
import asyncio
import sys

from backend.db.session import Database
from bench.harness.driver import TOKEN
from bench.harness.installation import KEY, Installation
from bench.isolation import outside_world, split
from tests.contract.checking import check
from tests.factories import add_world


async def _fill(installation: Installation) -> None:
    database = Database(installation.settings(), "contract")
    async with database.write() as session:
        await add_world(session)
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.contract", description=__doc__)
    parser.add_argument("--examples", type=int, default=5000, help="of the API; the scheduler gets a tenth")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with Installation() as installation:
        installation.environment |= {"AZAK_API_ORDERS_PER_MINUTE": "1000000", "AZAK_MODELS_ENGINE": "light"}
        asyncio.run(_fill(installation))
        with outside_world(installation), split(installation) as (api, scheduler):
            runs = [
                check(f"http://127.0.0.1:{api}", KEY, examples=given.examples, seed=given.seed),
                check(f"http://127.0.0.1:{scheduler}", TOKEN, examples=given.examples // 10, seed=given.seed),
            ]
    print("\n".join(run.stdout for run in runs))
    sys.exit(max(run.returncode for run in runs))


if __name__ == "__main__":
    main()
