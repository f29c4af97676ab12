"""The first command of the README, in an empty home: what a newcomer finds when it has ended."""

from typing import Any

import asyncpg
import pytest

from backend.scheduler.registry import KINDS
from tests.fixtures.installation import Installation


@pytest.fixture(scope="module")
async def counts(demo_database: Installation) -> dict[str, Any]:
    """Numbers of the filled demo, straight from its database."""
    connection = await asyncpg.connect(demo_database.database_url, timeout=30)
    try:
        return {name: await connection.fetchval(query) for name, query in QUERIES.items()}
    finally:
        await connection.close()


QUERIES = {
    "stocks": "SELECT count(*) FROM stocks WHERE is_active",
    "news": "SELECT count(*) FROM news",
    "embedded_stories": "SELECT count(*) FROM stories s JOIN embeddings e ON e.news_id = s.head_news_id",
    "stocks_with_live_predictions_at_3_horizons": """
        SELECT count(*) FROM (SELECT stock_code FROM predictions WHERE mode = 'live' AND horizon > 0
                              GROUP BY stock_code HAVING count(DISTINCT horizon) = 3) AS covered""",
    "stocks_with_a_report": "SELECT count(DISTINCT stock_code) FROM reports",
    "stocks_with_news": """
        SELECT count(DISTINCT l.stock_code) FROM counting_links l
        JOIN stocks s ON s.code = l.stock_code AND s.is_forecast
        JOIN stories t ON t.id = l.story_id WHERE t.first_known_at > now() - interval '7 days'""",
    "final_outcomes": "SELECT count(*) FROM outcomes WHERE state = 'final'",
    "metrics_with_interval": """
        SELECT count(*) FROM metrics, jsonb_extract_path(metric_values, 'accuracy') AS accuracy
        WHERE n > 0 AND n_days > 0 AND (accuracy->>'low')::float <= (accuracy->>'high')::float
          AND accuracy ? 'baseline'""",
    "succeeded_kinds": "SELECT array_agg(DISTINCT kind) FROM runs WHERE state = 'succeeded'",
    "failed_runs": "SELECT count(*) FROM runs WHERE state IN ('failed', 'dead')",
    "live_predictions_after_their_entry": """
        SELECT count(*) FROM predictions WHERE mode = 'live' AND created_at > entry_ts""",
    "evidence_newer_than_asof": """
        SELECT count(*) FROM predictions p, jsonb_array_elements(p.evidence) e
        JOIN news n ON n.id = (e->>'news_id')::bigint WHERE n.known_at > p.asof""",
    "outcomes_of_mixed_mode_metrics": """
        SELECT count(*) FROM metrics
        WHERE mode = 'live' AND n > (SELECT count(*) FROM predictions WHERE mode = 'live')""",
}


def test_it_fills_every_table_a_visitor_looks_at(counts: dict[str, Any]) -> None:
    assert counts["stocks"] >= 20
    assert counts["news"] >= 2_000
    assert counts["embedded_stories"] >= 500
    assert counts["stocks_with_live_predictions_at_3_horizons"] == counts["stocks"]
    # The others' news has come since, or there is none of the last week.
    assert counts["stocks"] / 2 <= counts["stocks_with_a_report"] <= counts["stocks_with_news"]
    assert counts["final_outcomes"] >= 1_000
    assert counts["metrics_with_interval"] > 0


def test_every_job_of_the_schedule_has_a_succeeded_run(counts: dict[str, Any]) -> None:
    scheduled = {kind.id for kind in KINDS.values() if kind.schedules}
    # During a session the minutes of the one before are gone, and no brief is due; those runs say so.
    assert scheduled - {"collect_minute_bars", "write_briefs"} <= set(counts["succeeded_kinds"])
    assert counts["failed_runs"] == 0


def test_nothing_newer_than_asof_and_no_live_prediction_after_its_entry(counts: dict[str, Any]) -> None:
    assert counts["evidence_newer_than_asof"] == 0
    assert counts["live_predictions_after_their_entry"] == 0
    assert counts["outcomes_of_mixed_mode_metrics"] == 0


def test_progress_names_every_step(filled_demo: Installation) -> None:
    from_output = [step for step in ("load_history", "backtest", "generate_reports") if step in filled_demo.output]
    assert from_output == ["load_history", "backtest", "generate_reports"]


def test_secrets_are_private(filled_demo: Installation) -> None:
    for name in ("azak.env", "postgres.password"):
        assert (filled_demo.data_dir / name).stat().st_mode & 0o077 == 0
