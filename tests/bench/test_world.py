"""The database that the benchmarks read fits the schema of today: a migration once left it behind."""

from backend.config import Settings
from bench.harness.world import fill


async def test_the_world_of_the_benchmarks_is_filled(settings: Settings) -> None:
    assert min((await fill(settings.database_url(), 0.001)).values()) > 0
