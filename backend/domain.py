"""Frozen values that cross layers. No database, no web framework, no arrays: plain Python.

Money is integer KRW, probabilities are 0..1, moments are timezone-aware, codes are text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final, Protocol

STOCK_CODE: Final = re.compile(r"^[0-9]{4}[0-9A-Z]{2}$")
# Sessions from entry to exit. 0 = the rest of the running session.
HORIZONS: Final = (1, 3, 5)
# Quantile levels of every stored band; 0.1 and 0.9 bound the 80 % band that people see.
QUANTILES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
ENGINE_VERSION: Final = "1"
METRIC_VERSION: Final = "2"
METRIC_WINDOWS: Final = ("d", "20", "60", "250", "all")
# What the metrics need of every outcome; the services read it, backend.stats.metrics.Items explains it.
METRIC_COLUMNS: Final = (
    "p", "reference_p", "y", "adjusted_returns", "raw_returns", "gaps", "directions", "in_band", "band_widths",
    "pinball", "reference_pinball",
)  # fmt: skip
# Rules without any training that a model must beat; beside the base rate they are on every leaderboard.
BENCHMARKS: Final = ("momentum", "reversal", "always_up")
# With fewer sessions than this a record is too early to rank.
RANKED_SESSIONS: Final = 40
DISCLAIMER: Final = {
    "ko": "투자 권유가 아닌 참고용 정보입니다.",
    "en": "Reference information, not investment advice.",
}


class Market(StrEnum):
    KOSPI = "KOSPI"
    KOSDAQ = "KOSDAQ"
    KONEX = "KONEX"


class NewsKind(StrEnum):
    ARTICLE = "article"
    FILING = "filing"


class StockStatus(StrEnum):
    """What the exchange lets a stock do. Liquidation trading counts as halted: its prices know no limits."""

    NORMAL = "normal"
    HALTED = "halted"
    MANAGED = "managed"
    DELISTED = "delisted"


class SourceCondition(StrEnum):
    """What a person should think of a source. stalled: it answers, but what it says is old."""

    OK = "ok"
    FAILING = "failing"
    STALLED = "stalled"
    BLOCKED = "blocked"
    OFF = "off"
    NEVER_ASKED = "never_asked"


class Precision(StrEnum):
    """How exactly a source told the publication time."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    NONE = "none"


class Flag(StrEnum):
    """What makes a news item special; stored in news.flags."""

    ROUNDUP = "roundup"
    REPORTS_PRICE = "reports_price"
    CORRECTION = "correction"
    INJECTION = "injection"
    FUTURE_DATE = "future_date"
    ARCHIVE = "archive"


class LinkMethod(StrEnum):
    FEED_TAG = "feed_tag"
    CODE = "code"
    NAME = "name"
    ALIAS = "alias"
    SNIPPET = "snippet"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    HOLD = "hold"


class Mode(StrEnum):
    """live: made before its outcome; backtest: replayed history; backfill: a new model's catch-up. Never mixed."""

    LIVE = "live"
    BACKFILL = "backfill"
    BACKTEST = "backtest"


class OutcomeState(StrEnum):
    PENDING = "pending"
    PARTIAL = "partial"
    FINAL = "final"
    VOID = "void"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    RETRY = "retry"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"
    EXPIRED = "expired"


OPEN_RUN_STATES: Final = (RunState.QUEUED, RunState.RUNNING, RunState.RETRY)


# What a key may do: ask, change and start things, make and revoke keys.
SCOPES: Final = ("read", "write", "admin")


class Origin(StrEnum):
    """Who asked for a run."""

    CLOCK = "clock"
    CATCHUP = "catchup"
    API = "api"
    CLI = "cli"
    RETRY = "retry"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class WatchedStock:
    """A stock that azak follows, with the other names it goes by in headlines."""

    code: str
    name: str
    market: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One item as a source gave it, cleaned. `feed_codes`: stocks the source itself named (weak for searches)."""

    source: str
    publisher: str
    kind: NewsKind
    url: str
    url_key: str
    title: str
    snippet: str
    published_at: datetime | None
    precision: Precision
    flags: frozenset[Flag] = frozenset()
    feed_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A news item is about a stock, found by `method`, with `confidence` 0..1."""

    stock_code: str
    method: LinkMethod
    confidence: float


@dataclass(frozen=True, slots=True)
class DailyBar:
    """Raw prices of one session; `adjust_factor` turns them into split-adjusted ones by multiplication."""

    stock_code: str
    trade_date: date
    open_krw: int
    high_krw: int
    low_krw: int
    regular_close_krw: int
    volume: int
    source: str
    adjust_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class MinuteBar:
    """Prices of the minute that began at `ts`."""

    stock_code: str
    ts: datetime
    open_krw: int
    high_krw: int
    low_krw: int
    close_krw: int
    volume: int
    source: str


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day on which the exchange does not keep its usual hours (Asia/Seoul); without hours it is closed."""

    trade_date: date
    opens_at: time | None
    closes_at: time | None
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A listed share as a master file tells it."""

    code: str
    name: str
    market: Market
    status: StockStatus
    listed_on: date | None


@dataclass(frozen=True, slots=True)
class Company:
    """A listed company and the number DART knows it by (never its stock code)."""

    stock_code: str
    dart_corp_code: str
    name: str


@dataclass(frozen=True, slots=True)
class IndexBar:
    index_code: str
    trade_date: date
    close: float
    source: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The last trade of a stock."""

    stock_code: str
    last_price_krw: int
    previous_close_krw: int
    volume: int
    ts: datetime
    source: str


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
class PredictionItem:
    """All that a member may know when it predicts `stock_code` at `asof`: nothing newer than `asof`.

    `features` follow prediction.md 3.2 (names in backend.llm.features); `neighbours` are similar past
    stories whose label ended at or before `asof`; `sigma` is the daily sigma of the market-adjusted return.
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


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one model says about one item. Quantiles are prices in KRW at domain.QUANTILES levels."""

    model: str
    stock_code: str
    asof: datetime
    horizon: int
    p_up: float
    direction: Direction
    confidence: float
    quantiles_krw: Sequence[int]
    story_id: int | None
    evidence: Sequence[Mapping[str, Any]]
    explanation: Mapping[str, Any]
    features_hash: str


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


@dataclass(frozen=True, slots=True)
class ReportText:
    """A written report: Markdown in two languages and the news ids it cites."""

    korean: str
    english: str
    citations: Sequence[int]
    writer: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run did, shown beside it. `detail` holds a number per table or per reason."""

    read: int = 0
    written: int = 0
    skipped: int = 0
    failed: int = 0
    detail: Mapping[str, int] = field(default_factory=dict)


class Embedder(Protocol):
    """Texts in, unit vectors out (rows of `dimension` floats)."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]: ...


class Predictor(Protocol):
    """Scores items with trained models: of each item a forecast a model, and why models had to be set aside."""

    async def predict(
        self, models: Sequence[TrainedModel], items: Sequence[PredictionItem]
    ) -> tuple[list[Forecast], dict[str, str]]: ...


class ReportWriter(Protocol):
    """Turns a fact sheet into text in both languages."""

    async def write(self, fact_sheet: Mapping[str, Any]) -> ReportText: ...
