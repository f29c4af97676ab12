"""A short run of schemathesis against a real process; `python -m tests.contract` is the long one."""

import asyncio

from backend.config import Settings
from tests.contract.checking import check
from tests.factories import World
from tests.fixtures.api_process import instances


async def test_no_answer_contradicts_the_document(settings: Settings, world: World, compiled: dict[str, str]) -> None:
    limits = {"AZAK_API_ORDERS_PER_MINUTE": "100000", "AZAK_API_SCHEDULER_TIMEOUT_S": "0.2"}
    with instances(settings, compiled | limits) as (address, _):
        phases = ("--phases", "examples,fuzzing")
        run = await asyncio.to_thread(check, address, "k", *phases, examples=60)
    assert run.returncode == 0, run.stdout[-6000:]
