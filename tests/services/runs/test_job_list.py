"""The list of jobs: what each did last, and when it last succeeded."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.services.runs import jobs

RUNS = """
    INSERT INTO runs (id, kind, active_key, origin, state, attempt, created_at, finished_at)
    SELECT gen_random_uuid(), 'crawl_news', n::text, 'clock', state, 1, now() - n * interval '1 hour',
           now() - n * interval '1 hour' + interval '1 minute'
    FROM (VALUES (1, 'failed'), (2, 'succeeded'), (3, 'succeeded'), (4, 'failed')) AS r (n, state)
"""


async def test_a_job_shows_its_newest_run_and_its_newest_success(session: AsyncSession) -> None:
    await jobs.upsert_jobs(session, {"crawl_news": "*/10 * * * *", "train_models": "0 2 * * *"})
    await session.execute(text(RUNS))
    crawl, train = await jobs.list_jobs(session)
    ago = await session.scalar(text("SELECT now() - CAST(:at AS timestamptz)"), {"at": crawl.last_success_at})
    assert (crawl.run_state, ago.total_seconds()) == ("failed", 2 * 3600 - 60)
    assert (train.run_state, train.last_success_at) == (None, None)
    assert await jobs.get_job(session, "crawl_news") == crawl
