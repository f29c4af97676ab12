"""What goes into a prediction and what comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from backend.domain.understanding.event_studies import StoryEvent

# Sessions from entry to exit.
HORIZONS: Final = (1, 3, 5)
# The rest of the running session, of which azak says the size alone.
REST: Final = 0
# Levels of the quantiles stored with every forecast, and the positions of those that people see: the median and the
# edges of the band that holds the price with a probability of BAND.
QUANTILES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
BAND: Final = 0.8
LOW, MEDIAN, HIGH = (QUANTILES.index(level) for level in (0.1, 0.5, 0.9))


class Direction(StrEnum):
    """The side of a call: up beats the market, down lags behind it; hold is no call."""

    UP = "up"
    DOWN = "down"
    HOLD = "hold"


class Verdict(StrEnum):
    """The word of a forecast. call: its like has earned more than it cost; lean: off the base rate; none: neither."""

    CALL = "call"
    LEAN = "lean"
    NONE = "none"


def word_key(verdict: str, lean: float) -> str:
    """Key of the words that people read: call_up, call_down, lean_up, lean_down or none."""
    return verdict if verdict == Verdict.NONE else f"{verdict}_{'up' if lean > 0 else 'down'}"


class Mode(StrEnum):
    """live: made before its outcome; backtest: replayed history; backfill: a new model's catch-up. Never mixed."""

    LIVE = "live"
    BACKFILL = "backfill"
    BACKTEST = "backtest"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A past story with a known effect: cosine similarity, age in sessions, y and z of its outcome."""

    story_id: int
    stock_code: str
    similarity: float
    age_sessions: int
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class StoryText:
    """The head of a new story as it was read then. `vector`: base64 of big-endian float16, None until it is there."""

    story_id: int
    title: str
    vector: str | None


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a language model said of a story for one stock and horizon: P(the stock beats the market)."""

    story_id: int
    language_model: str
    p_up: float


@dataclass(frozen=True, slots=True)
class PredictionItem:
    """All that a member may know when it predicts `stock_code` at `asof`: nothing newer than `asof`.

    `trade_date` is the base session, `horizon` is in sessions after it; `sigma` is the daily sigma of the
    market-adjusted return, a fraction. `features` are those of docs/methods.md 2.2 by name (stock_days.FEATURES),
    without those that are not known; `places` by name of stock_days.DIRECTION where the stock stands among all
    of its day (backend.domain.moves.cross_section), empty where it has no place; `sizes` is what the size of the move
    is read from (backend.domain.moves.sizes). `neighbours` are similar past stories whose label ended at or before
    `asof`, `events` what the new stories tell, `texts` their words, `opinions` what language models said of them.
    """

    stock_code: str
    asof: datetime
    trade_date: date
    horizon: int
    base_price_krw: int
    sigma: float
    features: Mapping[str, float]
    neighbours: Sequence[Neighbour] = ()
    background_similarity: float | None = None
    story_id: int | None = None
    evidence: Sequence[int] = ()
    events: Sequence[StoryEvent] = ()
    sizes: Mapping[str, float] = field(default_factory=dict)
    places: Mapping[str, float] = field(default_factory=dict)
    texts: Sequence[StoryText] = ()
    opinions: Sequence[Opinion] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one model says about one item. Quantiles are prices in KRW at domain.forecasts.QUANTILES levels.

    `lean`: p_up less the probability that takes no side, the base rate for all but the benchmark rules. `size`: of the
    model that says how large the market-adjusted move from the base price will be (docs/methods.md 4.3), fractions:
    `expected` and `usual` mean absolute move, `p_3pct` of one beyond 3 %, `p_large` of one beyond `large` (a fifth of
    the stock's own are), `quantiles` at .05 to .95, and under `references` what must be beaten.
    """

    model: str
    stock_code: str
    asof: datetime
    horizon: int
    p_up: float
    lean: float
    verdict: Verdict
    direction: Direction
    confidence: float
    quantiles_krw: Sequence[int]
    story_id: int | None
    evidence: Sequence[Mapping[str, Any]]
    explanation: Mapping[str, Any]
    features_hash: str
    size: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Parameters of one model version: plain JSON, never a pickle."""

    model: str
    version: str
    trained_from: date | None
    trained_to: date | None
    data_hash: str
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any] = field(default_factory=dict)
