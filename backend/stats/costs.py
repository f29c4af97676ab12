"""Cost of a round trip at the KRX by date: sell tax, fees, slippage. Plain Python, for the scheduler process too.

Sell tax: securities transaction tax plus, on KOSPI, the special rural tax; the sum has been the same on both markets
since 2021 (Securities Transaction Tax Act and its enforcement decree). Fees: the venue's 0.0036 % and a discount
broker's 0.015 %, each way; slippage: 5 basis points each way, an assumption.
"""

import bisect
from datetime import date
from typing import Final

_SELL_TAX: Final = (
    (date(2021, 1, 1), 0.0023),
    (date(2023, 1, 1), 0.0020),
    (date(2024, 1, 1), 0.0018),
    (date(2025, 1, 1), 0.0015),
    (date(2026, 1, 1), 0.0020),
)
_FEES: Final = 2 * (0.000036 + 0.00015)
_SLIPPAGE: Final = 2 * 0.0005
_VALID_FROM: Final = [day for day, _ in _SELL_TAX]


def round_trip_cost(day: date) -> float:
    """Cost of buying and selling once, as a fraction of the amount; before 2021 the tax of that year."""
    position = max(bisect.bisect_right(_VALID_FROM, day) - 1, 0)
    return _SELL_TAX[position][1] + _FEES + _SLIPPAGE
