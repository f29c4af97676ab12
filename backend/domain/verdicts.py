"""The word of a forecast: call, lean or none (docs/methods.md 4.1). Plain Python, for the scheduler process too.

A forecast leans when it differs from the probability that takes no side. A lean becomes a call when its like is
proven: the mean net outcome of the model's earlier forecasts of the same horizon, side and tenth of the day lies above
zero with its whole confidence interval (backend.models.fitting.proof computes it with every training).
"""

from collections.abc import Mapping
from typing import Any, Final

from backend.domain.figures import SAME_WITHIN
from backend.domain.forecasts import Direction, Verdict

# A change of the rule needs a new number: words of earlier forecasts are then written anew beside the old ones.
RULE: Final = 1
# Stocks of a day are ranked by their lean and cut into so many equal parts, 0 the lowest.
TENTHS: Final = 10
Proof = Mapping[str, Mapping[str, Mapping[str, Any]]]


def side_of(lean: float) -> Direction:
    """Up or down; hold where the forecast is the same as the one that takes no side."""
    if abs(lean) < SAME_WITHIN:
        return Direction.HOLD
    return Direction.UP if lean > 0 else Direction.DOWN


def proof_of(proof: Proof, lean: float, tenth: int) -> Mapping[str, Any] | None:
    """What the earlier forecasts like this one brought; None without any."""
    return proof.get(side_of(lean).value, {}).get(str(tenth))


def judge(lean: float, found: Mapping[str, Any] | None) -> Verdict:
    """The word of a forecast with this lean; `found`: the record of its like (`proof_of`)."""
    if side_of(lean) is Direction.HOLD:
        return Verdict.NONE
    low = None if found is None else found["low"]
    return Verdict.CALL if low is not None and low > 0 else Verdict.LEAN
