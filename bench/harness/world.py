"""A database of any size for reading: stocks, news, stories, predictions and bars made by PostgreSQL itself.

At scale 1 it holds 10,000 news, 100,000 predictions and 500,000 minute bars of the last 30 days; at scale 100 a
hundred times as many: ten times as many a day, for ten times as long.
"""

from datetime import timedelta
from math import sqrt
from typing import Any

import asyncpg

from backend import clock
from backend.domain.record import ENGINE_VERSION, METRIC_VERSION

STOCKS = 200
MODELS = 5
DAYS = 30
_SCRIPT = """
SET synchronous_commit = off;
SET session_replication_role = replica;  -- without triggers and foreign keys
INSERT INTO stocks (code, name, market, aliases, priority)
SELECT lpad(n::text, 6, '0'), '종목 ' || n, 'KOSPI', ARRAY['별명 ' || n], 1 + n % 5
FROM generate_series(1, {stocks}) n ON CONFLICT DO NOTHING;
INSERT INTO quotes (stock_code, last_price_krw, previous_close_krw, volume, ts, source)
SELECT code, 70000, 69500, 1000, now(), 'bench' FROM stocks ON CONFLICT DO NOTHING;
INSERT INTO models (name, kind, is_shown) SELECT (ARRAY['gated','base','price','knn','event'])[n],
    (ARRAY['gated','base','price','knn','event'])[n], n = 1 FROM generate_series(1, {models}) n ON CONFLICT DO NOTHING;
INSERT INTO model_versions (model_id, version, data_hash, parameters)
SELECT id, 'v1', 'h', '{{}}' FROM models ON CONFLICT DO NOTHING;
INSERT INTO daily_bars
    (stock_code, trade_date, open_krw, high_krw, low_krw, regular_close_krw, volume, source, is_final, known_at)
SELECT code, current_date - d, 70000, 71000, 69000, 70500, 1000000, 'bench', true,
       (current_date - d + time '15:30') AT TIME ZONE 'Asia/Seoul'
FROM stocks, generate_series(1, 500) d ON CONFLICT DO NOTHING;
INSERT INTO news (url_key, url, source, publisher, kind, title, snippet, published_at, published_precision,
                  first_seen_at, known_at, story_id)
SELECT 'k' || n, 'https://example.com/news/' || n, 'hankyung', '한국경제', 'article',
       '삼성전자, 3분기 영업이익 ' || n || '억원 기록', '반도체 수요 회복으로 시장 기대를 웃돌았다는 소식이다. ' || n,
       now() - n * interval '{seconds} seconds', 'second', now() - n * interval '{seconds} seconds',
       now() - n * interval '{seconds} seconds', 1 + n / 3
FROM generate_series(1, {news}) n;
INSERT INTO stories (head_news_id, first_known_at, size, event_type, materiality)
SELECT id, known_at, 3, 'earnings', 2 FROM news WHERE id % 3 = 1;
INSERT INTO news_stocks (news_id, stock_code, method, confidence, known_at)
SELECT id, lpad((1 + id % {stocks})::text, 6, '0'), 'name', 0.9, known_at FROM news ON CONFLICT DO NOTHING;
INSERT INTO news_versions (news_id, version, reading, source, title, snippet, event_type, materiality, story_id,
                           reading_version, known_at, recorded_at)
SELECT id, 1, 1, source, title, snippet, 'earnings', 2, story_id, 1, known_at, known_at FROM news ORDER BY id;
INSERT INTO version_links (version_id, stock_code, method, confidence, known_at)
SELECT v.id, l.stock_code, l.method, l.confidence, l.known_at
FROM news_stocks l JOIN news_versions v ON v.news_id = l.news_id;
INSERT INTO predictions (model_version_id, stock_code, asof, trade_date, horizon, mode, base_price_krw, entry_ts,
    exit_trade_date, p_up, quantiles_krw, direction, verdict, confidence, sigma, explanation,
    features_hash, created_at)
SELECT v.id, s.code, moment, moment::date, h, 'live', 70000, moment + interval '1 hour', moment::date + h, 0.55,
    '{{65000,66000,68000,70000,72000,74000,75000}}', 'up', 'call', 0.1, 0.02,
    '{{"state": "open", "members": {{"base": 0.52, "price": 0.55}}}}', md5(moment::text), moment
FROM model_versions v, stocks s, unnest(ARRAY[1, 3, 5]) h,
     LATERAL (SELECT now() - n * interval '{step} seconds' AS moment
              FROM generate_series(1, {rounds}) n) AS moments
ON CONFLICT DO NOTHING;
INSERT INTO outcomes (prediction_id, engine_version, state, entry_price_krw, exit_trade_date, exit_price_krw,
                      raw_return, adjusted_return, y, in_band, input_hash, evaluated_at)
SELECT p.id, '{engine}', 'final', 70000, p.exit_trade_date, 70500, 0.007, 0.005, 1, true, 'h', p.asof
FROM predictions p JOIN model_versions v ON v.id = p.model_version_id JOIN models m ON m.id = v.model_id
WHERE m.name = 'gated' AND p.exit_trade_date < current_date;
INSERT INTO metrics (model_version_id, horizon, mode, window_name, trade_date, metric_version, n, n_days, metric_values,
                     input_hash)
SELECT v.id, h, mode, w, current_date - d, '{metric}', 1000, 60,
       '{{"accuracy": {{"value": 0.53, "low": 0.5, "high": 0.56, "baseline": 0.51, "n": 1000, "n_days": 60,
                       "n_blocks": 60}}}}', 'h'
FROM model_versions v, unnest(ARRAY[1, 3, 5]) h, unnest(ARRAY['live', 'backtest']) mode,
     unnest(ARRAY['20', '60', '250', 'all']) w, generate_series(1, {days}) d;
INSERT INTO newest_predictions (model_id, stock_code, horizon, is_scored, prediction_id, asof)
SELECT DISTINCT ON (m.id, p.stock_code, p.horizon, scored.yes)
    m.id, p.stock_code, p.horizon, scored.yes, p.id, p.asof
FROM predictions p JOIN model_versions v ON v.id = p.model_version_id JOIN models m ON m.id = v.model_id,
     unnest(ARRAY[true, false]) AS scored (yes)
WHERE m.name = 'gated' AND NOT (scored.yes AND p.exit_trade_date >= current_date)
ORDER BY m.id, p.stock_code, p.horizon, scored.yes, p.asof DESC, p.id DESC;
"""
_PARTITION = """
CREATE TABLE IF NOT EXISTS minute_bars_{month:%Y_%m} PARTITION OF minute_bars
FOR VALUES FROM ('{month:%Y-%m-%d}Z') TO ('{after:%Y-%m-%d}Z')
"""
_MINUTES = """
INSERT INTO minute_bars (stock_code, ts, open_krw, high_krw, low_krw, close_krw, volume, source)
SELECT lpad(s::text, 6, '0'), $1::timestamptz + n * ($2::timestamptz - $1) / $3::int,
    70000, 70100, 69900, 70050, 100, 'bench'
FROM generate_series(1, $4::int) s, generate_series(0, $3::int - 1) n
ON CONFLICT DO NOTHING
"""


async def fill(url: str, scale: float) -> dict[str, int]:
    """Fill the empty database at `url`; returns the rows of each large table."""
    connection = await asyncpg.connect(url, command_timeout=7200)
    try:
        span_s = DAYS * sqrt(scale) * 86400
        news, rounds = int(10_000 * scale), max(1, int(100_000 * scale) // (STOCKS * MODELS * 3))
        numbers: dict[str, Any] = {
            "stocks": STOCKS, "models": MODELS, "news": news, "rounds": rounds, "days": int(span_s / 86400),
            "seconds": span_s / news, "step": span_s / rounds, "engine": ENGINE_VERSION, "metric": METRIC_VERSION,
        }  # fmt: skip
        await connection.execute(_SCRIPT.format(**numbers))
        await _fill_minutes(connection, int(500_000 * scale) // STOCKS, timedelta(seconds=span_s))
        await connection.execute("VACUUM (ANALYZE, PARALLEL 0)")
        tables = ("news", "predictions", "minute_bars")
        return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
    finally:
        await connection.close()


async def _fill_minutes(connection: asyncpg.Connection, per_stock: int, span: timedelta) -> None:
    """`per_stock` bars of every stock, spread evenly over the partitions of `span` until now."""
    now = clock.now()
    month = (now - span).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while month < now:
        after = (month + timedelta(days=32)).replace(day=1)
        await connection.execute(_PARTITION.format(month=month, after=after))
        month = after
    await connection.execute(_MINUTES, now - span, now, per_stock, STOCKS)
