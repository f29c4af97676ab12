"""One active scheduler: the lease row decides, by the database's clock."""

import asyncio
import time

import pytest
from sqlalchemy import text

from backend import clock
from backend.db.session import Database
from backend.errors import LeaseLostError
from backend.scheduler.lease import Lease
from backend.services.runs import leader
from tests.fixtures.database import free_port, settings_for


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


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ("expires_at = now() + interval '1 second'", True),
        ("expires_at = now() - interval '1 second'", False),
        ("epoch = 2", False),
        ("holder = 'b'", False),
    ],
)
async def test_the_rule_of_the_leader_only_who_holds_the_unexpired_lease_may_write(
    database: Database, change: str, holds: bool
) -> None:
    """The fence is asked in the transaction that writes: an expired lease, another epoch or holder roll it back."""
    await take(database, "a")
    async with database.write() as session:
        await session.execute(text(f"UPDATE leader SET {change}"))
    async with database.write() as session:
        if holds:
            await leader.fence(session, holder="a", epoch=1)
        else:
            with pytest.raises(LeaseLostError, match="Epoch 1 of a is over"):
                await leader.fence(session, holder="a", epoch=1)


async def test_the_lease_says_who_holds_it_since_when_and_whether_it_is_over(database: Database) -> None:
    async with database.read() as session:
        assert await leader.get_leader(session) is None
    await take(database, "a")
    found = []
    for change in ("acquired_at = now() - interval '1 hour'", "expires_at = now() - interval '1 second'"):
        await take(database, "a")  # a renewal does not begin anew
        async with database.write() as session:
            await session.execute(text(f"UPDATE leader SET {change}"))
            row = await leader.get_leader(session)
        assert row is not None
        found.append((row.holder, row.epoch, row.expired))
    assert found == [("a", 1, False), ("a", 1, True)]
    assert row is not None
    assert (clock.now() - row.acquired_at).total_seconds() > 3_000
    await take(database, "b")
    async with database.read() as session:
        row = await leader.get_leader(session)
    assert row is not None
    assert row is not None
    assert (clock.now() - row.acquired_at).total_seconds() < 60


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


async def test_a_lease_outlives_an_outage_of_the_database_until_its_own_deadline(database: Database) -> None:
    lease = Lease(database, "holder", ttl_s=60)
    assert await lease.renew()
    assert lease._believed_until - time.monotonic() == pytest.approx(48, abs=2)  # a fifth before the database
    away = Database(settings_for(f"postgresql://azak:none@127.0.0.1:{free_port()}/azak"), "test")
    lease._database = away
    assert await lease.renew()
    assert (lease.epoch, (lease.error is None)) == (1, False)
    lease._believed_until = time.monotonic()
    assert not await lease.renew()
    assert lease.epoch is None
    await away.close()
    lease._database = database
    assert await lease.renew()
    assert lease.error is None
    other = Lease(database, "other", ttl_s=60)
    assert not await other.renew()
    assert (other.epoch, other.error) == (None, None)
