"""Rows of the tables as facts of a report."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Row

from backend.domain.forecasts import HIGH, LOW, Direction, Verdict
from backend.domain.members import read_state
from backend.domain.understanding.event_types import BY_ID
from backend.domain.understanding.events import NO_TYPE, Event
from backend.domain.understanding.materiality import materiality
from backend.reports.fact_sheet import (
    FittingStory,
    ForecastFacts,
    MoveFacts,
    PreviousReport,
    PriceFacts,
    RecordFacts,
    StoryFacts,
)
from backend.reports.same_event import fold
from backend.services.reports.report_prices import RECENT

STORIES: Final = 5
# Of shares: far more than a report shows, because rounding twice would differ from the figure on the page.
DIGITS: Final = 8


def events(told: Sequence[Row[Any]], shares: int | None, price: PriceFacts | None) -> tuple[StoryFacts, ...]:
    """The events that matter most of the last days, each once, newest first."""
    value = shares * price.last_krw if shares and price else None
    events = fold([_story(row, value) for row in told])
    kept = sorted(events, key=lambda story: (story.materiality, story.known_at), reverse=True)[:STORIES]
    return tuple(sorted(kept, key=lambda story: (story.known_at, story.story_id), reverse=True))


def told_event(events: Sequence[StoryFacts], told: Sequence[Row[Any]], subject: int | None) -> int | None:
    """The event of this report that its cases are like."""
    news_id = next((row.news_id for row in told if row.story_id == subject), None)
    return next((event.story_id for event in events if news_id in (event.news_id, *event.also)), None)


def subject(forecasts: Sequence[Row[Any]], stories: Sequence[Row[Any]]) -> int | None:
    """Id of the story to find similar ones for, of those told: the one the forecast rests on, else the newest event."""
    known = [row.story_id for row in stories]
    resting = [row.story_id for row in forecasts if row.story_id in known]
    typed = [row.story_id for row in stories if row.event_type != NO_TYPE]
    return next(iter((*resting, *typed, *known)), None)


def beside_move(price: PriceFacts | None, moved: Row[Any] | None) -> PriceFacts | None:
    """The price with the market's return of the stored move, so that one report names one market."""
    return price if price is None or moved is None else replace(price, market_day_return=round(moved.market_return, 5))


def move_facts(row: Row[Any]) -> MoveFacts:
    return MoveFacts(
        move=round(row.move, DIGITS),
        parts={part["part"]: round(part["share"], DIGITS) for part in row.parts},
        own_sigmas=round(row.own_sigmas, DIGITS),
        cause=row.cause,
        stories=tuple(FittingStory(story["news_id"], story["title"]) for story in row.stories),
    )


def _story(row: Row[Any], value_krw: int | None) -> StoryFacts:
    return StoryFacts(
        story_id=row.story_id,
        news_id=row.news_id,
        title=row.title,
        publisher=row.publisher,
        known_at=row.known_at,
        size=row.size,
        event_type=row.event_type,
        sign=row.sign,
        materiality=_materiality(row, value_krw),
        stage=row.stage,
        amount_krw=row.amount_krw,
        counterparty=row.counterparty,
        share=row.share,
        surprise=row.surprise,
        value_share=None if row.amount_krw is None or not value_krw else round(row.amount_krw / value_krw, 6),
    )


def _materiality(row: Row[Any], value_krw: int | None) -> int:
    """By the size against the company where its market value is known, else as the text was read."""
    if not value_krw or row.event_type not in BY_ID:
        return int(row.materiality)
    known = {name: getattr(row, name) for name in ("sign", "stage", "amount_krw", "counterparty", "share", "surprise")}
    return materiality(Event(type=row.event_type, **known), value_krw) if row.amount_krw else int(row.materiality)


def forecast_facts(row: Row[Any]) -> ForecastFacts:
    explanation, prices = row.explanation, row.quantiles_krw
    usual = explanation.get("p0")
    if "lean" in explanation:  # what takes no side: one half for a rule that knows no base rate
        usual = round(row.p_up - explanation["lean"], DIGITS)
    return ForecastFacts(
        horizon=row.horizon,
        p_up=round(row.p_up, DIGITS),
        verdict=row.verdict,
        lean=round(row.p_up - (0.5 if usual is None else usual), DIGITS),
        direction=row.direction if row.verdict == Verdict.CALL else Direction.HOLD.value,
        confidence=round(row.confidence, 4),
        base_rate=usual,
        proof=explanation.get("proof"),
        gate_state=read_state(explanation.get("state")),
        weights=explanation.get("weights", {}),
        base_price_krw=row.base_price_krw,
        quantiles_krw=tuple(prices),
        band_width=round((prices[HIGH] - prices[LOW]) / row.base_price_krw, 4),
        exit_trade_date=row.exit_trade_date,
        asof=row.asof,
    )


def record_facts(row: Row[Any]) -> RecordFacts:
    opinions, band = row.opinions or {}, row.band
    return RecordFacts(
        horizon=row.horizon,
        mode=row.mode,
        window=row.window,
        n=row.n,
        n_days=row.n_days,
        opinions=opinions.get("n", 0),
        hit_rate=_rounded(opinions.get("value")),
        low=_rounded(opinions.get("low")),
        high=_rounded(opinions.get("high")),
        baseline=_rounded(opinions.get("baseline")),
        inside=None if band is None else round(band["value"] * row.n),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)  # a bound of 0 or 1 is stored as an integer


def previous_report(row: Row[Any] | None, price: PriceFacts | None) -> PreviousReport | None:
    if row is None:
        return None
    before, horizons = row.targets.get("price_krw"), row.targets.get("horizons", {})
    return PreviousReport(
        report_id=row.id,
        asof=row.asof,
        price_krw=before,
        move=round(price.last_krw / before - 1, 5) if price and before else None,
        p_up={horizon: said["p_up"] for horizon, said in horizons.items()},
        directions={horizon: said["direction"] for horizon, said in horizons.items()},
    )


def missing_of_price(price: PriceFacts | None, trade_date: date) -> dict[str, bool]:
    """Codes of backend.reports.report_words.GAPS that concern prices, and whether each has to be done without."""
    return {
        "price": price is None,
        "recent": price is not None and price.bars_to is not None and price.bars_to < trade_date - RECENT,
        "history": price is None or price.five_day_return is None,
        "volume": price is None or price.volume_z is None,
        "market": price is None or price.market_day_return is None,
    }
