"""Prices from KIS: last trades 30 at a time, daily bars of stocks and indices, minute bars of today.

Market "J" is the KRX alone, so its daily close is the regular one of 15:30, not an after-market trade. Prices are
unadjusted (FID_ORG_ADJ_PRC=1). All numbers are text, and there are empty rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from backend.clock import KST
from backend.domain.market import BarFlag, DailyBar, IndexBar, MinuteBar, Quote
from backend.sources.http.client import Answer
from backend.sources.http.json_bodies import list_objects
from backend.sources.kis import SOURCE, KisClient, read_success
from backend.text.daily_rows import read_daily_row
from backend.text.dates import parse_published
from backend.text.numbers import MAX_PRICE_KRW, read_number

CODES_PER_CALL: Final = 30
INDEX_CODES: Final = {"KOSPI": "0001", "KOSDAQ": "1001"}
# A call returns 100 rows at most; the index call 50.
_DAYS_A_CALL, _INDEX_DAYS_A_CALL = timedelta(days=135), timedelta(days=65)
MINUTES_A_CALL: Final = 30
_DAILY: Final = ("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr", "acml_vol")
# Classes of a session without rights (flng_cls_code): 01 rights, 04, 06 and 07 rights with a dividend; a dividend alone
# leaves the base price.
_RIGHTS: Final = frozenset({"01", "04", "06", "07"})
_SIGNS: Final = {"1": 1, "2": 1, "3": 0, "4": -1, "5": -1}


async def fetch_quotes(kis: KisClient, codes: Sequence[str]) -> Answer:
    """Last trades of at most `CODES_PER_CALL` stocks."""
    params: dict[str, str] = {}
    for number, code in enumerate(codes, start=1):
        params |= {f"FID_COND_MRKT_DIV_CODE_{number}": "J", f"FID_INPUT_ISCD_{number}": code}
    return await kis.get("intstock-multprice", "FHKST11300006", params)


def parse_quotes(answer: Answer, codes: Sequence[str]) -> list[Quote]:
    """Quotes of the stocks asked for, with the time of the answer (KIS has no other). Untraded stocks are left out."""
    rows = list_objects(read_success(answer).get("output"))
    found = {quote.stock_code: quote for quote in (_quote(row, answer.fetched_at) for row in rows) if quote}
    return [found[code] for code in codes if code in found]


def _quote(row: dict[str, Any], fetched_at: datetime) -> Quote | None:
    last = read_number(row.get("inter2_prpr"))
    # inter2_sdpr is the base of today's limits, which differs from yesterday's close after a split.
    previous = read_number(row.get("inter2_sdpr")) or read_number(row.get("inter2_prdy_clpr"))
    volume = read_number(row.get("acml_vol"))
    if not last or not previous or not volume or not 0 < last < MAX_PRICE_KRW or not 0 < previous < MAX_PRICE_KRW:
        return None
    code = str(row.get("inter_shrn_iscd", "")).strip()
    return Quote(code, round(last), round(previous), round(volume), fetched_at, SOURCE)


async def fetch_daily(kis: KisClient, stock_code: str, first: date, last: date) -> list[Answer]:
    """Daily bars of one stock, both dates included: one answer for each span that a call can return."""
    params = {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": stock_code, "FID_ORG_ADJ_PRC": "1"}
    return [
        await kis.get("inquire-daily-itemchartprice", "FHKST03010100", params | _span(*span))
        for span in _spans(first, last, _DAYS_A_CALL)
    ]


async def fetch_index(kis: KisClient, index_code: str, first: date, last: date) -> list[Answer]:
    """Daily levels of KOSPI or KOSDAQ, both dates included."""
    params = {"FID_COND_MRKT_DIV_CODE": "U", "FID_INPUT_ISCD": INDEX_CODES[index_code]}
    return [
        await kis.get("inquire-daily-indexchartprice", "FHKUP03500100", params | _span(*span))
        for span in _spans(first, last, _INDEX_DAYS_A_CALL)
    ]


def _spans(first: date, last: date, length: timedelta) -> Iterator[tuple[date, date]]:
    while first <= last:
        end = min(first + length - timedelta(days=1), last)
        yield first, end
        first = end + timedelta(days=1)


def _span(first: date, last: date) -> dict[str, str]:
    return {"FID_INPUT_DATE_1": f"{first:%Y%m%d}", "FID_INPUT_DATE_2": f"{last:%Y%m%d}", "FID_PERIOD_DIV_CODE": "D"}


def parse_daily(answers: Sequence[Answer], stock_code: str) -> list[DailyBar]:
    """Unadjusted bars, one per date, oldest first, with the base price that each close was compared with."""
    bars = {}
    for row in _rows(answers):
        numbers = [read_number(row.get(name)) for name in _DAILY]
        day = _date(row)
        base = _base(row)
        bar = read_daily_row(stock_code, day, numbers, SOURCE, base_price_krw=base) if day else None
        if bar is not None:
            is_untold = base is None and str(row.get("flng_cls_code", "")).strip() in _RIGHTS
            bars[bar.trade_date] = replace(bar, flags=bar.flags | {BarFlag.UNKNOWN_ACTION}) if is_untold else bar
    return [bars[day] for day in sorted(bars)]


def _base(row: dict[str, Any]) -> float | None:
    """The exchange's base price of a session: its close less the change told beside it; None without a change.

    The exchange measures the change of a session from its base price, not from the close before: on the day of a split
    the two differ. The sign is a code of its own (1 and 2 up, 3 none, 4 and 5 down); some rows repeat it in the number.
    """
    close, change = read_number(row.get("stck_clpr")), read_number(row.get("prdy_vrss"))
    sign = _SIGNS.get(str(row.get("prdy_vrss_sign", "")).strip())
    return close - sign * abs(change) if close and change is not None and sign is not None else None


def parse_index(answers: Sequence[Answer], index_code: str) -> list[IndexBar]:
    """Closing levels of an index, one per date, oldest first."""
    levels = {}
    for row in _rows(answers):
        day, level = _date(row), read_number(row.get("bstp_nmix_prpr"))
        if day and level and level > 0:
            levels[day] = IndexBar(index_code, day, level, SOURCE)
    return [levels[day] for day in sorted(levels)]


def _rows(answers: Sequence[Answer]) -> Iterator[dict[str, Any]]:
    for answer in answers:
        yield from list_objects(read_success(answer).get("output2"))


def _prices(row: dict[str, Any], names: Sequence[str]) -> tuple[int, int, int, int] | None:
    """Open, high, low and close in KRW; None if they contradict each other or are out of range."""
    numbers = [round(number) for number in (read_number(row.get(name)) for name in names) if number is not None]
    if len(numbers) < 4:
        return None
    opened, high, low, close = numbers
    if low <= 0 or low > min(opened, close) or not max(opened, close) <= high < MAX_PRICE_KRW:
        return None
    return opened, high, low, close


def _date(row: dict[str, Any]) -> date | None:
    try:
        return datetime.strptime(str(row.get("stck_bsop_date")), "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


async def fetch_minutes(kis: KisClient, stock_code: str, until: datetime) -> Answer:
    """The 30 minute bars of today that end at `until`."""
    params = {
        "FID_COND_MRKT_DIV_CODE": "J",
        "FID_INPUT_ISCD": stock_code,
        "FID_INPUT_HOUR_1": f"{until.astimezone(KST):%H%M%S}",
        "FID_PW_DATA_INCU_YN": "N",
        "FID_ETC_CLS_CODE": "",
    }
    return await kis.get("inquire-time-itemchartprice", "FHKST03010200", params)


def parse_minutes(answer: Answer, stock_code: str) -> list[MinuteBar]:
    """Minute bars, oldest first. Minutes without a trade and future ones (KIS repeats the last one) are left out."""
    bars = {}
    for row in list_objects(read_success(answer).get("output2")):
        prices = _prices(row, ("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_prpr"))
        volume = read_number(row.get("cntg_vol"))
        moment = parse_published(f"{row.get('stck_bsop_date')}{row.get('stck_cntg_hour')}", answer.fetched_at)
        if prices and volume and moment.at and not moment.future:
            ts = moment.at.replace(second=0, microsecond=0)
            bars[ts] = MinuteBar(stock_code, ts, *prices, round(volume), SOURCE)
    return [bars[ts] for ts in sorted(bars)]
