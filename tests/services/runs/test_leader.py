"""One active scheduler: the lease row decides, by the database's clock."""

import asyncio

from sqlalchemy import text

from backend.db.session import Database
from backend.scheduler.lease import Lease
from backend.services.runs import leader


async def take(database: Database, holder: str) -> int | None:
    async with database.write() as session:
        return await leader.take_or_renew(session, holder=holder, ttl_s=15)


async def test_of_many_at_once_one_becomes_active(database: Database) -> None:
    epochs = await asyncio.gather(*(take(database, f"holder-{number}") for number in range(10)))
    assert [epoch for epoch in epochs if epoch is not None] == [1]


async def test_renewal_keeps_the_epoch_and_takeover_raises_it(database: Database) -> None:
    assert [await take(database, "a"), await take(database, "a"), await take(database, "b")] == [1, 1, None]
    async with database.write() as session:
        await session.execute(text("UPDATE leader SET expires_at = now() - interval '1 second'"))
    assert [await take(database, "b"), await take(database, "a")] == [2, None]


async def test_a_released_lease_is_free_at_once(database: Database) -> None:
    first, second = Lease(database, "first", ttl_s=15), Lease(database, "second", ttl_s=15)
    assert await first.renew()
    assert not await second.renew()
    await first.release()
    assert not first.is_active
    assert await second.renew()


async def test_a_holder_stops_believing_before_the_database_does(database: Database) -> None:
    lease = Lease(database, "holder", ttl_s=0)
    assert not await lease.renew()
    assert not lease.is_active
