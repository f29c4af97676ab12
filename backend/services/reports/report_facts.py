"""Reads fact sheets, all that reports may say, from the tables.

Everything in them was known at `asof` at the latest. Each part is one statement over all asked stocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Result, Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.forecasts import HIGH, LOW, Direction, Verdict
from backend.domain.record import METRIC_VERSION
from backend.internal import ReportTrigger
from backend.reports.fact_sheet import (
    CaseFacts,
    FactSheet,
    FittingStory,
    ForecastFacts,
    MoveFacts,
    PreviousReport,
    PriceFacts,
    RecordFacts,
    StoryFacts,
)
from backend.services.forecasts.words import VERDICT
from backend.services.record.move_lists import list_of_day
from backend.services.reports.report_cases import list_similar_cases
from backend.services.reports.report_prices import list_price_facts

STORY_DAYS: Final = 7
STORIES: Final = 5
# Of shares: far more than a report shows, because rounding twice would differ from the figure on the page.
DIGITS: Final = 8

_STOCKS = text("SELECT code, name, market FROM stocks WHERE code = ANY (CAST(:codes AS text[]))")
_VERSION = text("""
    SELECT v.id, m.name, v.version FROM model_versions v JOIN models m ON m.id = v.model_id
    WHERE m.is_shown ORDER BY v.id DESC LIMIT 1
""")
_FORECASTS = text(
    f"""
    SELECT DISTINCT ON (p.stock_code, p.horizon)
           p.stock_code, p.horizon, p.p_up, p.direction, {VERDICT} AS verdict, p.confidence, p.base_price_krw,
           p.quantiles_krw, p.exit_trade_date, p.asof, p.explanation, p.sigma, p.story_id
    FROM predictions p
    JOIN model_versions v ON v.id = p.model_version_id
    JOIN models m ON m.id = v.model_id AND m.is_shown
    WHERE p.stock_code = ANY (CAST(:codes AS text[])) AND p.mode = 'live' AND p.asof <= :asof
    ORDER BY p.stock_code, p.horizon, p.asof DESC, p.id DESC
"""  # noqa: S608  (a constant of another module)
)
_STORIES = text("""
    SELECT w.code AS stock_code, found.*
    FROM unnest(CAST(:codes AS text[])) AS w (code)
    CROSS JOIN LATERAL (
        SELECT s.id AS story_id, h.id AS news_id, h.title, h.publisher, h.source, s.first_known_at AS known_at,
               s.size, s.event_type, s.sign, s.materiality
        FROM stories s JOIN news h ON h.id = s.head_news_id
        WHERE s.id IN (
            SELECT l.story_id FROM counting_links_as_of(:asof, :asof) l
            WHERE l.stock_code = w.code AND l.known_at > :since
        ) AND s.first_known_at > :since AND h.known_at <= :asof
        ORDER BY s.materiality DESC, s.first_known_at DESC, s.id DESC LIMIT :most
    ) found
    ORDER BY w.code, found.known_at DESC, found.story_id DESC
""")
# All sessions of each horizon, the row that the overview shows: live outcomes once there are some, else the replay.
_RECORD = text("""
    SELECT DISTINCT ON (c.horizon) c.horizon, c.mode, c.window_name AS "window", c.n, c.n_days,
           c.metric_values -> 'accuracy_shown' AS opinions, c.metric_values -> 'band_coverage' AS band
    FROM metrics c
    JOIN model_versions v ON v.id = c.model_version_id
    JOIN models m ON m.id = v.model_id AND m.is_shown
    WHERE c.metric_version = :metric_version AND c.window_name = 'all' AND c.mode IN ('live', 'backtest') AND c.n > 0
    ORDER BY c.horizon, c.mode = 'live' DESC, c.trade_date DESC, c.n DESC, c.id DESC
""")
_PREVIOUS = text("""
    SELECT DISTINCT ON (stock_code) stock_code, id, asof, targets FROM reports
    WHERE stock_code = ANY (CAST(:codes AS text[])) AND asof <= :asof ORDER BY stock_code, asof DESC, id DESC
""")


async def latest_model_version(session: AsyncSession) -> tuple[int, str, str] | None:
    """(id, model, version) of the newest version of the shown model; None before the first training."""
    row = (await session.execute(_VERSION)).one_or_none()
    return None if row is None else (row.id, row.name, row.version)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for all asked stocks, by stock code; `version`: (id, model, version) of the shown model."""

    version: tuple[int, str, str] | None
    prices: Mapping[str, PriceFacts]
    moves: Mapping[str, Row[Any]]
    stories: Mapping[str, Sequence[Row[Any]]]
    forecasts: Mapping[str, Sequence[Row[Any]]]
    cases: Mapping[str, Sequence[CaseFacts]]
    record: tuple[RecordFacts, ...]
    previous: Mapping[str, Row[Any]]


async def list_fact_sheets(
    session: AsyncSession, triggers: Mapping[str, ReportTrigger], *, asof: datetime, trade_date: date
) -> dict[str, FactSheet]:
    """Fact sheets by stock code. `triggers`: why each stock is written about, by its code.

    `trade_date` names the session that is running or was the last to open at `asof`.
    """
    codes = list(triggers)
    stocks = (await session.execute(_STOCKS, {"codes": codes})).all()
    known = await _read(session, codes, asof=asof, trade_date=trade_date)
    return {stock.code: _sheet(stock, triggers[stock.code], known, asof) for stock in stocks}


async def _read(session: AsyncSession, codes: Sequence[str], *, asof: datetime, trade_date: date) -> _Known:
    bound = {"codes": list(codes), "asof": asof}
    version = await latest_model_version(session)
    forecasts = _grouped(await session.execute(_FORECASTS, bound))
    since = asof - timedelta(days=STORY_DAYS)
    stories = _grouped(await session.execute(_STORIES, {**bound, "since": since, "most": STORIES}))
    sigmas = {code: rows[0].sigma for code, rows in forecasts.items()}
    about = {code: _subject(forecasts.get(code, ()), stories.get(code, ())) for code in codes}
    record = await session.execute(_RECORD, {"metric_version": METRIC_VERSION})
    return _Known(
        version=version,
        prices=await list_price_facts(session, codes, asof=asof, trade_date=trade_date, sigmas=sigmas),
        moves=await list_of_day(session, codes, asof=asof, trade_date=trade_date),
        stories=stories,
        forecasts=forecasts,
        cases=await list_similar_cases(session, about, asof=asof),
        record=tuple(_record(row) for row in record),
        previous={row.stock_code: row for row in await session.execute(_PREVIOUS, bound)},
    )


def _sheet(stock: Row[Any], trigger: ReportTrigger, known: _Known, asof: datetime) -> FactSheet:
    code, moved = stock.code, known.moves.get(stock.code)
    price = _beside_move(known.prices.get(code), moved)
    stories = known.stories.get(code, ())
    forecasts = tuple(_forecast(row) for row in known.forecasts.get(code, ()))
    cases = tuple(known.cases.get(code, ()))
    _, model, model_version = known.version or (0, "", "")
    missing = {
        **_missing_of_price(price),
        "news": not stories,
        "forecast": not forecasts,
        "cases": not cases,
        "record": not known.record,
    }
    return FactSheet(
        stock_code=code,
        stock_name=stock.name,
        market=stock.market,
        asof=asof,
        trigger=trigger,
        price=price,
        stories=tuple(_story(row) for row in stories),
        stories_since_days=STORY_DAYS,
        forecasts=forecasts,
        cases=cases,
        record=known.record,
        gaps=tuple(name for name, is_missing in missing.items() if is_missing),
        model=model,
        model_version=model_version,
        news_sources=tuple(sorted({row.source for row in stories})),
        previous=_previous(known.previous.get(code), price),
        move=None if moved is None else _move(moved),
    )


def _grouped(rows: Result[Any]) -> dict[str, list[Row[Any]]]:
    groups: dict[str, list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.stock_code, []).append(row)
    return groups


def _subject(forecasts: Sequence[Row[Any]], stories: Sequence[Row[Any]]) -> int | None:
    """Id of the story to find similar ones for: the one the forecast rests on, else the newest."""
    told = next((row.story_id for row in forecasts if row.story_id is not None), None)
    return told if told is not None else next((row.story_id for row in stories), None)


def _beside_move(price: PriceFacts | None, moved: Row[Any] | None) -> PriceFacts | None:
    """The price with the market's return of the stored move, so that one report names one market."""
    return price if price is None or moved is None else replace(price, market_day_return=round(moved.market_return, 5))


def _move(row: Row[Any]) -> MoveFacts:
    return MoveFacts(
        move=round(row.move, DIGITS),
        parts={part["part"]: round(part["share"], DIGITS) for part in row.parts},
        own_sigmas=round(row.own_sigmas, DIGITS),
        cause=row.cause,
        stories=tuple(FittingStory(story["news_id"], story["title"]) for story in row.stories),
    )


def _story(row: Row[Any]) -> StoryFacts:
    return StoryFacts(
        story_id=row.story_id,
        news_id=row.news_id,
        title=row.title,
        publisher=row.publisher,
        known_at=row.known_at,
        size=row.size,
        event_type=row.event_type,
        sign=row.sign,
        materiality=row.materiality,
    )


def _forecast(row: Row[Any]) -> ForecastFacts:
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
        gate_state=explanation.get("state"),
        weights=explanation.get("weights", {}),
        base_price_krw=row.base_price_krw,
        quantiles_krw=tuple(prices),
        band_width=round((prices[HIGH] - prices[LOW]) / row.base_price_krw, 4),
        exit_trade_date=row.exit_trade_date,
        asof=row.asof,
    )


def _record(row: Row[Any]) -> RecordFacts:
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


def _previous(row: Row[Any] | None, price: PriceFacts | None) -> PreviousReport | None:
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


def _missing_of_price(price: PriceFacts | None) -> dict[str, bool]:
    """Codes of backend.reports.report_words.GAPS that concern prices, and whether each has to be done without."""
    return {
        "price": price is None,
        "history": price is None or price.five_day_return is None,
        "volume": price is None or price.volume_z is None,
        "market": price is None or price.market_day_return is None,
    }
