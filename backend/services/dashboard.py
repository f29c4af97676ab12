"""What the overview shows, in a few statements that read only the newest rows by index.

Counts are of the last 24 hours, because a count of everything grows with the history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain import ENGINE_VERSION, METRIC_VERSION
from backend.services.paging import AnyRow

MAX_STOCKS = 200
MAX_STORIES = 12

_COUNTS = text("""
    SELECT clock_timestamp() AS now,
           (SELECT count(*) FROM stocks WHERE is_active) AS stocks,
           (SELECT count(*) FROM news WHERE known_at > now() - interval '24 hours') AS news_24h,
           (SELECT count(*) FROM stories WHERE first_known_at > now() - interval '24 hours') AS stories_24h,
           (SELECT count(*) FROM predictions
             WHERE mode = 'live' AND asof > now() - interval '24 hours') AS predictions_24h,
           (SELECT max(ts) FROM quotes) AS prices_at,
           (SELECT max(trade_date) FROM index_bars) AS last_trade_date
""")
_STOCKS = text("""
    SELECT s.code, s.name, s.market, s.priority, s.status, q.last_price_krw, q.previous_close_krw, q.ts AS price_at,
           r.id AS report_id, r.asof AS report_at
      FROM stocks s
      LEFT JOIN quotes q ON q.stock_code = s.code
      LEFT JOIN LATERAL (
           SELECT id, asof FROM reports WHERE stock_code = s.code ORDER BY asof DESC, id DESC LIMIT 1) r ON true
     WHERE s.is_active
     ORDER BY s.priority, s.code
     LIMIT :limit
""")
# Only what the gate let through, and only made before its outcome: mode live.
_FORECASTS = text("""
    SELECT p.stock_code, p.id, p.horizon, p.asof, p.p_up, p.direction, p.confidence, p.quantiles_krw, p.exit_trade_date,
           p.base_price_krw, p.explanation ->> 'state' AS state
      FROM stocks s
     CROSS JOIN (VALUES (0), (1), (3), (5)) AS h (horizon)
     CROSS JOIN LATERAL (
           SELECT * FROM predictions
            WHERE stock_code = s.code AND mode = 'live' AND horizon = h.horizon
              AND model_version_id IN (
                  SELECT v.id FROM model_versions v JOIN models m ON m.id = v.model_id WHERE m.name = 'gated')
            ORDER BY asof DESC, id DESC LIMIT 1) p
     WHERE s.is_active
     ORDER BY p.stock_code, p.horizon
""")
_LAST_CALLS = text("""
    SELECT c.* FROM stocks s
     CROSS JOIN LATERAL (
           SELECT p.stock_code, p.id, p.horizon, p.asof, p.p_up, p.direction, p.exit_trade_date, o.y, o.adjusted_return
             FROM predictions p
             JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = :engine AND o.state = 'final'
            WHERE p.stock_code = s.code AND p.mode = 'live'
              AND p.model_version_id IN (
                  SELECT v.id FROM model_versions v JOIN models m ON m.id = v.model_id WHERE m.name = 'gated')
            ORDER BY p.asof DESC, p.id DESC LIMIT 1) c
     WHERE s.is_active
""")
_STORIES = text("""
    SELECT s.id, s.first_known_at, s.size, s.event_type, s.materiality,
           n.id AS news_id, n.title, n.publisher, n.url, n.kind,
           (SELECT array_agg(l.stock_code ORDER BY l.stock_code)
              FROM news_stocks l WHERE l.news_id = n.id) AS stock_codes
      FROM stories s JOIN news n ON n.id = s.head_news_id
     ORDER BY s.first_known_at DESC, s.id DESC
     LIMIT :limit
""")
_RECORD = text("""
    SELECT DISTINCT ON (t.mode, t.horizon) t.mode, t.horizon, t.trade_date, t.n, t.n_days,
           t.metric_values -> 'accuracy' AS accuracy, t.metric_values -> 'accuracy_shown' AS accuracy_shown,
           t.metric_values -> 'brier_skill' AS brier_skill
      FROM metrics t
      JOIN model_versions v ON v.id = t.model_version_id JOIN models m ON m.id = v.model_id
     WHERE m.name = 'gated' AND t.window_name = 'all' AND t.metric_version = :metric AND t.n > 0
     ORDER BY t.mode, t.horizon, t.trade_date DESC, t.n DESC
""")


@dataclass(frozen=True, slots=True)
class Overview:
    """Rows of each part, as of `now`."""

    now: datetime
    counts: AnyRow
    stocks: Sequence[AnyRow]
    forecasts: Sequence[AnyRow]
    last_calls: Sequence[AnyRow]
    stories: Sequence[AnyRow]
    record: Sequence[AnyRow]


async def get_overview(session: AsyncSession) -> Overview:
    """Everything the overview shows, except the health of the parts."""

    async def rows(statement: TextClause, **values: Any) -> Sequence[AnyRow]:
        return (await session.execute(statement, values)).all()

    (counts,) = await rows(_COUNTS)
    return Overview(
        now=counts.now,
        counts=counts,
        stocks=await rows(_STOCKS, limit=MAX_STOCKS),
        forecasts=await rows(_FORECASTS),
        last_calls=await rows(_LAST_CALLS, engine=ENGINE_VERSION),
        stories=await rows(_STORIES, limit=MAX_STORIES),
        record=await rows(_RECORD, metric=METRIC_VERSION),
    )
