"""Member "event": what followed events of the same type and sign (docs/methods.md 2.6).

Only groups whose study shows an effect count: p = Phi(Phi^-1(p0) + sum m), m the shrunk mean move of a group in sigmas
of the horizon. Each type and sign counts once, because two stories of one kind mostly tell one event.
"""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, Final

from backend.domain.forecasts import PredictionItem
from backend.domain.members import MemberStanding, NoParameters
from backend.domain.understanding.event_studies import ANY, Study, StudyVerdict
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.members.member import Member, TrainingData

_NORMAL: Final = NormalDist()


def fit(studies: Sequence[Study], horizon: int) -> dict[str, Any]:
    """By "type sign size" the mean move of the groups with an effect, sizes together under "any"."""
    mine = [s for s in studies if s.horizon == horizon and ANY not in (s.type, s.sign)]
    effects = {f"{s.type} {s.sign} {s.size}": s.shrunk for s in mine if s.verdict == StudyVerdict.EFFECT}
    return {"effects": effects, "studied": sum(s.size == ANY for s in mine)}


def _moves(effects: Mapping[str, float], item: PredictionItem) -> list[dict[str, Any]]:
    """The events of the item that have an effect, each with its move: of its size where that is known, else of all."""
    seen: set[tuple[str, str]] = set()
    found = []
    for event in item.events:
        kind = f"{event.type} {event.sign}"
        move = effects.get(f"{kind} {event.size}", effects.get(f"{kind} {ANY}"))
        if move is not None and (event.type, event.sign) not in seen:
            seen.add((event.type, event.sign))
            found.append({"story_id": event.story_id, "type": event.type, "sign": event.sign, "move": round(move, 4)})
    return found


def predict(parameters: Mapping[str, Any], item: PredictionItem) -> MemberForecast:
    """The base rate, moved by the effects of the new events; abstains without one."""
    p0 = parameters["p0"]
    if item.story_id is None:
        return MemberForecast(p0, abstained={"state": MemberStanding.NO_NEW_STORY})
    found = _moves(parameters["effects"], item)
    if not found:
        return MemberForecast(p0, abstained={"state": MemberStanding.NO_KNOWN_EFFECT})
    p_up = _NORMAL.cdf(_NORMAL.inv_cdf(p0) + sum(event["move"] for event in found))
    return MemberForecast(p_up, counted={"events": found}, news_weight=1.0)


def _fit(data: TrainingData, horizon: int, _settings: NoParameters) -> dict[str, Any]:
    return fit(data.studies, horizon)


MEMBER: Final = Member("event", _fit, predict)
