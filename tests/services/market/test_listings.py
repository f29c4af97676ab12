"""What the exchange says of stocks (docs/nasty-cases.md: 58, 67 and 68), morning by morning."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import KST
from backend.domain.knowledge import Knowledge
from backend.domain.market import Company, Listing, LockClass, Market
from backend.krx import tick_size_krw
from backend.services.market import listings, master_files, reference_days, stock_names
from backend.services.market.master_files import LastFile, Morning, NewFile
from tests import factories

MONDAY = date(2026, 10, 12)
SAMSUNG = Listing("005930", "삼성전자", Market.KOSPI, listed_on=date(1975, 6, 11), base_price_krw=72_000)
HYNIX = Listing("000660", "SK하이닉스", Market.KOSPI, listed_on=date(1996, 12, 26), base_price_krw=560_000)


def morning(number: int, *, has_prices: bool = True) -> Morning:
    """The morning of a weekday from MONDAY on; it is known at 8:00 and recorded at 8:10."""
    day = MONDAY + timedelta(days=number)
    at = datetime.combine(day, datetime.min.time(), KST)
    yesterday = at - timedelta(days=1)
    return Morning(day, at + timedelta(hours=8), yesterday.date(), yesterday + timedelta(hours=15.5), has_prices)


def recorded(number: int) -> datetime:
    return morning(number).known_at + timedelta(minutes=10)


async def take(session: AsyncSession, number: int, *found: Listing, is_whole: bool = True, **given: Any) -> int:
    return await listings.take_listings(
        session, found, morning(number), recorded(number), tick_size=tick_size_krw, is_whole=is_whole, **given
    )


async def rows(session: AsyncSession, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await session.execute(text(statement))]


async def events(session: AsyncSession) -> list[tuple[Any, ...]]:
    return await rows(session, "SELECT stock_code, kind, old, new FROM listing_events ORDER BY trade_date, 1, 2")


async def column(session: AsyncSession, name: str) -> list[Any]:
    return [value for (value,) in await rows(session, f"SELECT {name} FROM stocks ORDER BY code")]


async def test_case_67_liquidation_delisting_and_a_code_that_is_used_again(session: AsyncSession) -> None:
    await factories.add_stock(session, "005930", aliases=["삼전"])
    await factories.add_stock(session, "000660", "SK하이닉스")
    again = replace(SAMSUNG, name="새 회사", listed_on=date(2026, 10, 15))
    steps: Sequence[tuple[Listing, ...]] = (
        (SAMSUNG, HYNIX), (replace(SAMSUNG, is_liquidation=True), HYNIX), (HYNIX,), (again, HYNIX),
    )  # fmt: skip
    states = []
    for number, found in enumerate(steps):
        written = [await take(session, number, *found) for _ in range(2)]
        assert (written[0] > 0, written[1]) == (True, 0)
        states.append((await column(session, "status"))[1])
    assert states == ["normal", "halted", "delisted", "normal"]
    assert await events(session) == [
        ("000660", "listed", None, "SK하이닉스"),
        ("005930", "listed", None, "삼성전자"),
        ("005930", "liquidation", None, None),
        ("005930", "delisted", "삼성전자", None),
        ("005930", "listed", None, "새 회사"),
        ("005930", "renamed", "삼성전자", "새 회사"),
    ]
    # News of the company that is gone is not about the new one.
    assert (await rows(session, "SELECT name, aliases FROM stocks WHERE code = '005930'")) == [("새 회사", [])]


async def test_case_68_a_move_to_the_other_market_keeps_the_stock(session: AsyncSession) -> None:
    await factories.add_stock(session, "005930", market="KOSDAQ")
    await take(session, 0, replace(SAMSUNG, market=Market.KOSDAQ))
    assert await take(session, 1, SAMSUNG) > 0
    assert await column(session, "market") == ["KOSPI"]
    assert (await events(session))[1:] == [("005930", "moved", "KOSDAQ", "KOSPI")]


async def test_case_58_a_renamed_stock_keeps_its_old_name_until_somebody_looks(session: AsyncSession) -> None:
    await factories.add_stock(session, "042660", "대우조선해양", aliases=["대조양"])
    old = Listing("042660", "대우조선해양", Market.KOSPI, listed_on=date(2001, 2, 2))
    await take(session, 0, old)
    await take(session, 1, replace(old, name="한화오션"))
    await take(session, 2, replace(old, name="한화오션"))
    assert await rows(session, "SELECT name, aliases FROM stocks") == [("한화오션", ["대조양", "대우조선해양"])]
    assert await rows(session, "SELECT kind, name FROM stock_names") == [("earlier", "대우조선해양")]
    (reason,) = await stock_names.list_renames(session)
    assert reason.values["old"] == "대우조선해양"
    assert reason.sentence.startswith("The exchange calls 042660 한화오션 since 2026-10-13, before that 대우조선해양;")
    assert [await stock_names.mark_seen(session, "042660", recorded(2)) for _ in range(2)] == [2, 0]
    assert await stock_names.list_renames(session) == []
    # What it was called is a matter of the moment that is asked of.
    for number, name in ((0, "대우조선해양"), (1, "한화오션")):
        moment = recorded(number)
        as_of = text("SELECT name FROM listings_as_of(:moment, :moment)")
        assert await session.scalar(as_of, {"moment": moment}) == name


async def test_a_stock_that_was_taken_as_given_gets_the_name_of_the_exchange(session: AsyncSession) -> None:
    await factories.add_stock(session, "005930", "삼성 전자")
    await factories.add_stock(session, "000660", "현대전자")
    await take(session, 0, SAMSUNG, HYNIX, first_files=[Market.KOSPI])
    assert await rows(session, "SELECT name, aliases FROM stocks ORDER BY code") == [
        ("SK하이닉스", ["현대전자"]), ("삼성전자", []),
    ]  # fmt: skip
    assert await events(session) == [("000660", "renamed", "현대전자", "SK하이닉스")]


async def test_a_missing_stock_is_delisted_by_a_whole_set_of_files_alone(session: AsyncSession) -> None:
    for code in ("005930", "000660", "217320"):
        await factories.add_stock(session, code)
    await take(session, 0, SAMSUNG, HYNIX)
    await take(session, 1, HYNIX, is_whole=False)
    assert await column(session, "status") == ["normal", "normal", "normal"]
    await take(session, 2, HYNIX)
    # 217320 was in no file before, so its absence says nothing.
    assert await column(session, "status") == ["normal", "delisted", "normal"]
    assert await rows(session, "SELECT code, delisted_on FROM listings WHERE delisted_on IS NOT NULL") == [
        ("005930", date(2026, 10, 14))
    ]


async def test_base_prices_are_read_as_of_a_moment_and_one_after_the_close_is_missing(session: AsyncSession) -> None:
    bonus = replace(SAMSUNG, base_price_krw=24_000, lock_class=LockClass.EX_RIGHTS)
    await take(session, 0, SAMSUNG)
    await take(session, 1, bonus)
    late = morning(2, has_prices=False)
    rest: dict[str, Any] = {"tick_size": tick_size_krw, "is_whole": True}
    await listings.take_listings(session, [SAMSUNG], late, recorded(2) + timedelta(hours=9), **rest)
    # The exchange corrects the file at 8:40.
    corrected = recorded(1) + timedelta(minutes=30)
    await listings.take_listings(session, [replace(bonus, base_price_krw=25_000)], morning(1), corrected, **rest)

    async def read(moment: datetime, recorded_by: datetime) -> list[tuple[Any, ...]]:
        knowledge = Knowledge(moment, recorded_by)
        found = await reference_days.list_base_prices(
            session, ["005930", "000660"], MONDAY, date(2026, 10, 30), knowledge
        )
        return [(base.trade_date.day, base.base_price_krw, base.lock_class) for base in found]

    first, second, late_day = (12, 72_000, "none"), (13, 24_000, "ex_rights"), (14, None, "none")
    at_ten = [recorded(number) + timedelta(hours=2) for number in range(3)]
    assert await read(recorded(0), recorded(0)) == [first]
    assert await read(recorded(1), recorded(1)) == [first, second]
    assert await read(at_ten[1], at_ten[1]) == [first, (13, 25_000, "ex_rights")]
    # A replay of the first morning, later: the second one was not known then.
    assert await read(recorded(0), at_ten[2] + timedelta(days=9)) == [first]
    assert await read(at_ten[2], at_ten[2] + timedelta(days=9)) == [first, (13, 25_000, "ex_rights"), late_day]


async def test_a_base_price_that_is_not_the_close_before_is_an_event(session: AsyncSession) -> None:
    await factories.add_stock(session, "005930")
    await factories.add_stock(session, "000660", "SK하이닉스")
    await take(session, 0, SAMSUNG, HYNIX)
    await session.execute(
        text("""
        INSERT INTO daily_bars (stock_code, trade_date, open_krw, high_krw, low_krw, regular_close_krw, volume, source,
                                basis, recorded_at)
        VALUES ('005930', '2026-10-12', 1, 99000, 1, 72000, 1, 'kis', 'raw', '2026-10-12 15:50+09'),
               ('000660', '2026-10-12', 1, 990000, 1, 560000, 1, 'file', 'adjusted', '2026-10-12 15:50+09')
    """)
    )
    await take(session, 1, replace(SAMSUNG, base_price_krw=24_000), replace(HYNIX, base_price_krw=100_000))
    assert (await events(session))[2:] == [("005930", "rebased", "72000", "24000")]


async def test_a_list_from_an_older_version_makes_no_events_of_states_it_did_not_keep(session: AsyncSession) -> None:
    await factories.add_listing(session, "005930", "삼성전자", listed_on=date(1975, 6, 11))
    first = [Market.KOSPI]
    await take(session, 0, replace(SAMSUNG, is_halted=True), HYNIX, first_files=first)
    assert await events(session) == []
    await take(session, 1, SAMSUNG, HYNIX)
    assert await events(session) == [("005930", "resumed", None, None)]


async def test_companies_give_darts_number_to_watched_stocks_and_their_names_to_all(session: AsyncSession) -> None:
    await factories.add_stock(session, "030200", "KT")
    found = [
        Company("030200", "00190321", "케이티", "KT Corporation"),
        Company("000660", "00164779", "에스케이하이닉스", ""),
    ]
    assert [await stock_names.update_companies(session, found, recorded(0)) for _ in range(2)] == [4, 0]
    assert await column(session, "dart_corp_code") == ["00190321"]
    assert await rows(session, "SELECT stock_code, kind, name FROM stock_names ORDER BY 1, 2") == [
        ("000660", "legal", "에스케이하이닉스"), ("030200", "english", "KT Corporation"), ("030200", "legal", "케이티"),
    ]  # fmt: skip


GOOD = LastFile(MONDAY, ("monday", "friday"), 1_000)
REFUSALS = {
    "whole and new": (NewFile(Market.KOSPI, "new", 1_000), GOOD, None),
    "a file of before the close": (
        NewFile(Market.KOSPI, "new", 1_000, datetime(2026, 10, 12, 8, tzinfo=KST)), GOOD, "was made on 2026-10-12"),
    "a file of the evening before": (
        NewFile(Market.KOSPI, "new", 1_000, datetime(2026, 10, 12, 18, tzinfo=KST)), GOOD, None),
    "yesterday's": (NewFile(Market.KOSPI, "monday", 1_000), GOOD, "is that of an earlier session again"),
    "last week's": (NewFile(Market.KOSPI, "friday", 1_000), GOOD, "is that of an earlier session again"),
    "today's again": (NewFile(Market.KOSPI, "t", 1_000), LastFile(date(2026, 10, 13), ("t", "monday"), 1_000), None),
    "yesterday's after today's": (
        NewFile(Market.KOSPI, "monday", 1_000), LastFile(date(2026, 10, 13), ("t", "monday"), 1_000), "is that of an"),
    "smaller by five in a hundred": (NewFile(Market.KOSPI, "new", 950), GOOD, None),
    "smaller by more": (NewFile(Market.KOSPI, "new", 949), GOOD, "has 949 stocks where the last good one had 1000"),
    "one line": (NewFile(Market.KONEX, "new", 1), LastFile(None, (), 119), "has 1 stocks where"),
    "the first": (NewFile(Market.KONEX, "new", 1), LastFile(), None),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_a_file_is_believed_or_refused(case: str) -> None:
    file, last, expected = REFUSALS[case]
    refusal = master_files.refuse(file, last, morning(1))
    assert (refusal is None) == (expected is None)
    assert (expected or "") in (refusal or "")


def test_a_smaller_list_is_taken_when_a_person_says_so() -> None:
    assert master_files.refuse(NewFile(Market.KOSPI, "new", 1), GOOD, morning(1), accept_smaller=True) is None


async def test_a_refusal_stands_beside_the_last_good_file_until_the_next_one(session: AsyncSession) -> None:
    file = NewFile(Market.KOSPI, "good", 1)
    await take(session, 0, SAMSUNG)
    await master_files.record_file(session, file, LastFile(), morning(0), recorded(0))
    await master_files.record_refusal(session, Market.KOSPI, "It was cut.", recorded(1))
    (refusal,) = await master_files.list_refusals(session)
    assert refusal.sentence == "It was cut. The last good one is of 2026-10-12."
    assert refusal.values == {"market": "KOSPI", "why": "refused", "day": "2026-10-12"}
    last = await master_files.list_last_files(session)
    assert (last[Market.KOSPI], last[Market.KONEX]) == (LastFile(MONDAY, ("good",), 1), LastFile())
    late = NewFile(Market.KOSPI, "late", 1)
    await master_files.record_file(session, late, last[Market.KOSPI], morning(2, has_prices=False), recorded(2))
    assert await master_files.list_refusals(session) == []
    # Whether a file from after the close is of that session nobody knows, so the next morning's may be the same.
    assert (await master_files.list_last_files(session))[Market.KOSPI].digests == ("good",)
