"""What the exchange says of watched stocks (docs/nasty-cases.md: 67 and 68)."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.market import Company, Listing, Market, StockStatus
from backend.services.market import listings
from tests import factories


def listed(code: str, market: Market = Market.KOSPI, status: StockStatus = StockStatus.NORMAL) -> Listing:
    return Listing(code, "이름", market, status, date(1975, 6, 11))


async def column(session: AsyncSession, name: str) -> list[object]:
    return list((await session.scalars(text(f"SELECT {name} FROM stocks ORDER BY code"))).all())


async def test_case_67_liquidation_delisting_and_a_code_that_is_used_again(session: AsyncSession) -> None:
    await factories.add_stock(session, "005930")
    await factories.add_stock(session, "000660", "SK하이닉스")
    other = listed("000660")
    states = []
    for found in ([listed("005930", status=StockStatus.HALTED), other], [other], [listed("005930"), other]):
        changed = [await listings.update_listings(session, found) for _ in range(2)]
        assert changed[1] == 0
        states.append((await column(session, "status"))[1])
    assert states == ["halted", "delisted", "normal"]
    assert await column(session, "listed_on") == [date(1975, 6, 11)] * 2


async def test_case_68_a_move_to_the_other_market_keeps_the_stock(session: AsyncSession) -> None:
    await factories.add_stock(session, "005930", market="KOSDAQ")
    assert await listings.update_listings(session, [listed("005930", Market.KOSPI)]) == 1
    assert await column(session, "market") == ["KOSPI"]
    assert await column(session, "name") == ["삼성전자"]


async def test_companies_give_darts_number_to_watched_stocks_only(session: AsyncSession) -> None:
    await factories.add_stock(session, "005930")
    found = [Company("005930", "00126380", "삼성전자"), Company("000660", "00164779", "SK하이닉스")]
    assert [await listings.update_companies(session, found) for _ in range(2)] == [1, 0]
    assert await column(session, "dart_corp_code") == ["00126380"]
