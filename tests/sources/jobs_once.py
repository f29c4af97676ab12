"""A process that runs jobs once over the settings of its environment and logs everything: for tests of restarts.

`python -m tests.sources.jobs_once DEMO_START JOB...`
"""

import asyncio
import sys
from datetime import datetime

from backend.config import load_settings
from backend.db.session import Database
from backend.krx import DemoCalendar
from backend.log import configure_logging, get_logger
from backend.scheduler.registry import get_kind
from tests.sources import world


async def run(start: datetime, jobs: list[str]) -> None:
    settings = load_settings()
    database = Database(settings, "test")
    for job in jobs:
        context = await world.new_context(settings, database, DemoCalendar(start, 60), job)
        kind = get_kind(job)
        counts = await kind.body(context, kind.parse({}))
        get_logger("jobs_once").info("job_done", job=job, failed=counts.failed)
    await database.close()


if __name__ == "__main__":
    configure_logging("test", level="debug", log_format="json")
    asyncio.run(run(datetime.fromisoformat(sys.argv[1]), sys.argv[2:]))
