"""The one upsert writes what changed and nothing else."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import Stock
from backend.db.upsert import upsert

ROWS = [
    {"code": "005930", "name": "삼성전자", "market": "KOSPI"},
    {"code": "000660", "name": "SK하이닉스", "market": "KOSPI"},
]


async def test_second_upsert_of_the_same_rows_writes_nothing(session: AsyncSession) -> None:
    first = await upsert(session, Stock, ROWS, key=["code"], update=["name", "market"])
    second = await upsert(session, Stock, ROWS, key=["code"], update=["name", "market"])
    assert (first, second) == ([("000660",), ("005930",)], [])


async def test_only_the_changed_row_is_written(session: AsyncSession) -> None:
    await upsert(session, Stock, ROWS, key=["code"], update=["name", "market"])
    changed = [ROWS[0], ROWS[1] | {"name": "하이닉스"}]
    assert await upsert(session, Stock, changed, key=["code"], update=["name"]) == [("000660",)]


async def test_rows_that_repeat_a_key_are_written_once(session: AsyncSession) -> None:
    twice = [ROWS[0], ROWS[0] | {"name": "삼성전자우"}]
    assert await upsert(session, Stock, twice, key=["code"], update=["name"], returning=["name"]) == [("삼성전자우",)]


async def test_no_rows_is_no_statement(session: AsyncSession) -> None:
    assert await upsert(session, Stock, [], key=["code"]) == []
