"""What a daily row of any source means: one rule for a bar, a session without a trade, and no row at all.

Sources write a session without a trade in three forms (docs/sources.md): zeros beside a carried close, blanks beside
it, or the close copied into every price with a volume of 0. All three are the same bar: a close and nothing else.
"""

from collections.abc import Sequence
from datetime import date

from backend.domain.market import BarFlag, Basis, DailyBar
from backend.text.numbers import MAX_PRICE_KRW


def read_daily_row(
    stock_code: str,
    trade_date: date,
    numbers: Sequence[float | None],
    source: str,
    *,
    base_price_krw: float | None = None,
    basis: Basis = Basis.RAW,
) -> DailyBar | None:
    """The bar behind open, high, low, close (KRW) and volume; None where a blank is; None if there is no close.

    Prices that contradict each other (open above high) are kept and found later (backend.stats.bars.flaws); a row whose
    low is above its high is none. A volume of 0 or none beside prices that moved is a missing volume. A base price of 0
    or beyond all prices is refused.
    """
    opened, high, low, close = (_price(number) for number in numbers[:4])
    volume = max(0, round(numbers[4] or 0))
    base = _price(base_price_krw)
    if close is None:
        return None
    is_flat = opened == high == low == close
    if opened is None or high is None or low is None or (is_flat and not volume):
        flags = frozenset({BarFlag.NO_TRADE})
        return DailyBar(stock_code, trade_date, None, None, None, close, 0, source, 1.0, basis, base, flags)
    if low > high:
        return None
    flags = frozenset() if volume else frozenset({BarFlag.VOLUME_BREAK})
    return DailyBar(stock_code, trade_date, opened, high, low, close, volume, source, 1.0, basis, base, flags)


def _price(number: float | None) -> float | None:
    return number if number is not None and 0 < number < MAX_PRICE_KRW else None
