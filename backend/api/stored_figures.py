"""The shape of what one window of a record holds, for the document (see backend.api.shapes)."""

from typing_extensions import TypedDict

from backend.api.figures import Bin, BrierParts, Bucket, Money, SessionsNeeded
from backend.api.schemas import Estimate, Item
from backend.api.stored import may_lack


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
