"""The market model of a stock at the close of a session, as it is stored and read (docs/methods.md 1 and 2.2)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

# In the order in which they are stored. A change of one, or of its formula, needs a new FEATURE_SET: rows of another
# one are computed again.
FEATURES: Final = (
    "ar1", "ar5", "ar20", "sigma20", "gap", "volume_z", "market1", "market5", "below_high60", "kosdaq",
)  # fmt: skip
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
    close. `sigma`: daily, a fraction. `features`: in the order of FEATURES, None while there are too few bars.
    `sizes`: in the order of backend.domain.sizes.OWN_SIZES, each None where it is not known.
    """

    stock_code: str
    trade_date: date
    bars: int
    sessions_since_bar: int
    close_krw: float
    sigma: float
    features: list[float] | None
    sizes: list[float | None] | None = None

    @property
    def is_predictable(self) -> bool:
        """Whether its sigma is its own and its price recent."""
        return self.bars > MINIMUM_SIGMA_BARS and self.sessions_since_bar < STALE_BARS

    def known_features(self) -> dict[str, float]:
        """Features by name, rounded as members see them."""
        return {name: round(value, 10) for name, value in zip(FEATURES, self.features or (), strict=False)}
