"""Reads fact sheets, all that reports may say, from the tables.

Everything in them was known at `asof` at the latest. Each part is one statement over all asked stocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.record import METRIC_VERSION
from backend.internal import ReportTrigger
from backend.reports.fact_sheet import (
    CaseFacts,
    FactSheet,
    PriceFacts,
    RecordFacts,
)
from backend.reports.sheet_parts import OwnRecord, WrongFact
from backend.services.forecasts.words import VERDICT
from backend.services.record.move_lists import list_of_day
from backend.services.reports import fact_rows
from backend.services.reports.own_records import list_own_records
from backend.services.reports.report_cases import list_similar_cases
from backend.services.reports.report_context import Context, by_stock, read_context
from backend.services.reports.report_prices import list_price_facts

STORY_DAYS: Final = 7
# Read before those that tell one event are folded.
MOST_STORIES: Final = 20

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
               s.size, s.event_type, s.sign, s.materiality, s.stage, s.amount_krw, s.counterparty, s.share, s.surprise
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

    trade_date: date
    version: tuple[int, str, str] | None
    prices: Mapping[str, PriceFacts]
    moves: Mapping[str, Row[Any]]
    stories: Mapping[str, Sequence[Row[Any]]]
    forecasts: Mapping[str, Sequence[Row[Any]]]
    cases: Mapping[str, Sequence[CaseFacts]]
    record: tuple[RecordFacts, ...]
    own_records: Mapping[str, tuple[OwnRecord, ...]]
    previous: Mapping[str, Row[Any]]
    context: Context


async def list_fact_sheets(
    session: AsyncSession,
    triggers: Mapping[str, ReportTrigger],
    *,
    asof: datetime,
    trade_date: date,
    next_session: date | None = None,
    wrong: Mapping[str, tuple[WrongFact, ...]] = MappingProxyType({}),
    with_cases: bool = True,
) -> dict[str, FactSheet]:
    """Fact sheets by stock code. `triggers`: why each stock is written about, by its code.

    `trade_date` names the session that is running or was the last to open at `asof`. `wrong`: what earlier reports of a
    stock got wrong, by its code.
    """
    codes = list(triggers)
    stocks = (await session.execute(_STOCKS, {"codes": codes})).all()
    known = await _read(session, codes, asof=asof, trade_date=trade_date, with_cases=with_cases)
    sheets = (_sheet(stock, triggers[stock.code], known, asof) for stock in stocks)
    return {
        sheet.stock_code: replace(sheet, next_session=next_session, wrong=wrong.get(sheet.stock_code, ()))
        for sheet in sheets
    }


async def _read(
    session: AsyncSession, codes: Sequence[str], *, asof: datetime, trade_date: date, with_cases: bool
) -> _Known:
    bound = {"codes": list(codes), "asof": asof}
    version = await latest_model_version(session)
    forecasts = by_stock(await session.execute(_FORECASTS, bound))
    since = asof - timedelta(days=STORY_DAYS)
    stories = by_stock(await session.execute(_STORIES, {**bound, "since": since, "most": MOST_STORIES}))
    sigmas = {code: rows[0].sigma for code, rows in forecasts.items()}
    about = {code: fact_rows.subject(forecasts.get(code, ()), stories.get(code, ())) for code in codes}
    record = await session.execute(_RECORD, {"metric_version": METRIC_VERSION})
    return _Known(
        trade_date=trade_date,
        version=version,
        prices=await list_price_facts(session, codes, asof=asof, trade_date=trade_date, sigmas=sigmas),
        moves=await list_of_day(session, codes, asof=asof, trade_date=trade_date),
        stories=stories,
        forecasts=forecasts,
        cases=await list_similar_cases(session, about, asof=asof) if with_cases else {},
        record=tuple(fact_rows.record_facts(row) for row in record),
        own_records=await list_own_records(session, codes, asof=asof, trade_date=trade_date),
        previous={row.stock_code: row for row in await session.execute(_PREVIOUS, bound)},
        context=await read_context(session, codes, asof=asof, trade_date=trade_date),
    )


def _sheet(stock: Row[Any], trigger: ReportTrigger, known: _Known, asof: datetime) -> FactSheet:
    code, moved, context = stock.code, known.moves.get(stock.code), known.context
    price = fact_rows.beside_move(known.prices.get(code), moved)
    told = known.stories.get(code, ())
    stories = fact_rows.events(told, context.shares.get(code), price)
    rows = known.forecasts.get(code, ())
    forecasts = tuple(fact_rows.forecast_facts(row) for row in rows)
    cases, flows = tuple(known.cases.get(code, ())), context.flows.get(code, ())
    _, model, model_version = known.version or (0, "", "")
    missing = {
        **fact_rows.missing_of_price(price, known.trade_date),
        "move": moved is None,
        "news": not stories,
        "forecast": not forecasts,
        "cases": not cases,
        "record": not known.record,
        "flows": not flows,
        "valuation": True,  # no source of azak tells earnings or book values
    }
    kinds = dict.fromkeys((story.event_type, story.sign) for story in stories)
    return FactSheet(
        stock_code=code,
        stock_name=stock.name,
        market=stock.market,
        asof=asof,
        trigger=trigger,
        price=price,
        stories=stories,
        stories_since_days=STORY_DAYS,
        forecasts=forecasts,
        cases=cases,
        record=known.record,
        gaps=tuple(name for name, is_missing in missing.items() if is_missing),
        model=model,
        model_version=model_version,
        news_sources=tuple(sorted({row.source for row in told})),
        previous=fact_rows.previous_report(known.previous.get(code), price),
        move=None if moved is None else fact_rows.move_facts(moved),
        told_story=fact_rows.told_event(stories, told, fact_rows.subject(rows, told)) if cases else None,
        studies=tuple(study for kind in kinds for study in context.studies.get(kind, ())),
        expected=context.sizes.get(code, ()),
        flows=flows,
        dates=context.dates.get(code, ()),
        world=context.world,
        own_record=known.own_records.get(code, ()),
    )
