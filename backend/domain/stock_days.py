"""The market model of a stock at the close of a session, as it is stored and read (docs/methods.md 1 and 2.2)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

# Each of these counts by its place among all stocks of the day (backend.domain.moves.cross_section): the return against
# the market, the moves overnight and in sessions, where the price stands, volumes, how wild a stock is.
RANKED: Final = (
    "ar1", "ar2_5", "ar6_20", "ar21_60",
    "overnight1", "overnight20", "overnight250", "session1", "session20", "session250",
    "close_in_range", "below_high240",
    "volume_shock", "volume5_60", "turnover60", "move_x_volume",
    "sd20", "largest20", "range1", "skew60",
)  # fmt: skip
# Of the market, as they are; `kosdaq` also says whose median a feature is measured from.
MARKET_STATE: Final = ("market1", "market5", "kosdaq")
DIRECTION: Final = RANKED + MARKET_STATE
BENCHMARK: Final = ("ar5", "ar20")
# In the order in which they are stored. A change of one, or of its formula, needs a new FEATURE_SET: rows of another
# one are computed again.
FEATURES: Final = DIRECTION + BENCHMARK
FEATURE_SET: Final = 2
# What a panel of daily bars holds of each stock: see backend.models.fitting.panel.
BAR_COLUMNS: Final = ("open", "high", "low", "close", "volume")
MINIMUM_BARS: Final = 120  # below them a stock has no features
MINIMUM_SIGMA_BARS: Final = 20  # up to them its sigma is more the start of the average than the stock's own
STALE_BARS: Final = 5  # sessions without a bar after which a stock is not predicted


@dataclass(frozen=True, slots=True)
class StockDay:
    """What is known of a stock at the close of `trade_date`.

    `bars`: its sessions with a bar so far; `sessions_since_bar`: 0 when it traded on the day. `close_krw`: the last raw
    close. `sigma`: daily, a fraction. `features`: in the order of FEATURES, None while there are too few bars; what a
    day does not tell (a volume) is None in them. `sizes`: in the order of domain.moves.sizes.OWN_SIZES, likewise.
    """

    stock_code: str
    trade_date: date
    bars: int
    sessions_since_bar: int
    close_krw: float
    sigma: float
    features: list[float | None] | None
    sizes: list[float | None] | None = None

    @property
    def is_predictable(self) -> bool:
        """Whether its sigma is its own and its price recent."""
        return self.bars > MINIMUM_SIGMA_BARS and self.sessions_since_bar < STALE_BARS

    @property
    def is_ranked(self) -> bool:
        """Whether it has a place among the stocks of the day."""
        return self.features is not None and self.sessions_since_bar < STALE_BARS

    def known_features(self) -> dict[str, float]:
        """Features by name, without those that the day does not tell."""
        pairs = zip(FEATURES, self.features or (), strict=False)
        return {name: round(value, 10) for name, value in pairs if value is not None}
