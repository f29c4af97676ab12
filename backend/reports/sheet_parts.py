"""Parts of a fact sheet beside prices, stories and forecasts: studies of events, sizes of moves, flows, dates, errors.

Moves are fractions, prices and amounts KRW.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What stocks did after all past events of this type and sign, apart from the market, over `horizon` sessions.

    `verdict` is one of backend.domain.understanding.event_studies.StudyVerdict; `low`, `high`: the interval, None
    with too few sessions.
    """

    type: str
    sign: str
    horizon: int
    n: int
    n_days: int
    mean: float
    low: float | None
    high: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class ExpectedMove:
    """Mean size of the market-adjusted move, up or down: as expected, and in the stock's last 250 sessions."""

    horizon: int
    move: float
    usual: float


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """How forecasts of this stock alone came out over `horizon` sessions: n of the shown model, one a base session.

    `inside` of them ended in their 80% band; `calls_right` of the calls and `leans_right` of the leans were on the
    right side; after `sized` forecasts of size `beyond` moves were larger than 3%, where `said_beyond` were expected
    (the sum of their probabilities). `mode`: live, or backtest while no live one has come out.
    """

    horizon: int
    mode: str
    n: int
    inside: int
    calls: int
    calls_right: int
    leans: int
    leans_right: int
    sized: int
    beyond: int
    said_beyond: float


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """Net purchases in shares of the newest `sessions` sessions up to `trade_date`, and of that one alone.

    `kind`: foreign, institution or individual. `run`: sessions in a row on the side of the newest one.
    """

    kind: str
    trade_date: date
    newest: int
    sessions: int
    total: int
    run: int


@dataclass(frozen=True, slots=True)
class DateFacts:
    """A day that is known to come. `kind`: ex_date of an action, with its `factor` where the source tells it."""

    kind: str
    on: date
    factor: float | None


@dataclass(frozen=True, slots=True)
class WorldFacts:
    """The last move of a market abroad, known before this report (backend.domain.outside.world.WorldSymbol)."""

    symbol: str
    on: date
    move: float


@dataclass(frozen=True, slots=True)
class WrongFact:
    """What the report of `asof` said and what is so. `kind`: link, event or price; an event's texts are `type sign`."""

    report_id: int
    asof: datetime
    kind: str
    news_id: int | None
    said: str
    now: str


def flow_facts(days: Sequence[Any]) -> tuple[FlowFacts, ...]:
    """Flows of a stock from its sessions, newest first: objects with trade_date and KIND_shares."""
    found = []
    for kind in ("foreign", "institution", "individual"):
        shares = [getattr(day, f"{kind}_shares") for day in days]
        if shares:
            run = next((n for n, value in enumerate(shares) if value * shares[0] <= 0), len(shares))
            found.append(FlowFacts(kind, days[0].trade_date, shares[0], len(shares), sum(shares), run))
    return tuple(found)
