"""Fact sheet: everything a report may say, as one typed value; what is not in it cannot appear in the text.

The hash tells whether there is anything new to write. It leaves out when and why the report is written and
what the previous one said, so that two looks at an unchanged world are equal.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from backend import codec
from backend.domain.forecasts import BAND, HIGH, LOW, MEDIAN, QUANTILES
from backend.domain.members import MemberState
from backend.domain.understanding.events import Stage
from backend.reports.sheet_parts import (
    DateFacts,
    ExpectedMove,
    FlowFacts,
    OwnRecord,
    StudyFacts,
    WorldFacts,
    WrongFact,
)

SHEET_VERSION: Final = "8"


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """The newest price and returns as fractions; `at` is None for a daily close (of `bars_to`)."""

    last_krw: int
    at: datetime | None
    source: str
    day_return: float | None
    five_day_return: float | None
    market_day_return: float | None
    market_five_day_return: float | None
    sigma_day: float | None
    volume: int | None
    volume_z: float | None
    bars_from: date | None
    bars_to: date | None


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """One event about the stock, told by the head article of its story.

    `amount_krw`, `counterparty`, `share` and `surprise`: backend.domain.understanding.events.Event. `value_share`: the
    amount over the company's market value. `also`: heads of further stories that tell the same event.
    """

    story_id: int
    news_id: int
    title: str
    publisher: str
    known_at: datetime
    size: int
    event_type: str
    sign: str
    materiality: int
    stage: str = Stage.ANNOUNCED.value
    amount_krw: int | None = None
    counterparty: str = ""
    share: float | None = None
    surprise: float | None = None
    value_share: float | None = None
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FittingStory:
    """A story that fits a move, told by its head article."""

    news_id: int
    title: str


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """Why the stock moved since its last close: `parts` by name add up to `move` (fractions).

    `cause` is one of backend.domain.understanding.moves.MoveCause; `stories`: best first.
    """

    move: float
    parts: Mapping[str, float]
    own_sigmas: float
    cause: str
    stories: tuple[FittingStory, ...]


@dataclass(frozen=True, slots=True)
class ForecastFacts:
    """Forecast of the shown model. Prices at domain.forecasts.QUANTILES; `base_rate` is what it says without any skill
    and `lean` how far it differs; `proof`: what forecasts like it earned so far (n, n_days, blocks, net, low), None
    without any; `band_width` is the 80% band as a share of the base price."""

    horizon: int
    p_up: float
    verdict: str
    lean: float
    direction: str
    confidence: float
    base_rate: float | None
    proof: Mapping[str, int | float | None] | None
    gate_state: MemberState | None
    weights: Mapping[str, float]
    base_price_krw: int
    quantiles_krw: tuple[int, ...]
    band_width: float
    exit_trade_date: date
    asof: datetime


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A similar past story and the market-adjusted return after it."""

    news_id: int
    title: str
    stock_code: str
    stock_name: str
    known_at: datetime
    similarity: float
    return_1: float | None
    return_5: float | None


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """Scored forecasts of the shown model: n on n_days days, `inside` of them ended in their 80% band.

    `opinions` were calls; `hit_rate`: the share of those that was right, with its 95% interval and baseline, None
    without any.
    """

    horizon: int
    mode: str
    window: str
    n: int
    n_days: int
    opinions: int
    hit_rate: float | None
    low: float | None
    high: float | None
    baseline: float | None
    inside: int | None


@dataclass(frozen=True, slots=True)
class PreviousReport:
    """What the last report said; `move` is the return of the price since then."""

    report_id: int
    asof: datetime
    price_krw: int | None
    move: float | None
    p_up: Mapping[str, float]
    directions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FactSheet:
    """Input of every report writer. `gaps` are codes of what is missing (report_words.GAPS).

    `told_story`: the story that `cases` are like. `wrong`: what earlier reports got wrong, if this one corrects them.
    """

    stock_code: str
    stock_name: str
    market: str
    asof: datetime
    trigger: str
    price: PriceFacts | None
    stories: tuple[StoryFacts, ...]
    stories_since_days: int
    forecasts: tuple[ForecastFacts, ...]
    cases: tuple[CaseFacts, ...]
    record: tuple[RecordFacts, ...]
    gaps: tuple[str, ...]
    model: str
    model_version: str
    news_sources: tuple[str, ...]
    previous: PreviousReport | None = None
    move: MoveFacts | None = None
    band_level: float = BAND
    levels: tuple[float, ...] = QUANTILES
    interval_level: float = 0.95
    sheet_version: str = SHEET_VERSION
    told_story: int | None = None
    studies: tuple[StudyFacts, ...] = ()
    expected: tuple[ExpectedMove, ...] = ()
    flows: tuple[FlowFacts, ...] = ()
    dates: tuple[DateFacts, ...] = ()
    world: tuple[WorldFacts, ...] = ()
    next_session: date | None = None
    wrong: tuple[WrongFact, ...] = ()
    own_record: tuple[OwnRecord, ...] = ()

    def forecast(self, horizon: int) -> ForecastFacts | None:
        return next((forecast for forecast in self.forecasts if forecast.horizon == horizon), None)

    @property
    def new_stories(self) -> tuple[StoryFacts, ...]:
        """Stories that the previous report could not know."""
        if self.previous is None:
            return self.stories
        since = self.previous.asof
        return tuple(story for story in self.stories if story.known_at > since)


def to_json(sheet: FactSheet) -> dict[str, Any]:
    """The sheet as it is stored; moments and dates are ISO text."""
    return codec.encode(FactSheet, [sheet])[0]


def digest(sheet: FactSheet) -> str:
    """SHA-256 of what a reader would notice: not of `asof`, `trigger`, `previous`, the time of the same price, what was
    wrong before, nor of what every stock's next day brings."""
    facts = to_json(replace(sheet, previous=None, trigger="", wrong=(), next_session=None, world=()))
    del facts["asof"]
    if facts["price"]:
        del facts["price"]["at"]
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def targets(sheet: FactSheet) -> dict[str, Any]:
    """What the report promised, for the next one to compare with and for people to check it later."""
    return {
        "price_krw": sheet.price.last_krw if sheet.price else None,
        "horizons": {
            str(forecast.horizon): {
                "p_up": forecast.p_up,
                "direction": forecast.direction,
                "low_krw": forecast.quantiles_krw[LOW],
                "median_krw": forecast.quantiles_krw[MEDIAN],
                "high_krw": forecast.quantiles_krw[HIGH],
                "exit_trade_date": forecast.exit_trade_date.isoformat(),
            }
            for forecast in sheet.forecasts
        },
    }
