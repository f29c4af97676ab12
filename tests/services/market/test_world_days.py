"""The world's last moves, as a reader of each moment knew them."""

import math
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from backend.db.session import Database
from backend.domain.knowledge import Knowledge
from backend.domain.outside.world import WorldDay, WorldSymbol, closes_at
from backend.services.market.drivers import world_days

SP500, SOX, USDKRW = WorldSymbol.SP500, WorldSymbol.SOX, WorldSymbol.USDKRW
MONDAY = date(2026, 11, 23)
KIS, NAVER = "kis_world", "naver_world"


def closes(symbol: WorldSymbol, *levels: float, source: str = KIS) -> list[WorldDay]:
    return [WorldDay(symbol, MONDAY + timedelta(days=n), level, source) for n, level in enumerate(levels)]


def after(days: int) -> datetime:
    """Eight in the morning in Seoul after the close of that day of the week."""
    return datetime(2026, 11, 23, 23, 0, tzinfo=UTC) + timedelta(days=days)


async def store(database: Database, days: list[WorldDay], recorded_at: datetime) -> int:
    async with database.write() as session:
        return await world_days.upsert_world_days(
            session, days, known_at=lambda day: closes_at(day.symbol, day.trade_date), recorded_at=recorded_at
        )


async def moves(database: Database, knowledge: Knowledge) -> dict[str, tuple[int, float]]:
    async with database.read() as session:
        found = await world_days.world_moves(session, knowledge)
    return {symbol: (move.trade_date.day, round(math.exp(move.log_move), 6)) for symbol, move in found.items()}


async def test_a_reader_knows_the_moves_that_both_clocks_had_reached(database: Database) -> None:
    assert await store(database, closes(SP500, 100, 110, 121, 90), after(2)) == 3  # Thursday's is not known yet
    assert await store(database, closes(SP500, 100, 110, 121), after(2)) == 0
    assert await moves(database, Knowledge.live(after(2))) == {"sp500": (25, 1.1)}
    assert await moves(database, Knowledge.live(after(1))) == {}  # nothing was stored then
    assert await moves(database, Knowledge(after(1), after(2))) == {"sp500": (24, 1.1)}  # a replay knows what was known
    assert await moves(database, Knowledge(after(0), after(2))) == {}  # one close is no move


async def test_a_close_that_is_restated_is_kept_as_it_was(database: Database) -> None:
    await store(database, closes(SOX, 100, 110), after(1))
    assert await store(database, closes(SOX, 100, 120), after(2)) == 1
    assert await moves(database, Knowledge(after(1), after(1))) == {"sox": (24, 1.1)}
    assert await moves(database, Knowledge.live(after(2))) == {"sox": (24, 1.2)}
    async with database.read() as session:
        kept = await session.execute(text("SELECT close, retired_at FROM world_days_replaced"))
        assert [tuple(row) for row in kept] == [(110.0, after(2))]


async def test_a_move_is_of_one_source_the_one_with_the_newest_day(database: Database) -> None:
    await store(database, closes(USDKRW, 1400, 1414), after(4))
    await store(database, closes(USDKRW, 1300, 1300, 1326, source=NAVER), after(4))
    async with database.read() as session:
        found = await world_days.world_moves(session, Knowledge.live(after(4)))
    assert found.keys() == {USDKRW}
    move = found[USDKRW]
    assert (move.source, move.previous_date, move.trade_date) == (NAVER, date(2026, 11, 24), date(2026, 11, 25))
    assert math.isclose(move.log_move, math.log(1.02))
    assert (move.known_at, move.recorded_at) == (closes_at(USDKRW, date(2026, 11, 25)), after(4))
    await store(database, closes(USDKRW, 1400, 1414, 1414), after(4))
    async with database.read() as session:
        (same,) = (await world_days.world_moves(session, Knowledge.live(after(4)))).values()
    assert (same.source, same.log_move) == (KIS, 0.0)
