"""The kinds of model that azak can build, as data: their names, what each is for and what can be set of it.

Services and the API read this table, because they may not load numpy. How a kind is fitted and how it predicts is one
file of backend.models.members; a test holds that both lists agree. Every kind but the shadow is also the name of a
built-in model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict


class Role(Enum):
    """base: what every other model is measured against. gated: one of those that the gate combines. gate: the
    combination. size: says how large a move will be and takes no side; its band is that of all forecasts. benchmark: a
    rule without training that a model must beat. shadow: forecasts for its record alone and reaches no other model;
    there is one model of it for each language model that the settings have named, none where they name none."""

    BASE = auto()
    GATED = auto()
    GATE = auto()
    BENCHMARK = auto()
    SIZE = auto()
    SHADOW = auto()


class MemberStanding(StrEnum):
    """Where a member stands, or why it says nothing but the base rate."""

    LEARNING = "learning"
    TRAINED = "trained"
    TOO_FEW_STOCKS = "too_few_stocks"
    TOO_FEW_MOVES = "too_few_moves"
    NO_NEW_STORY = "no_new_story"
    NO_KNOWN_EFFECT = "no_known_effect"
    NOT_EMBEDDED = "not_embedded"
    SIMILARITY_UNKNOWN = "similarity_unknown"
    FEW_SIMILAR_STORIES = "few_similar_stories"
    INPUTS_CHANGED = "inputs_changed"
    NO_OTHER_STOCK = "no_other_stock"
    FEW_DAILY_BARS = "few_daily_bars"
    INPUT_UNKNOWN = "input_unknown"
    NOTHING_SAID = "nothing_said"


Unit = Literal["sessions", "outcomes", "days", "stories"]


class MemberState(TypedDict):
    """`done` of `wanted` `unit` are there, where the state waits for a number of something."""

    state: MemberStanding
    done: NotRequired[int]
    wanted: NotRequired[int]
    unit: NotRequired[Unit]


def progress(state: MemberStanding, done: int, wanted: int, unit: Unit) -> MemberState:
    """A state that waits until `wanted` are there."""
    return {"state": state, "done": done, "wanted": wanted, "unit": unit}


def read_state(stored: Any) -> MemberState | None:
    """A state out of stored JSON; None where there is none, or one that an earlier version said in a sentence."""
    if not isinstance(stored, dict) or stored.get("state") not in set(MemberStanding):
        return None
    # In one order, whatever the database's: a fact sheet is known by the hash of its text.
    found: Any = {name: stored[name] for name in MemberState.__annotations__ if name in stored}
    found["state"] = MemberStanding(stored["state"])
    state: MemberState = found
    return state


class NoParameters(BaseModel):
    """Of a kind in which nothing can be set. Strict for all kinds: "100", 1.5 or true is no whole number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PriceParameters(NoParameters):
    """`c`: inverse strength of the regularisation."""

    c: float = Field(0.01, ge=1e-6, le=1e6)


class KnnParameters(NoParameters):
    """`k`: stories looked at, at most; `shrinkage`: stories that the base rate counts for."""

    k: int = Field(100, ge=1, le=1_000)
    shrinkage: Annotated[int | float, Field(ge=1, le=100_000)] = 50


class TextParameters(NoParameters):
    """`c`: inverse strength of the regularisation."""

    c: float = Field(0.05, ge=1e-6, le=1e6)


class LanguageModelParameters(NoParameters):
    """`language_model`: its name at its endpoint (AZAK_LLM_MODEL)."""

    language_model: str = Field("", max_length=100)


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A kind of model, its role, what people call it in Korean and English, and what can be set of a model of it."""

    name: str
    role: Role
    korean: str
    english: str
    parameters: type[NoParameters] = NoParameters


TABLE: Final = (
    ModelKind("base", Role.BASE, "기본 비율", "base rate"),
    ModelKind("price", Role.GATED, "가격 흐름", "price pattern", PriceParameters),
    ModelKind("knn", Role.GATED, "비슷한 과거 소식", "similar past stories", KnnParameters),
    ModelKind("event", Role.GATED, "사건 효과", "event effects"),
    ModelKind("text", Role.GATED, "뉴스 문구", "news wording", TextParameters),
    ModelKind("size", Role.SIZE, "움직임 크기", "move size"),
    ModelKind("gated", Role.GATE, "종합 모델", "combined model"),
    ModelKind("momentum", Role.BENCHMARK, "추세 추종", "momentum"),
    ModelKind("reversal", Role.BENCHMARK, "추세 반전", "reversal"),
    ModelKind("always_up", Role.BENCHMARK, "항상 시장 상회", "always outperform"),
    ModelKind("llm", Role.SHADOW, "언어 모델", "language model", LanguageModelParameters),
)


def _named(role: Role) -> tuple[str, ...]:
    return tuple(kind.name for kind in TABLE if kind.role is role)


PARAMETERS: Final[Mapping[str, type[NoParameters]]] = {kind.name: kind.parameters for kind in TABLE}
KINDS: Final = tuple(PARAMETERS)
# Those of which a model of the same name always exists.
BUILT_IN: Final = tuple(kind.name for kind in TABLE if kind.role is not Role.SHADOW)
(BASE,) = _named(Role.BASE)
GATED: Final = _named(Role.GATED)
# What people see until a promotion says otherwise.
(FIRST_SHOWN,) = _named(Role.GATE)
# Takes no side: it has a record of its own and is on no list of directions.
(SIZE,) = _named(Role.SIZE)
# Beside the base rate they are on every leaderboard, marked as what a model must beat.
BENCHMARKS: Final = _named(Role.BENCHMARK)
# A language model may remember what came after the news of the past, so only its live forecasts are made and count.
(LANGUAGE_MODEL,) = SCORED_LIVE_ONLY = _named(Role.SHADOW)
