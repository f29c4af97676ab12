"""What a report about a stock may say: the JSON form of backend.reports.fact_sheet.FactSheet, read from the tables.

Everything is known at `asof` at the latest. Each part is one statement over all asked stocks.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.record import METRIC_VERSION
from backend.services.reports.report_cases import list_similar_cases
from backend.services.reports.report_due import COUNTED
from backend.services.reports.report_prices import list_price_facts

STORY_DAYS: Final = 7
STORIES: Final = 5
Facts = dict[str, Any]

_STOCKS = text("SELECT code, name, market FROM stocks WHERE code = ANY (CAST(:codes AS text[]))")
_VERSION = text("""
    SELECT v.id, m.name, v.version FROM model_versions v JOIN models m ON m.id = v.model_id
    WHERE m.is_shown ORDER BY v.id DESC LIMIT 1
""")
_FORECASTS = text("""
    SELECT DISTINCT ON (p.stock_code, p.horizon)
           p.stock_code, p.horizon, p.p_up, p.direction, p.confidence, p.base_price_krw, p.quantiles_krw,
           p.exit_trade_date, p.asof, p.explanation, p.sigma, p.story_id
    FROM predictions p
    JOIN model_versions v ON v.id = p.model_version_id
    JOIN models m ON m.id = v.model_id AND m.is_shown
    WHERE p.stock_code = ANY (CAST(:codes AS text[])) AND p.mode = 'live' AND p.asof <= :asof
    ORDER BY p.stock_code, p.horizon, p.asof DESC, p.id DESC
""")
_STORIES = text("""
    SELECT w.code AS stock_code, found.*
    FROM unnest(CAST(:codes AS text[])) AS w (code)
    CROSS JOIN LATERAL (
        SELECT s.id AS story_id, h.id AS news_id, h.title, h.publisher, h.source, s.first_known_at AS known_at,
               s.size, s.event_type, s.materiality
        FROM stories s JOIN news h ON h.id = s.head_news_id
        WHERE s.id IN (
            SELECT n.story_id FROM news_stocks l JOIN news n ON n.id = l.news_id
            WHERE l.stock_code = w.code AND l.known_at > :since AND l.known_at <= :asof
              AND l.confidence >= :confidence AND NOT n.flags && CAST(:excluded AS text[])
        ) AND s.first_known_at > :since AND h.known_at <= :asof
        ORDER BY s.materiality DESC, s.first_known_at DESC, s.id DESC LIMIT :most
    ) found
    ORDER BY w.code, found.known_at DESC, found.story_id DESC
""")
# The newest 60-session window of each horizon: live outcomes once there are some, else the replayed history.
_RECORD = text("""
    SELECT DISTINCT ON (c.horizon) c.horizon, c.mode, c.window_name AS "window", c.n, c.n_days,
           c.metric_values -> 'accuracy' AS accuracy
    FROM metrics c
    JOIN model_versions v ON v.id = c.model_version_id
    JOIN models m ON m.id = v.model_id AND m.is_shown
    WHERE c.metric_version = :metric_version AND c.window_name = '60' AND c.mode IN ('live', 'backtest') AND c.n > 0
      AND jsonb_typeof(c.metric_values -> 'accuracy') = 'object'
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


async def list_report_facts(
    session: AsyncSession, codes: Sequence[str], *, asof: datetime, trade_date: date
) -> dict[str, Facts]:
    """Facts by stock code. `trade_date` names the session that is running or was the last to open at `asof`."""
    bound = {"codes": list(codes), "asof": asof}
    version = await latest_model_version(session)
    stocks = (await session.execute(_STOCKS, {"codes": list(codes)})).all()
    forecasts = _grouped(await session.execute(_FORECASTS, bound))
    since = asof - timedelta(days=STORY_DAYS)
    window = {"codes": list(codes), "asof": asof, "since": since, "most": STORIES, **COUNTED}
    stories = _grouped(await session.execute(_STORIES, window))
    sigmas = {code: rows[0]["sigma"] for code, rows in forecasts.items()}
    prices = await list_price_facts(session, codes, asof=asof, trade_date=trade_date, sigmas=sigmas)
    about = {code: _subject(forecasts.get(code, []), stories.get(code, [])) for code in codes}
    cases = await list_similar_cases(session, about, asof=asof)
    found = await session.execute(_RECORD, {"metric_version": METRIC_VERSION})
    record = [_record(dict(row)) for row in found.mappings()]
    previous = {row.stock_code: row for row in await session.execute(_PREVIOUS, bound)}
    facts: dict[str, Facts] = {}
    for stock in stocks:
        code, price = stock.code, prices.get(stock.code)
        parts: Facts = {
            "price": price,
            "stories": [_without(row, "source") for row in stories.get(code, [])],
            "forecasts": [_forecast(row) for row in forecasts.get(code, [])],
            "cases": cases.get(code, []),
            "record": record,
        }
        facts[code] = parts | {
            "stock_code": code,
            "stock_name": stock.name,
            "market": stock.market,
            "asof": asof,
            "stories_since_days": STORY_DAYS,
            "gaps": _gaps(parts),
            "model": version[1] if version else "",
            "model_version": version[2] if version else "",
            "news_sources": sorted({row["source"] for row in stories.get(code, [])}),
            "previous": _previous(previous.get(code), price),
        }
    return facts


def _grouped(rows: Any) -> dict[str, list[Facts]]:
    groups: dict[str, list[Facts]] = {}
    for row in rows.mappings():
        groups.setdefault(row["stock_code"], []).append(_without(row, "stock_code"))
    return groups


def _without(row: Mapping[str, Any], *names: str) -> Facts:
    return {name: value for name, value in row.items() if name not in names}


def _subject(forecasts: Sequence[Facts], stories: Sequence[Facts]) -> int | None:
    """The story whose like we look for: the one the forecast rests on, else the newest."""
    told = next((row["story_id"] for row in forecasts if row["story_id"] is not None), None)
    return told if told is not None else next((row["story_id"] for row in stories), None)


def _forecast(row: Facts) -> Facts:
    explanation, prices = row["explanation"], row["quantiles_krw"]
    return _without(row, "explanation", "sigma", "story_id", "p_up", "confidence") | {
        "p_up": round(row["p_up"], 4),
        "confidence": round(row["confidence"], 4),
        "base_rate": explanation.get("p0"),
        **_thresholds(explanation),
        "gate_state": explanation.get("state"),
        "weights": explanation.get("weights", {}),
        "band_width": round((prices[5] - prices[1]) / row["base_price_krw"], 4),
    }


def _thresholds(explanation: Mapping[str, Any]) -> Facts:
    """From which p_up the direction is up or down. Older rows hold `tau` instead, the same distance around one half."""
    tau = explanation.get("tau")
    around_half = (None, None) if tau is None else (round(1 - tau, 4), tau)
    return {
        "down_from": explanation.get("down_from", around_half[0]),
        "up_from": explanation.get("up_from", around_half[1]),
    }


def _record(row: Facts) -> Facts:
    accuracy = row["accuracy"]
    rounded = {name: _rounded(accuracy.get(name)) for name in ("low", "high", "baseline")}
    return _without(row, "accuracy") | rounded | {"hit_rate": _rounded(accuracy["value"])}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _previous(row: Any, price: Facts | None) -> Facts | None:
    if row is None:
        return None
    before, horizons = row.targets.get("price_krw"), row.targets.get("horizons", {})
    move = round(price["last_krw"] / before - 1, 5) if price and before else None
    return {
        "report_id": row.id,
        "asof": row.asof,
        "price_krw": before,
        "move": move,
        "p_up": {horizon: said["p_up"] for horizon, said in horizons.items()},
        "directions": {horizon: said["direction"] for horizon, said in horizons.items()},
    }


def _gaps(parts: Facts) -> list[str]:
    """Codes of backend.reports.report_words.GAPS: what the report has to do without."""
    price = parts["price"] or {}
    missing = {
        "price": not price,
        "history": price.get("five_day_return") is None,
        "volume": price.get("volume_z") is None,
        "market": price.get("market_day_return") is None,
        "news": not parts["stories"],
        "forecast": not parts["forecasts"],
        "cases": not parts["cases"],
        "record": not parts["record"],
    }
    return [name for name, is_missing in missing.items() if is_missing]
