"""Members "momentum", "reversal" and "always_up": rules without training that every model must beat.

Each takes a side on every item and says so with 0.53. A rule without an edge then costs 0.36 % of Brier skill where
the base rate is one half, so that it stands just below the base rate and not at the foot of the list. A rule knows no
base rate: the side it takes leans away from one half.
"""

from collections.abc import Mapping
from typing import Any, Final

from backend.domain.forecasts import PredictionItem
from backend.domain.members import MemberStanding
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.members.member import Member, Predict, fit_nothing

STATED_P: Final = 0.53
NEUTRAL_P: Final = 0.5


def _follow(feature: str, sign: int) -> Predict:
    """Up when `feature` has the sign `sign`, down when it has the other one; abstains without it."""

    def predict(parameters: Mapping[str, Any], item: PredictionItem) -> MemberForecast:
        value = item.features.get(feature)
        if not value:
            return MemberForecast(parameters["p0"], abstained={"state": MemberStanding.INPUT_UNKNOWN})
        p_up = STATED_P if value * sign > 0 else 1 - STATED_P
        return MemberForecast(p_up, counted={feature: round(value, 6)})

    return predict


def _always_up(_parameters: Mapping[str, Any], _item: PredictionItem) -> MemberForecast:
    return MemberForecast(STATED_P)


# The adjusted return of the last month goes on; that of the last week turns round.
MEMBERS: Final = (
    Member("momentum", fit_nothing, _follow("ar20", 1), neutral=NEUTRAL_P),
    Member("reversal", fit_nothing, _follow("ar5", -1), neutral=NEUTRAL_P),
    Member("always_up", fit_nothing, _always_up, neutral=NEUTRAL_P),
)
