"""Figures of a record: what metrics are made of, and all that one window of them holds."""

from pydantic import Field
from typing_extensions import TypedDict

from backend.api.schemas import Estimate, Item
from backend.api.stored import may_lack


class SessionsNeeded(Item):
    """Sessions until a skill of the size measured so far would show: 80% power, two-sided 5%."""

    value: int | None = Field(description="null with next to no difference, or before 20 sessions.")
    gap: float = Field(description="Mean daily difference of the Brier loss to the base rate; above 0 is better.")
    sd: float | None = Field(description="Standard deviation of that daily difference.")
    n_days: int


class Book(Item):
    """Returns are fractions a session; the interval of the Sharpe ratio is that of its daily mean over its spread."""

    daily_return: Estimate
    total_return: float | None
    sharpe: Estimate
    turnover: float | None = Field(description="Round trips a session, as a share of the book.")
    max_drawdown: float | None


class Money(Item):
    """An equal-weight book of the calls, after taxes and fees of the KRX; research, not advice.

    `long_only` buys what was called to beat the market; `long_short` also sells what was called to lag behind it (few
    can, so it is a yardstick).
    """

    cost: float = Field(description="Cost of one round trip, as a fraction.")
    long_only: Book
    long_short: Book
    universe: Estimate = Field(description="Mean daily return of all items of the day, before cost.")
    break_even_accuracy: float | None = Field(description="Share of right calls from which a trade pays.")


class Bin(Item):
    """Items of similar p: their mean p, the share that came true, and its 95% interval."""

    n: int
    mean_p: float
    mean_y: float
    low: float
    high: float


class BrierParts(Item):
    """brier = reliability - resolution + uncertainty + within (the spread of p and y inside the bins)."""

    reliability: float
    resolution: float
    uncertainty: float
    within: float
    n: int
    n_days: int


class Bucket(Estimate):
    bucket: str = Field(description="Distance of p from one half.", examples=["0.02-0.05"])


class Correlation(Estimate):
    """A correlation of probability and return over the stocks of a session, and its mean over the sessions."""

    t: float | None = None
    icir: float | None = None


class CalibrationError(Estimate):
    """The calibration error with the bins that it was computed from."""

    bins: list[Bin]


class TwoByTwo(Item):
    """Of the sides taken; null where one row or column of the table is empty."""

    balanced_accuracy: float | None
    mcc: float | None
    n: int
    n_days: int


@may_lack
class Figures(TypedDict, total=False):
    """Figures of one window by name, each with its interval, baseline and n; empty without an outcome in it."""

    coverage: Estimate | None
    accuracy: Estimate | None
    accuracy_shown: Estimate | None
    base_rate: Estimate | None
    brier: Estimate | None
    brier_skill: Estimate | None
    sessions_needed: SessionsNeeded | None
    log_loss: Estimate | None
    ece: CalibrationError | None
    brier_parts: BrierParts | None
    two_by_two: TwoByTwo | None
    band_coverage: Estimate | None
    band_width: Estimate | None
    crps: Estimate | None
    ic: Correlation | None
    rank_ic: Correlation | None
    reaction: Estimate | None
    by_confidence: list[Bucket]
    money: Money | None
