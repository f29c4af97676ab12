"""PostgreSQL itself refuses what the tables forbid, also when two sessions write at the same time."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from backend.db.base import Base
from backend.db.session import Database
from backend.db.tables import (
    ab_test,
    access,
    bars,
    calendar,
    corporate_actions,
    deliveries,
    evaluations,
    event_studies,
    impacts,
    llm,
    models,
    moves,
    news,
    predictions,
    processes,
    reports,
    runs,
    sources,
    stock_days,
    stocks,
    world,
)
from tests.db.rows import PARENTS, T0, T1, VALID
from tests.fixtures.database import cloned_database

MONTH = "CREATE TABLE minute_bars_2026_10 PARTITION OF minute_bars FOR VALUES FROM ('2026-10-01Z') TO ('2026-11-01Z')"
LATER = datetime(2100, 1, 1, tzinfo=UTC)


async def add(database: Database, table: type[Base], row: dict[str, Any]) -> None:
    async with database.write() as session:
        await session.execute(insert(table).values(row))


@pytest.fixture(scope="module")
async def parents(template: str) -> AsyncIterator[Database]:
    """One database for all tests of this file, with the rows that others refer to."""
    async with cloned_database(template) as settings:
        database = Database(settings, "test")
        async with database.write() as session:
            await session.execute(text(MONTH))
            for table, row in PARENTS:
                await session.execute(insert(table).values(row))
        yield database
        await database.close()


@pytest.fixture
async def filled(parents: Database) -> AsyncIterator[Database]:
    """The same database, from which every row that a test adds is taken out again."""
    before: dict[str, list[str]] = {}
    async with parents.read() as session:
        for name in Base.metadata.tables:
            before[name] = [row[0] for row in await session.execute(text(f"SELECT ctid::text FROM {name}"))]
    yield parents
    async with parents.write() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no references
        for name, places in before.items():
            await session.execute(text(f"DELETE FROM {name} WHERE ctid::text <> ALL (:kept)"), {"kept": places})


def test_every_table_has_a_valid_row() -> None:
    assert {table.__tablename__ for table in VALID} == set(Base.metadata.tables)


def unique_names(table: Table) -> Iterator[str]:
    """Names of what makes rows of `table` unique, without generated primary keys."""
    for constraint in table.constraints:
        generated = isinstance(constraint, PrimaryKeyConstraint) and any(c.identity for c in constraint.columns)
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint) and constraint.columns and not generated:
            yield str(constraint.name)
    yield from (str(index.name) for index in table.indexes if isinstance(index, Index) and index.unique)


# What else must differ, so that only the named rule is met: runs have three, api_keys three.
_ELSEWHERE: dict[str, dict[str, Any]] = {
    "pk_runs": {"key": "other", "active_key": "other"},
    "uq_runs_key": {"id": uuid.UUID(int=10), "active_key": "other"},
    "uq_runs_active_key": {"id": uuid.UUID(int=10), "key": "other"},
    "pk_api_keys": {"name": "other", "key_hash": b"other"},
    "uq_api_keys_name": {"id": uuid.UUID(int=10), "key_hash": b"other"},
    "uq_api_keys_key_hash": {"id": uuid.UUID(int=10), "name": "other"},
    "uq_ab_tests_one_running": {"name": "other"},
    "uq_models_name": {"is_shown": False},
    "uq_models_one_shown": {"name": "other"},
    "uq_ab_tests_name": {"state": "draft"},
}
UNIQUE = [(table, name) for table in VALID for name in sorted(unique_names(table.__table__))]  # type: ignore[arg-type]


@pytest.mark.parametrize(("table", "name"), UNIQUE, ids=[name for _, name in UNIQUE])
async def test_of_two_concurrent_duplicates_one_is_refused(filled: Database, table: type[Base], name: str) -> None:
    rows = (VALID[table], VALID[table] | _ELSEWHERE.get(name, {}))
    ends = await asyncio.gather(*(add(filled, table, row) for row in rows), return_exceptions=True)
    refused = [end for end in ends if end is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], IntegrityError)
    # A partition's copy of the primary key carries its own name.
    assert name.replace("pk_minute_bars", "minute_bars_2026_10_pkey") in str(refused[0])


BAD: list[tuple[type[Base], dict[str, Any], str]] = [
    (stocks.Stock, {"code": "5930"}, "ck_stocks_code"),
    (stocks.Stock, {"market": "NYSE"}, "ck_stocks_market"),
    (stocks.Stock, {"priority": 6}, "ck_stocks_priority"),
    (stocks.Stock, {"status": "gone"}, "ck_stocks_status"),
    (stocks.Stock, {"state": "deleted"}, "ck_stocks_state"),
    (stocks.ListingRow, {"code": "5930"}, "ck_listings_code"),
    (stocks.ListingRow, {"market": "NYSE"}, "ck_listings_market"),
    (stocks.ListingRow, {"kind": "etf"}, "ck_listings_kind"),
    (stocks.Stock, {"kind": "etf"}, "ck_stocks_kind"),
    (stocks.ReferenceDay, {"stock_code": "5930"}, "ck_reference_days_stock_code"),
    (stocks.ReferenceDay, {"base_price_krw": 0}, "ck_reference_days_base_price_krw"),
    (stocks.ReferenceDay, {"lock_class": "01"}, "ck_reference_days_lock_class"),
    (stocks.ReferenceDay, {"par_change": "01"}, "ck_reference_days_par_change"),
    (stocks.ReferenceDay, {"capital_increase": "01"}, "ck_reference_days_capital_increase"),
    (stocks.MasterFileRow, {"market": "NYSE"}, "ck_master_files_market"),
    (stocks.ListingEventRow, {"stock_code": "5930"}, "ck_listing_events_stock_code"),
    (stocks.ListingEventRow, {"kind": "split"}, "ck_listing_events_kind"),
    (stocks.StockName, {"stock_code": "5930"}, "ck_stock_names_stock_code"),
    (stocks.StockName, {"kind": "nickname"}, "ck_stock_names_kind"),
    (bars.DailyBarRow, {"stock_code": "abc"}, "ck_daily_bars_stock_code"),
    (bars.DailyBarRow, {"open_krw": 0}, "ck_daily_bars_prices_positive"),
    (bars.DailyBarRow, {"low_krw": 3}, "ck_daily_bars_low_below_high"),
    (bars.DailyBarRow, {"volume": -1}, "ck_daily_bars_volume"),
    (bars.DailyBarRow, {"adjust_factor": 0}, "ck_daily_bars_adjust_factor"),
    (bars.DailyBarRow, {"basis": "split"}, "ck_daily_bars_basis"),
    (corporate_actions.CorporateAction, {"factor": 0}, "ck_corporate_actions_factor"),
    (sources.FeedGapRow, {"until": T0, "since": T1}, "ck_feed_gaps_span"),
    (sources.FeedGapRow, {"closed_at": T1}, "ck_feed_gaps_closed"),
    (world.WorldDayRow, {"close": 0}, "ck_world_days_close"),
    (world.WorldDayRow, {"symbol": "dax"}, "ck_world_days_symbol"),
    (bars.MinuteBarRow, {"stock_code": "abc"}, "ck_minute_bars_stock_code"),
    (bars.MinuteBarRow, {"low_krw": 3}, "ck_minute_bars_prices"),
    (bars.QuoteRow, {"stock_code": "abc"}, "ck_quotes_stock_code"),
    (bars.QuoteRow, {"last_price_krw": 0}, "ck_quotes_prices_positive"),
    (bars.IndexBarRow, {"close": 0}, "ck_index_bars_close"),
    (llm.LlmCall, {"state": "sent"}, "ck_llm_calls_state"),
    (llm.LlmCall, {"cost_micro_usd": -1}, "ck_llm_calls_cost"),
    (llm.LlmOpinion, {"stock_code": "5930"}, "ck_llm_opinions_stock_code"),
    (llm.LlmOpinion, {"p_up": [0.5, 0.5]}, "ck_llm_opinions_p_up"),
    (llm.LlmOpinion, {"p_up": [0.5, 0.5, 0.96]}, "ck_llm_opinions_p_up"),
    (llm.LlmOpinion, {"p_up": [0.5, 0.04, 0.5]}, "ck_llm_opinions_p_up"),
    (llm.LlmSpend, {"scope": "week"}, "ck_llm_spend_scope"),
    (llm.LlmSpend, {"micro_usd": -1}, "ck_llm_spend_micro_usd"),
    (moves.Move, {"industry_stocks": -1}, "ck_moves_industry_stocks"),
    (moves.Move, {"stock_code": "abc"}, "ck_moves_stock_code"),
    (stock_days.StockDay, {"sigma": 0}, "ck_stock_days_sigma"),
    (stock_days.MarketModelState, {"id": False}, "ck_market_model_state_one_row"),
    (news.News, {"kind": "tweet"}, "ck_news_kind"),
    (news.News, {"published_precision": "week"}, "ck_news_published_precision"),
    (news.News, {"title": ""}, "ck_news_lengths"),
    (news.News, {"published_at": None, "known_at": T1}, "ck_news_precision_given"),
    (news.News, {"known_at": T0}, "ck_news_known_at"),
    (news.News, {"flags": ["archive"]}, "ck_news_known_at"),
    (news.Story, {"size": 0}, "ck_stories_size"),
    (news.Story, {"head_news_id": None}, "ck_stories_size"),
    (news.NewsVersion, {"version": 0}, "ck_news_versions_numbers"),
    (news.NewsVersion, {"reading": 0}, "ck_news_versions_numbers"),
    (news.NewsVersion, {"title": ""}, "ck_news_versions_lengths"),
    (news.NewsVersion, {"materiality": 4}, "ck_news_versions_materiality"),
    (news.NewsVersion, {"scope": "planet"}, "ck_news_versions_scope"),
    (news.NewsVersion, {"sign": "++"}, "ck_news_versions_sign"),
    (news.NewsVersion, {"stage": "dreamt"}, "ck_news_versions_stage"),
    (news.VersionLink, {"stock_code": "abc"}, "ck_version_links_stock_code"),
    (news.VersionLink, {"method": "guess"}, "ck_version_links_method"),
    (news.VersionLink, {"confidence": 1.1}, "ck_version_links_confidence"),
    (news.Story, {"materiality": 4}, "ck_stories_materiality"),
    (news.Story, {"scope": "planet"}, "ck_stories_scope"),
    (news.Story, {"sign": "++"}, "ck_stories_sign"),
    (news.Story, {"stage": "dreamt"}, "ck_stories_stage"),
    (news.NewsStock, {"stock_code": "abc"}, "ck_news_stocks_stock_code"),
    (news.NewsStock, {"method": "guess"}, "ck_news_stocks_method"),
    (news.NewsStock, {"confidence": 1.1}, "ck_news_stocks_confidence"),
    (event_studies.EventStudy, {"horizon": 2}, "ck_event_studies_horizon"),
    (event_studies.EventStudy, {"n_days": 0}, "ck_event_studies_counts"),
    (event_studies.EventStudy, {"low": None}, "ck_event_studies_interval"),
    (event_studies.EventStudy, {"verdict": "maybe"}, "ck_event_studies_verdict"),
    (impacts.Impact, {"stock_code": "abc"}, "ck_impacts_stock_code"),
    (impacts.Impact, {"horizon": 2}, "ck_impacts_horizon"),
    (impacts.Impact, {"state": "done"}, "ck_impacts_state"),
    (impacts.Impact, {"state": "void"}, "ck_impacts_void_reason"),
    (models.Model, {"kind": "Magic"}, "ck_models_kind"),
    (models.Model, {"kind": "a kind"}, "ck_models_kind"),
    (models.Model, {"kind": ""}, "ck_models_kind"),
    (predictions.Prediction, {"stock_code": "abc"}, "ck_predictions_stock_code"),
    (predictions.Prediction, {"horizon": 2}, "ck_predictions_horizon"),
    (predictions.Prediction, {"mode": "paper"}, "ck_predictions_mode"),
    (predictions.Prediction, {"direction": "sideways"}, "ck_predictions_direction"),
    (predictions.Prediction, {"verdict": "maybe"}, "ck_predictions_verdict"),
    (predictions.LaterVerdict, {"verdict": "maybe"}, "ck_verdicts_verdict"),
    (predictions.Prediction, {"p_up": 1.01}, "ck_predictions_p_up"),
    (predictions.Prediction, {"confidence": -0.1}, "ck_predictions_confidence"),
    (predictions.Prediction, {"mode": "live", "created_at": LATER}, "ck_predictions_live_before_entry"),
    (predictions.Prediction, {"quantiles_krw": [1, 2]}, "ck_predictions_quantiles"),
    (reports.Report, {"stock_code": "abc"}, "ck_reports_stock_code"),
    (reports.Brief, {"kind": "noon"}, "ck_briefs_kind"),
    (reports.Rating, {"score": 6}, "ck_ratings_score"),
    (reports.ReportScore, {"state": "done"}, "ck_report_scores_state"),
    (reports.ReportScore, {"state": "void"}, "ck_report_scores_void_reason"),
    (reports.ReportScore, {"target_score": 2}, "ck_report_scores_target_score"),
    (reports.ReportScore, {"timing_score": -1}, "ck_report_scores_timing_score"),
    (reports.ReportScore, {"risk_score": 1.5}, "ck_report_scores_risk_score"),
    (evaluations.Outcome, {"state": "done"}, "ck_outcomes_state"),
    (evaluations.Outcome, {"state": "void"}, "ck_outcomes_void_reason"),
    (evaluations.Outcome, {"y": None}, "ck_outcomes_final_is_whole"),
    (evaluations.Outcome, {"y": 0.3}, "ck_outcomes_y"),
    (evaluations.MetricDay, {"mode": "paper"}, "ck_metric_days_mode"),
    (evaluations.EqualModel, {"mode": "paper"}, "ck_equal_models_mode"),
    (evaluations.EqualModel, {"window_name": "7"}, "ck_equal_models_window_name"),
    (evaluations.MetricDay, {"n": 0}, "ck_metric_days_n"),
    (evaluations.Metric, {"mode": "paper"}, "ck_metrics_mode"),
    (evaluations.Metric, {"window_name": "7"}, "ck_metrics_window_name"),
    (evaluations.Metric, {"horizon": 2}, "ck_metrics_horizon"),
    (evaluations.Metric, {"n": -1}, "ck_metrics_counts"),
    (evaluations.SizeMetric, {"mode": "paper"}, "ck_size_metrics_mode"),
    (evaluations.SizeMetric, {"n_days": 0}, "ck_size_metrics_counts"),
    (ab_test.AbTest, {"metric": "luck"}, "ck_ab_tests_metric"),
    (ab_test.AbTest, {"state": "open"}, "ck_ab_tests_state"),
    (ab_test.AbTest, {"alpha": 1}, "ck_ab_tests_alpha"),
    (ab_test.AbTest, {"minimum_sessions": 0}, "ck_ab_tests_minimum_sessions"),
    (ab_test.AbTest, {"model_version_b": 1}, "ck_ab_tests_two_versions"),
    (ab_test.AbTest, {"horizon": 2}, "ck_ab_tests_horizon"),
    (runs.Job, {"interval_minutes": 0}, "ck_jobs_interval"),
    (runs.Job, {"interval_minutes": 5, "custom_cron": "* * * * *"}, "ck_jobs_one_schedule"),
    (runs.Run, {"state": "open"}, "ck_runs_state"),
    (runs.Run, {"origin": "wind"}, "ck_runs_origin"),
    (runs.Run, {"progress": 1.5}, "ck_runs_progress"),
    (runs.Run, {"max_attempts": 0}, "ck_runs_attempts"),
    (sources.Source, {"kind": "rumours"}, "ck_sources_kind"),
    (sources.Source, {"off_code": "tired"}, "ck_sources_off_code"),
    (processes.Leader, {"id": 2}, "ck_leader_one_row"),
    (deliveries.Alarm, {"began_at": T1, "ended_at": T0}, "ck_alarms_ended_at"),
    (deliveries.Delivery, {"attempts": -1}, "ck_deliveries_attempts"),
    (processes.Worker, {"role": "boss"}, "ck_workers_role"),
    (access.ApiKey, {"scopes": ["root"]}, "ck_api_keys_scopes"),
    (calendar.CalendarDay, {"opens_at": time(10)}, "ck_calendar_days_hours"),
    (calendar.CalendarDay, {"reason": ""}, "ck_calendar_days_reason"),
]


@pytest.mark.parametrize(("table", "bad", "name"), BAD, ids=[name for _, _, name in BAD])
async def test_check_refuses(filled: Database, table: type[Base], bad: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name):
        await add(filled, table, VALID[table] | bad)


def test_every_check_is_tried() -> None:
    declared = {
        str(constraint.name)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert declared == {name for _, _, name in BAD}


@pytest.mark.parametrize(
    "statement", ["UPDATE predictions SET p_up = 1", "DELETE FROM reports", "UPDATE ratings SET score = 1"]
)
async def test_append_only_tables_refuse_changes(filled: Database, statement: str) -> None:
    await add(filled, reports.Rating, VALID[reports.Rating])
    with pytest.raises(DBAPIError, match="append-only"):
        async with filled.write() as session:
            await session.execute(text(statement))


async def test_read_session_cannot_write(filled: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with filled.read() as session:
            await session.execute(insert(runs.Job).values(id="j", cron="c"))


async def test_valid_rows_are_accepted(filled: Database) -> None:
    for table, row in VALID.items():
        await add(filled, table, row)
