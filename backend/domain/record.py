"""Outcomes and metrics: which rules they were computed by."""

from enum import StrEnum
from typing import Final

ENGINE_VERSION: Final = "2"
METRIC_VERSION: Final = "3"
METRIC_WINDOWS: Final = ("d", "20", "60", "250", "all")
# What the metrics need of every outcome; the services read it, backend.stats.metrics.Items explains it.
METRIC_COLUMNS: Final = (
    "p", "reference_p", "y", "adjusted_returns", "raw_returns", "gaps", "directions", "in_band", "band_widths",
    "pinball", "reference_pinball",
)  # fmt: skip
# Of a forecast of size and of what it must beat: see backend.stats.sizes.losses.
SIZE_LOSSES: Final = (
    "brier_3pct", "brier_3pct_own", "brier_3pct_recent", "brier_3pct_ewma", "brier_large", "brier_large_own",
    "pinball", "pinball_own", "pinball_ewma",
)  # fmt: skip
# What an A/B test may compare: of models that take a side, and of models that say how large a move will be.
AB_DIRECTION: Final = ("brier", "log_loss", "accuracy")
AB_SIZE: Final = ("size_brier", "size_pinball")
# With fewer sessions than this a record is too early to rank.
RANKED_SESSIONS: Final = 40


class OutcomeState(StrEnum):
    PENDING = "pending"
    PARTIAL = "partial"
    FINAL = "final"
    VOID = "void"


class VoidReason(StrEnum):
    """Why there is nothing to say of what came of it."""

    NO_PRICE = "no_price"  # no price to enter at
    HALT = "halt"  # no trade at the exit nor in the sessions after it
    DELISTED = "delisted"
    UNKNOWN_ACTION = "unknown_action"  # a corporate action without a factor, or a move that no session can make, inside
    NO_FORECAST = "no_forecast"  # a report that promised nothing
