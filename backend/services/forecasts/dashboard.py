"""The overview as JSON: one statement that reads only the newest rows by index and writes the whole JSON itself.

Its cost must not grow with the history (docs/decisions/0016): forecasts are found through newest_predictions, and
counts are of the last 24 hours and stop at MAX_COUNTED.
"""

from functools import cache
from typing import Final

from backend.db.reader import Reader
from backend.domain.forecasts import Mode
from backend.domain.record import ENGINE_VERSION, METRIC_VERSION
from backend.services.forecasts import sizes
from backend.services.forecasts.words import USUAL, VERDICT

MAX_STOCKS = 200
MAX_STORIES = 12
MAX_COUNTED = 1000

# Without parameters, so that PostgreSQL caches the plan: planning takes 2.5 ms, and the reader's connections plan a
# statement with parameters each time.
# Forecasts: only of the model that is shown, and only made before its outcome: mode live (newest_predictions).
# LIMIT 1 keeps the look-ups by key: without statistics, in the minute after a fill, the planner started with all
# outcomes (500 ms).
# `as_of` is when anything on the page changed last, so that an unchanged page keeps its ETag.
_OVERVIEW: Final = """
WITH shown AS (
    SELECT v.id FROM model_versions v JOIN models m ON m.id = v.model_id AND m.is_shown
), counts AS (
    SELECT (SELECT count(*) FROM stocks WHERE is_active) AS stocks,
           (SELECT count(*) FROM (
                SELECT FROM news WHERE known_at > now() - interval '24 hours' LIMIT {counted}) n
           ) AS news_24h,
           (SELECT count(*) FROM (
                SELECT FROM stories WHERE size > 0 AND first_known_at > now() - interval '24 hours' LIMIT {counted}) n
           ) AS stories_24h,
           (SELECT count(*) FROM (
                SELECT FROM predictions WHERE mode = 'live' AND asof > now() - interval '24 hours' LIMIT {counted}) n
           ) AS predictions_24h, {counted} AS counted_to
), market AS (
    SELECT (SELECT max(ts) FROM quotes) AS prices_at, (SELECT max(trade_date) FROM index_bars) AS last_trade_date
), watched AS (
    SELECT code, name, market, status, priority FROM stocks WHERE is_active ORDER BY priority, code LIMIT {max_stocks}
), forecasts AS (
    SELECT n.stock_code AS code, json_agg(forecast ORDER BY forecast.horizon) AS items
      FROM newest_predictions n JOIN models m ON m.id = n.model_id AND m.is_shown
     CROSS JOIN LATERAL (
           SELECT p.id, p.horizon, p.asof, p.p_up, p.direction, {verdict} AS verdict, p.confidence,
                  p.base_price_krw, p.quantiles_krw, p.exit_trade_date,
                  {usual} AS base_rate, CASE jsonb_typeof(p.explanation -> 'state') WHEN 'object'
                  THEN p.explanation -> 'state' END AS state
             FROM predictions p WHERE p.id = n.prediction_id LIMIT 1) forecast
     WHERE NOT n.is_scored
     GROUP BY n.stock_code
), calls AS (
    SELECT DISTINCT ON (n.stock_code) n.stock_code AS code, row_to_json(call) AS item
      FROM newest_predictions n JOIN models m ON m.id = n.model_id AND m.is_shown
     CROSS JOIN LATERAL (
           SELECT p.id, p.horizon, p.asof, p.p_up, p.direction, {verdict} AS verdict,
                  {usual} AS base_rate, o.y, o.adjusted_return, p.exit_trade_date,
                  CASE WHEN p.verdict = 'call' AND o.y IN (0, 1) THEN (p.direction = 'up') = (o.y = 1) END AS hit
             FROM predictions p
             JOIN outcomes o ON o.prediction_id = p.id AND o.engine_version = '{engine_version}' AND o.state = 'final'
            WHERE p.id = n.prediction_id LIMIT 1) call
     WHERE n.is_scored
     ORDER BY n.stock_code, n.asof DESC, n.prediction_id DESC
), sizes AS (
    {sizes} AND n.horizon = 1
), events AS ({events}
), stock_rows AS (
    SELECT w.code, w.name, w.market, w.status, q.last_price_krw, q.previous_close_krw,
           round(q.last_price_krw::numeric / q.previous_close_krw - 1, 6) AS change, q.ts AS price_at,
           coalesce(f.items, '[]') AS forecasts, row_to_json(z) AS size, event.item AS event,
           c.item AS last_call, r.id AS report_id, r.asof AS report_at
      FROM watched w
      LEFT JOIN quotes q ON q.stock_code = w.code
      LEFT JOIN forecasts f USING (code)
      LEFT JOIN calls c USING (code)
      LEFT JOIN sizes z ON z.stock_code = w.code
      LEFT JOIN events event ON event.stock_code = w.code
      LEFT JOIN LATERAL (
           SELECT id, asof FROM reports WHERE stock_code = w.code ORDER BY asof DESC, id DESC LIMIT 1) r ON true
     ORDER BY w.priority, w.code
), newest_stories AS (
    SELECT s.id, s.first_known_at, s.size, s.event_type, s.sign, s.materiality,
           n.id AS news_id, n.title, n.publisher, n.url, n.kind, n.published_at, n.published_precision,
           (SELECT array_agg(l.stock_code ORDER BY l.stock_code)
              FROM news_stocks l WHERE l.news_id = n.id) AS stock_codes
      FROM stories s JOIN news n ON n.id = s.head_news_id
     ORDER BY s.first_known_at DESC, s.id DESC
     LIMIT {max_stories}
), record AS (
    SELECT newest.*
      FROM (VALUES {modes}) AS m (mode)
     CROSS JOIN (VALUES (0), (1), (3), (5)) AS h (horizon)
     CROSS JOIN LATERAL (
           SELECT t.mode, t.horizon, t.trade_date, t.n, t.n_days, t.metric_values -> 'accuracy' AS accuracy,
                  t.metric_values -> 'accuracy_shown' AS accuracy_shown,
                  t.metric_values -> 'band_coverage' AS band_coverage, t.metric_values -> 'brier_skill' AS brier_skill
             FROM metrics t
            WHERE t.mode = m.mode AND t.horizon = h.horizon AND t.window_name = 'all'
              AND t.metric_version = '{metric_version}' AND t.n > 0 AND t.model_version_id IN (SELECT id FROM shown)
            ORDER BY t.trade_date DESC, t.n DESC LIMIT 1) newest
     ORDER BY newest.mode, newest.horizon
), freshness AS (
    SELECT id, kind, off_reason, last_ok_at, newest_item_at FROM sources ORDER BY kind, id
)
SELECT json_build_object(
    'as_of', coalesce(greatest(
        (SELECT max(ts) FROM quotes), (SELECT max(first_known_at) FROM stories),
        (SELECT max(asof) FROM predictions WHERE mode = 'live')), now()),
    'counts', (SELECT row_to_json(counts) FROM counts),
    'market', (SELECT row_to_json(market) FROM market),
    'stocks', (SELECT coalesce(json_agg(row_to_json(stock_rows)), '[]') FROM stock_rows),
    'stories', (SELECT coalesce(json_agg(row_to_json(newest_stories)), '[]') FROM newest_stories),
    'record', (SELECT coalesce(json_agg(row_to_json(record)), '[]') FROM record),
    'freshness', (SELECT coalesce(json_agg(row_to_json(freshness)), '[]') FROM freshness),
    'disclaimer', {disclaimer}::json
)::text
"""


@cache
def _statement(disclaimer: str) -> str:
    return _OVERVIEW.format(
        engine_version=ENGINE_VERSION,
        metric_version=METRIC_VERSION,
        verdict=VERDICT,
        usual=USUAL,
        max_stocks=MAX_STOCKS,
        max_stories=MAX_STORIES,
        counted=MAX_COUNTED,
        sizes=sizes.NEWEST,
        events=sizes.EVENTS,
        modes=", ".join(f"('{mode}')" for mode in Mode),
        disclaimer="'" + disclaimer.replace("'", "''") + "'",
    )


async def get_overview(reader: Reader, disclaimer: str) -> str:
    """The overview as JSON text; `disclaimer`: a JSON object to include (not user input)."""
    ((overview,),) = await reader.fetch(_statement(disclaimer))
    return str(overview)
