"""Every revision has a downgrade that works: an operator who returns to an older version finds its schema."""

import asyncio
from typing import Any

import asyncpg

from alembic import command
from backend.db import migrations

_DROPPED = ("preview_links", "llm_calls")


async def _fetch(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def _tables(url: str) -> list[bool]:
    return [asyncio.run(_fetch(url, f"SELECT to_regclass('{name}') IS NOT NULL")) for name in _DROPPED]


def test_unused_tables_go_and_come_back(server_url: str) -> None:
    url = f"{server_url}/azak_downgrade"
    asyncio.run(migrations.ensure_database(url))
    configuration = migrations.alembic_config(url)
    command.upgrade(configuration, "0017")
    assert _tables(url) == [False, False]
    command.downgrade(configuration, "0016")
    assert _tables(url) == [True, True]
    command.upgrade(configuration, "head")
    assert _tables(url) == [False, True]  # 0032 brings the calls of language models, in another form
    command.downgrade(configuration, "base")
    assert asyncio.run(_fetch(url, "SELECT to_regnamespace('azak_queue') IS NULL"))


def test_a_paused_stock_is_inactive_again_in_an_older_version(server_url: str) -> None:
    url = f"{server_url}/azak_paused"
    asyncio.run(migrations.ensure_database(url))
    configuration = migrations.alembic_config(url)
    command.upgrade(configuration, "0018")
    asyncio.run(
        _fetch(url, "INSERT INTO stocks (code, name, market, is_active) VALUES ('005930', 'x', 'KOSPI', false)")
    )
    command.upgrade(configuration, "0019")
    assert asyncio.run(_fetch(url, "SELECT state || is_active FROM stocks")) == "pausedfalse"
    command.downgrade(configuration, "0018")
    assert asyncio.run(_fetch(url, "SELECT is_active FROM stocks")) is False


# A row as version 0019 wrote it: the old word "up", called where p_up was far enough from the base rate.
_OLD_FORECASTS = """
    INSERT INTO stocks (code, name, market) VALUES ('005930', 'x', 'KOSPI');
    INSERT INTO models (name, kind) VALUES ('gated', 'gated');
    INSERT INTO model_versions (model_id, version, data_hash, parameters) SELECT id, 'v', 'h', '{}' FROM models;
    INSERT INTO predictions (model_version_id, stock_code, asof, trade_date, horizon, mode, base_price_krw, entry_ts,
        exit_trade_date, p_up, quantiles_krw, direction, confidence, sigma, explanation, features_hash)
    SELECT v.id, '005930', now(), '2026-10-01', horizon, 'live', 1000, now() + interval '1 day', '2026-10-02', p_up,
        '{1,2,3,4,5,6,7}', 'up', 0.1, 0.02, explanation::jsonb, 'h'
    FROM model_versions v, (VALUES (1, 0.52, '{"p0": 0.46}'), (3, 0.4605, '{"p0": 0.46}'), (5, 0.52, '{"tau": 0.53}'))
         AS old (horizon, p_up, explanation)
"""
_WORDS = """
    SELECT string_agg(concat_ws(' ', horizon, direction, coalesce(p.verdict, '-'), v.verdict), ', ' ORDER BY horizon)
    FROM predictions p JOIN verdicts v ON v.prediction_id = p.id AND v.rule = 1
"""


def test_an_old_forecast_keeps_its_word_and_gets_the_new_one_in_a_row_beside_it(server_url: str) -> None:
    """Nobody proved the old ones, so none becomes a call."""
    url = f"{server_url}/azak_words"
    asyncio.run(migrations.ensure_database(url))
    configuration = migrations.alembic_config(url)
    command.upgrade(configuration, "0019")
    for statement in _OLD_FORECASTS.split(";\n"):
        asyncio.run(_fetch(url, statement))
    command.upgrade(configuration, "0020")
    assert asyncio.run(_fetch(url, _WORDS)) == "1 up - lean, 3 up - none, 5 up - none"
    command.downgrade(configuration, "0019")
    assert asyncio.run(_fetch(url, "SELECT direction FROM predictions WHERE horizon = 1")) == "up"


# An article, its story, link, vector and effect as version 0021 wrote them.
_OLD_NEWS = """
    INSERT INTO stocks (code, name, market) VALUES ('005930', 'x', 'KOSPI');
    INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision, first_seen_at,
        known_at, flags) SELECT key, 'u', 'rss', 'p', 'article', key, at, 'second', seen, known, flags
    FROM (VALUES ('live', '2026-03-02Z'::timestamptz, '2026-03-02 01:00Z'::timestamptz,
                  '2026-03-02 01:00Z'::timestamptz, '{}'::text[]),
                 ('archive', '2026-03-01Z', '2026-03-05Z', '2026-03-01Z', '{archive}'))
         AS old (key, at, seen, known, flags);
    INSERT INTO stories (head_news_id, first_known_at, size, event_type, materiality)
        SELECT id, known_at, 1, 'merger', 3 FROM news;
    UPDATE news SET story_id = (SELECT id FROM stories WHERE head_news_id = news.id);
    INSERT INTO news_stocks SELECT id, '005930', 'feed_tag', 0.3, known_at FROM news;
    INSERT INTO embeddings (news_id, embedder, vector, created_at) SELECT id, 'e', '[1]', '2026-03-06Z' FROM news;
    INSERT INTO impacts (story_id, stock_code, horizon, state, exit_trade_date, y)
        SELECT id, '005930', 1, 'final', '2026-03-03', 1 FROM stories
"""
_EVIDENCE = """
    SELECT string_agg(concat_ws(' ', v.title, v.event_type, v.hindsight, v.known_at, v.recorded_at, l.confidence,
                                v.feed_codes, e.known_at, e.recorded_at, i.known_at, i.recorded_at), ', ' ORDER BY v.id)
    FROM news_versions v JOIN version_links l ON l.version_id = v.id
    JOIN embeddings e ON e.news_id = v.news_id AND e.version = v.version
    JOIN impacts i ON i.news_id = v.news_id AND i.version = v.version AND i.story_id = v.story_id
"""
_COUNTS = """
    SELECT (SELECT count(*) FROM news) || ' ' || (SELECT count(*) FROM stories) || ' ' ||
           (SELECT count(*) FROM news_stocks) || ' ' || (SELECT count(*) FROM embeddings) || ' ' ||
           (SELECT count(*) FROM impacts)
"""


def test_news_of_before_there_were_versions_has_one_known_as_it_was(server_url: str) -> None:
    url = f"{server_url}/azak_versions"
    asyncio.run(migrations.ensure_database(url))
    configuration = migrations.alembic_config(url)
    command.upgrade(configuration, "0021")
    for statement in _OLD_NEWS.split(";\n"):
        asyncio.run(_fetch(url, statement))
    command.upgrade(configuration, "0022")
    assert asyncio.run(_fetch(url, _EVIDENCE)) == (
        "live merger f 2026-03-02 01:00:00+00 2026-03-02 01:00:00+00 0.3 {005930} 2026-03-02 01:00:00+00"
        " 2026-03-06 00:00:00+00 2026-03-03 06:30:00+00 2026-03-03 06:30:00+00, "
        "archive merger t 2026-03-01 00:00:00+00 2026-03-05 00:00:00+00 0.3 {005930} 2026-03-01 00:00:00+00"
        " 2026-03-06 00:00:00+00 2026-03-03 06:30:00+00 2026-03-03 06:30:00+00"
    )
    command.downgrade(configuration, "0021")
    assert asyncio.run(_fetch(url, _COUNTS)) == "2 2 2 2 2"
