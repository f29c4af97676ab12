"""Members "momentum", "reversal" and "always_up": rules without training that every model must beat.

Each takes a side on every item and says so with 0.53, the weakest probability that counts as a call. A rule without an
edge then costs 0.36 % of Brier skill where the base rate is one half, so that it stands just below the base rate and
not at the foot of the list. A rule knows no base rate: the side it takes is called against one half.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from backend.domain.forecasts import PredictionItem
from backend.models.fitting.opinion import Opinion

STATED_P: Final = 0.53
NEUTRAL_P: Final = 0.5
Rule = Callable[[Mapping[str, Any], PredictionItem], Opinion]


def _follow(feature: str, sign: int) -> Rule:
    """Up when `feature` has the sign `sign`, down when it has the other one; abstains without it."""

    def predict(parameters: Mapping[str, Any], item: PredictionItem) -> Opinion:
        value = item.features.get(feature)
        if not value:
            return Opinion(parameters["p0"], abstained=f"{feature} is not known or zero")
        p_up = STATED_P if value * sign > 0 else 1 - STATED_P
        return Opinion(p_up, counted={feature: round(value, 6)}, neutral=NEUTRAL_P)

    return predict


def _always_up(_parameters: Mapping[str, Any], _item: PredictionItem) -> Opinion:
    return Opinion(STATED_P, neutral=NEUTRAL_P)


# The adjusted return of the last month goes on; that of the last week turns round.
RULES: Final[dict[str, Rule]] = {
    "momentum": _follow("ar20", 1),
    "reversal": _follow("ar5", -1),
    "always_up": _always_up,
}
