"""Runs: one execution of a job or of a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from backend.domain.market import BarFlag


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


class RunReason(StrEnum):
    """Why a run did no work; the page has words for each. The first five are of the clock and the ledger."""

    PAUSED = "paused"
    STILL_OPEN = "still_open"
    LATE = "late"
    STANDSTILL = "standstill"
    EXPIRED = "expired"
    MARKET_CLOSED = "market_closed"
    MINUTES_GONE = "minutes_gone"
    NO_STOCK = "no_stock"
    NO_NEWS_SOURCE = "no_news_source"
    NO_PRICE_SOURCE = "no_price_source"
    NO_QUOTE_SOURCE = "no_quote_source"
    NO_MINUTE_SOURCE = "no_minute_source"
    NO_HISTORY_SOURCE = "no_history_source"
    NO_SOURCE = "no_source"
    NO_PRICES = "no_prices"
    NO_TRAINED_MODEL = "no_trained_model"
    NO_MODEL_VERSION = "no_model_version"
    NO_PREDICTION = "no_prediction"
    NO_LANGUAGE_MODEL = "no_language_model"
    NOTHING_DUE = "nothing_due"


OPEN_RUN_STATES: Final = (RunState.QUEUED, RunState.RUNNING, RunState.RETRY)


class Origin(StrEnum):
    """Who asked for a run."""

    CLOCK = "clock"
    CATCHUP = "catchup"
    API = "api"
    CLI = "cli"
    RETRY = "retry"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run did, shown beside it. `detail` holds a number per table or per reason."""

    read: int = 0
    written: int = 0
    skipped: int = 0
    failed: int = 0
    detail: Mapping[str, int] = field(default_factory=dict)


_KIS_KEYS: Final = "AZAK_SOURCES_KIS_APP_KEY and AZAK_SOURCES_KIS_APP_SECRET"
# One sentence a reason: what could not be done, why, and the remedy if there is one.
NOTHING_DONE: Final[Mapping[RunReason, str]] = {
    RunReason.MARKET_CLOSED: "The exchange is closed, so there are no live prices to read; the next session has them.",
    RunReason.MINUTES_GONE: "A new session has begun, so KIS no longer has the minutes of the last one.",
    RunReason.NO_STOCK: "No stock that this run is about is followed; see 'azak stocks list', and add or resume one.",
    RunReason.NO_NEWS_SOURCE: "No source of news is on; see 'azak sources' for the setting that each one needs.",
    RunReason.NO_PRICE_SOURCE: "No source of prices is on, so there are no prices and no predictions; set "
    f"{_KIS_KEYS}, or AZAK_SOURCES_NAVER_PRICES=true, and start azak again (see 'azak sources').",
    RunReason.NO_QUOTE_SOURCE: f"No source of live prices is on; set {_KIS_KEYS}, or AZAK_SOURCES_NAVER_PRICES=true, "
    "and start azak again (see 'azak sources').",
    RunReason.NO_MINUTE_SOURCE: f"Only KIS has minute bars, and it is off; set {_KIS_KEYS} and start azak again.",
    RunReason.NO_HISTORY_SOURCE: "Neither a source of prices nor the news search is on, so there is no history to "
    f"load; set {_KIS_KEYS}, or AZAK_SOURCES_NAVER_PRICES=true, and start azak again (see 'azak sources').",
    RunReason.NO_SOURCE: "Every source that this job asks is off; see 'azak sources' for the setting that each needs.",
    RunReason.NO_PRICES: "There are no prices to work with; switch a source of prices on (see 'azak sources'), then "
    "run load_history.",
    RunReason.NO_TRAINED_MODEL: "No model is trained yet, which takes prices; switch a source of prices on (see "
    "'azak sources'), then run load_history and train_models.",
    RunReason.NO_MODEL_VERSION: "No model is trained yet, so there is no forecast to report on; switch a source of "
    "prices on (see 'azak sources'), then run load_history and train_models.",
    RunReason.NO_PREDICTION: "There is no stored prediction to look at; run generate_predictions first.",
    RunReason.NO_LANGUAGE_MODEL: "No language model forecasts, so none was asked; set AZAK_LLM_URL and AZAK_LLM_MODEL "
    "if one shall.",
    RunReason.NOTHING_DUE: "Nothing was due: everything is up to date.",
}

# Numbers of `detail` that are not of rows or told apart, and those that say why something was not written.
_NOT_WRITTEN: Final = ("read", "articles_read", "bars_read", "failed")
_FOUND: Final = ("missing_sessions", *(flag.value for flag in BarFlag))
_OF_IMPORTS: Final = ("would_write", "same", "merged", "refused")
_WHY_NOT: Final = (
    "unchanged", "too_late", "without_prices", "set_aside", "sessions_left", *_OF_IMPORTS, *_FOUND
)  # fmt: skip


def summarise(counts: Counts) -> str:
    """One sentence of what a run wrote: "Wrote 57: news 20, links 37.", "Wrote 0: unchanged 21." or "Nothing new."."""
    totals: dict[str, int] = {}
    for name, number in counts.detail.items():
        label = name.rpartition(".")[2]
        totals[label] = totals.get(label, 0) + number
    shown = {name: number for name, number in totals.items() if number and name not in _NOT_WRITTEN}
    reasons = [f"{name.replace('_', ' ')} {number}" for name, number in shown.items() if name in _WHY_NOT]
    done = [f"{name.replace('_', ' ')} {number}" for name, number in shown.items() if name not in _WHY_NOT]
    failed = [f"failed {counts.failed}"] if counts.failed else []
    if counts.written:
        parts, head = [*done, *reasons, *failed], f"Wrote {counts.written}"
    elif reasons or failed:
        parts, head = [*reasons, *failed], "Wrote 0"
    else:
        parts, head = ([f"looked at {counts.read}"] if counts.read else []), "Nothing new"
    return f"{head}: {', '.join(parts)}." if parts else f"{head}."
