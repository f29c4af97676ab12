"""The numbers that decide what azak does, written down a second time: a change of one is a decision, not a slip.

What each means stands beside it in its module; the formulas that they enter are in docs/methods.md. Those that decide
what is forecast and shown stand here by hand; all the others are in tests/data/numbers.toml, which
`python -m tests.architecture.test_tables_of_numbers > tests/data/numbers.toml` writes anew and its reviewer reads.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

# module below backend: its numbers
NUMBERS: dict[str, dict[str, Any]] = {
    "api.events": {"RETRY_MS": 3000},
    "db.paging": {"MAX_LIMIT": 200},
    "db.upsert": {"_CHUNK": 5000},
    "domain.understanding.event_studies": {"LARGE_FROM": 0.1},
    "domain.figures": {"SAME_WITHIN": 0.001, "_ROUNDING": 1e-09},
    "domain.forecasts": {"HORIZONS": (1, 3, 5), "QUANTILES": (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95), "BAND": 0.8},
    "domain.price_windows": {"PATIENCE": 5, "MARKET_MINIMUM": 10},
    "domain.record": {"RANKED_SESSIONS": 40},
    "domain.verdicts": {"RULE": 1, "TENTHS": 10},
    "main": {"GZIP_LEVEL": 6},
    "models.encoder.embedder": {"MAX_TOKENS": 128},
    "models.encoder.light_embedder": {"_TEXTS_A_CALL": 64, "_MAX_CHARACTERS": 512},
    "models.encoder.weights": {"_ABANDONED_AFTER_S": 600},
    "models.fitting.features": {
        "MINIMUM_BARS": 120,
        "MINIMUM_SIGMA_BARS": 20,
        "DIGITS": 10,
        "LARGEST_MARKET_MOVE": 0.03,
    },
    "models.fitting.proof": {"ALPHA": 0.05, "SESSIONS": 250, "_DIGITS": 8},
    "models.members.base_rate": {"SESSIONS": 250, "PRIOR": 500, "MINIMUM_LABELS": 100},
    "models.members.benchmarks": {"STATED_P": 0.53, "NEUTRAL_P": 0.5},
    "models.members.gate": {"MINIMUM_SESSIONS": 60, "MINIMUM_OUTCOMES": 90, "SESSIONS": 250, "_BOUNDS": (0.0, 1.5)},
    "models.members.knn": {
        "TEMPERATURE": 0.3,
        "HALF_LIFE_SESSIONS": 250,
        "SAME_STOCK_AND_DAY": 3,
        "MINIMUM_NEIGHBOURS": 20,
        "MINIMUM_STORIES": 300,
    },
    "models.members.price": {"SESSIONS": 750, "MINIMUM_ROWS": 300},
    "models.predictor.predictor": {"LOWEST_P": 0.05, "HIGHEST_P": 0.95},
    "models.predictor.set_aside": {"_LONGEST": 200},
    "models.process.client": {"_FIRST_BACKOFF_S": 0.5, "_LAST_BACKOFF_S": 30.0, "_BATCHES_A_CALL": 4},
    "pipelines.forecasts.forecasts": {"NEIGHBOURS": 100},
    "pipelines.forecasts.replay": {"BLOCK_DAYS": 28, "_AFTER_CLOSE": timedelta(minutes=27), "_BLOCK_S": 20},
    "pipelines.market.collect_daily_bars": {"SESSIONS": 10},
    "pipelines.market.collect_minute_bars": {"STOCKS_AT_ONCE": 4},
    "pipelines.market.collect_prices": {"DEADLINE_S": 18},
    "pipelines.market.load_history": {"STOCKS_AT_ONCE": 4, "ARTICLES_A_WRITE": 1000, "ARCHIVE_AGE": timedelta(hours=1)},
    "pipelines.market.world_days": {"FIRST": timedelta(days=140), "AGAIN": timedelta(days=14)},
    "pipelines.market.price_pipeline": {"SYMBOLS_AT_ONCE": 4, "SETTLE": timedelta(minutes=10)},
    "pipelines.news.crawl_news": {"SOURCE_DEADLINE_S": 30, "SAME_ARTICLE": timedelta(days=1)},
    "pipelines.news.embed_news": {"BATCH_SIZE": 128, "_RESERVE_S": 15},
    "pipelines.news.feed_gaps": {"FILL_DEADLINE_S": 45, "OLDEST": timedelta(days=7), "QUIET": timedelta(minutes=30)},
    "pipelines.news.news_pipeline": {"LOOK_BACK": timedelta(days=7)},
    "pipelines.operations.housekeeping": {"PARTITIONS_AHEAD_MONTHS": 2},
    "pipelines.record.aggregation": {"_RESERVE_S": 5.0, "_PACKED_AT_ONCE": 20},
    "pipelines.record.audit_predictions": {"_RESERVE_S": 20},
    "pipelines.record.backtest_report": {"_DRAW_WITHIN_S": 60},
    "pipelines.record.event_studies": {"MINIMUM_DAYS": 3},
    "pipelines.record.first_training": {"SESSIONS": 75},
    "pipelines.record.report_scoring": {"BATCH": 500, "_RESERVE_S": 5.0},
    "pipelines.record.scoring": {"BATCH": 4000, "RECHECKED": 20, "_RESERVE_S": 5.0, "REACTION": timedelta(minutes=1)},
    "pipelines.reports.generate_reports": {
        "PRE_OPEN": timedelta(hours=3),
        "AT_THE_CLOSE": timedelta(minutes=30),
        "LEAST_SECONDS": 5,
    },
    "pipelines.reports.write_briefs": {"NEAR": timedelta(hours=3)},
    "reports.brief_facts": {"NAMED": 3},
    "reports.report_events": {"LARGE": 1.0, "RARE": 2.0},
    "reports.same_event": {"WINDOW": timedelta(hours=48), "NEAR_AMOUNTS": 0.05, "SAME_WORDS": 0.6},
    "pipelines.sources.catalogue": {"_FEED_PER_S": 4.0, "_DART_ITEMS": 50},
    "pipelines.sources.kis_access": {"POLL_S": 0.25, "WAIT_S": 8.0},
    "pipelines.sources.news_readers": {"SEARCHES_AT_ONCE": 4, "LOOK_BACK": timedelta(days=3), "FILL_PAGES": 300},
    "pipelines.sources.price_readers": {"CODES_PER_CALL": 30},
    "pipelines.sources.visits": {"_MOST_NAMED": 3},
    "scheduler.engine": {
        "_RESTART_AFTER_S": 1.0,
        "_RETRY_AFTER_S": 5.0,
        "_SILENT_AFTER_S": 45.0,
        "_CLOSE_WITHIN_S": 3.0,
        "_PROBE_EVERY_S": 5.0,
    },
    "scheduler.executor": {"_FLUSH_WITHIN_S": 2.0},
    "scheduler.lease": {"_MARGIN": 0.2},
    "scheduler.runner": {"_UNWIND_WITHIN_S": 5.0, "_PUT_BACK_WITHIN_S": 5.0},
    "scheduler.service": {"_HEARTBEAT_S": 5.0, "_CALENDAR_S": 10.0, "_FOLLOW_S": 2.0},
    "scheduler.ticker": {"_LATE_S": 2.0, "_STANDS_S": 20.0, "_MAX_MISSED_ROWS": 100},
    "scheduler.worker": {"BEAT_S": 5.0},
    "services.access.access": {"SIGN_IN_LASTS": timedelta(days=30), "LINK_LASTS": timedelta(minutes=15)},
    "services.access.idempotency": {"_ABANDONED_AFTER": timedelta(minutes=1)},
    "services.forecasts.dashboard": {"MAX_STOCKS": 200, "MAX_STORIES": 12, "MAX_COUNTED": 1000},
    "services.forecasts.calibration_drift": {"MOST_APART": 1},
    "services.forecasts.forecasting": {"PANEL_SESSIONS": 1000, "STORIES_A_STOCK": 3, "GATE_SESSIONS": 260},
    "services.forecasts.models": {"MAX_VERSIONS": 50},
    "services.forecasts.sizes": {"MOST_EVENTS": 1000},
    "services.operations.delivery.outage": {"_PAUSE_S": 15.0},
    "services.operations.delivery.outbox": {
        "LATE_S": 25.0,
        "CLAIM": timedelta(seconds=30),
        "MAX_LINES": 100,
        "KEEP": timedelta(days=30),
        "GIVE_UP": timedelta(days=7),
        "_FIRST_PAUSE_S": 2.0,
        "_PAUSE_S": 20.0,
        "_YOUNG": timedelta(hours=2),
        "_LATER_PAUSE_S": 300.0,
    },
    "services.operations.delivery.alarms": {"_KEEP": timedelta(days=180)},
    "services.operations.delivery.ping": {"EVERY": timedelta(seconds=60)},
    "services.operations.delivery.sender": {"EVERY_S": 2.0},
    "services.operations.health": {"_READ_WITHIN_S": 10.0},
    "services.operations.process_reasons": {
        "SILENT_AFTER_S": 25.0,
        "CLOCK_APART_S": 5.0,
        "MODELS_LATE_S": 120.0,
        "RESTARTS_IN_A_ROW": 2,
        "RESTARTS_IN_TEN_MINUTES": 3,
        "_BEAT_S": 5.0,
        "_FORGOTTEN_AFTER_S": 86_400.0,
    },
    "services.operations.housekeeping": {
        "_KEEP_RUNS": timedelta(days=180),
        "_KEEP_ENGINE_LOG": timedelta(days=7),
        "_KEEP_IDEMPOTENCY_KEYS": timedelta(days=2),
        "_KEEP_AUDIT": timedelta(days=400),
    },
    "services.operations.live_prices": {"READ_LATE_S": 180, "TRADE_LATE_S": 900, "ENOUGH_STOCKS": 5},
    "services.operations.named": {"MOST_NAMED": 20},
    "services.operations.overdue": {"_LEAST_OPEN_S": 600},
    "services.operations.processes": {"WORKER_SILENT_AFTER": timedelta(seconds=30)},
    "services.operations.source_tokens": {"CLAIM": timedelta(seconds=61), "MARGIN": timedelta(minutes=5)},
    "services.operations.sources": {
        "FIRST_BLOCK": timedelta(minutes=15),
        "LONGEST_BLOCK": timedelta(hours=6),
        "EMPTY_RUNS": 6,
        "QUOTA_SHARE": 0.9,
    },
    "services.operations.watching.presence": {"BEAT_S": 5.0},
    "services.record.evaluations": {"MAX_ROWS": 500, "SKILL_DIGITS": 4},
    "services.record.event_studies": {"MEMORY": timedelta(days=3 * 365), "MOST": 600_000},
    "services.reports.ratings": {"DRAWN_FROM": 200},
    "services.reports.report_cases": {"CASES": 5},
    "services.reports.report_due": {
        "FLOOR": timedelta(minutes=20),
        "MAX_A_RUN": 200,
        "NEWS_AGE": timedelta(days=7),
        "MATERIAL": 2,
        "LEAST_MOVE": 0.01,
        "MOVE_SIGMAS_OPEN": 1.5,
        "MOVE_SIGMAS_CLOSED": 2.5,
        "LEAST_CHANGE_OF_P": 0.04,
        "USUAL_SIGMA": 0.02,
    },
    "services.reports.fact_rows": {"STORIES": 5, "DIGITS": 8},
    "services.reports.report_context": {
        "FLOW_SESSIONS": 5,
        "FLOW_AGE": timedelta(days=14),
        "WORLD_AGE": timedelta(days=4),
    },
    "services.reports.report_corrections": {"LOOK_BACK": timedelta(days=7)},
    "services.reports.report_facts": {"STORY_DAYS": 7, "MOST_STORIES": 20},
    "services.reports.report_files": {"PDF_WITHIN_S": 60},
    "services.reports.report_prices": {"HISTORY": 61, "WEEK": 5, "VOLUME_MINIMUM": 20, "RECENT": timedelta(days=10)},
    "services.runs.event_feed": {"SETTLE_S": 1.0, "_RECONNECT_S": 2.0, "_QUEUE_SIZE": 1000},
    "services.runs.runs": {"MAX_EVENTS": 500},
    "services.runs.stream_events": {"MAX_REPLAY": 1000, "_KEEP": timedelta(days=1)},
    "setting_names": {"_SURELY_MEANT": 0.9},
    "sources.dart": {"PAGE_SIZE": 100, "PAGES": 10},
    "sources.naver_search": {"PAGE_SIZE": 100, "LAST_START": 1000},
    "sources.public_data": {"ROWS_A_CALL": 1000},
    "sources.articles": {"ITEMS_LIMIT": 1000},
    "sources.http.archives": {
        "SIZE_LIMIT_BYTES": 64_000_000,
        "RATIO_LIMIT": 100,
        "SMALL_BYTES": 1_000_000,
        "MEMBERS_LIMIT": 100,
        "_PIECE_BYTES": 256_000,
    },
    "sources.http.client": {"MAX_REDIRECTS": 3, "MAX_RETRY_AFTER_S": 86_400, "RATE_LIMIT_PAUSE_S": 60},
    "sources.http.robots": {"REMEMBERED_FOR": timedelta(days=1), "SIZE_LIMIT_BYTES": 500_000},
    "sources.kis": {"TOKEN_PAUSE_S": 61, "_LONGEST_LIFE": timedelta(days=1)},
    "sources.kis_news": {"PAGES": 10},
    "sources.rss": {"MOST_TAGS": 100_000, "MOST_ATTRIBUTES": 50},
    "stats.ab_test": {
        "LEAST_LAG": 5,
        "LEAST_BLOCK": 5,
        "DRAWS": 2000,
        "SMALLEST_GAP": {
            "brier": 0.0005,
            "log_loss": 0.001,
            "accuracy": 0.005,
            "size_brier": 0.0005,
            "size_pinball": 0.00002,
        },
        "PATIENCE": 500,
    },
    "stats.blocks": {
        "FIRST_LOOK": 8,
        "TUNED_FOR": 120,
        "LEAST_BLOCKS": 25,
        "SHORT_BLOCKS": 8,
        "SHORT_LENGTH": 10,
        "_WINDOW": 5,
        "_MOST_CORRELATED": 0.8,
    },
    "stats.calibration": {"BINS": 10},
    "stats.costs": {"_FEES": 0.000372, "_SLIPPAGE": 0.001},
    "stats.event_study": {
        "ALPHA": 0.05,
        "MATTERS": 0.005,
        "MINIMUM_STORIES": 20,
        "MINIMUM_BLOCKS": 8,
        "NO_SPREAD": 1e-12,
    },
    "stats.intervals": {"NORMAL_95": 1.959964},
    "stats.money": {"SESSIONS_A_YEAR": 250},
    "stats.power": {"MINIMUM_SESSIONS": 20, "NO_DIFFERENCE": 1e-05, "_DETECTION": 2.801585},
    "stats.ranking": {"MINIMUM_STOCKS": 10, "MOST_SHARED": 0.9},
    "stats.reliability_plot": {"COLUMNS": 4},
    "stats.report_scores": {"SESSIONS": 5},
    "stats.returns": {
        "BETA_WINDOW": 120,
        "BETA_MINIMUM": 20,
        "BETA_RANGE": (0.2, 2.5),
        "DECAY": 0.94,
        "SIGMA_FLOOR": 0.002,
        "SIGMA_START": 0.02,
        "_FLAT": 1e-12,
    },
    "stats.scoring": {"LOG_CLIP": 0.0001, "ZERO": 1e-12},
    "web.connections": {"HEAD_LIMIT_BYTES": 32_768},
    "web.parameters": {"MAX_QUERY_BYTES": 2000},
    "web.planned_reads": {"MAX_PLANS": 1000},
    "web.server": {"GRACEFUL_SHUTDOWN_S": 8, "DRAIN_S": 0.5},
}


@pytest.mark.parametrize("module", NUMBERS)
def test_every_number_is_the_one_that_was_decided(module: str) -> None:
    found = import_module(f"backend.{module}")
    assert {name: getattr(found, name) for name in NUMBERS[module]} == NUMBERS[module]


ROOT = Path(__file__).parents[2]
WRITTEN = ROOT / "tests" / "data" / "numbers.toml"
SINGLE = (int, float, date, datetime, time, timedelta)


def _is_number(value: Any) -> bool:
    """A number, a span or a moment, or several of them; of enumerations and of true and false there are other tests."""
    if isinstance(value, tuple | frozenset):
        return bool(value) and all(map(_is_number, value))
    if isinstance(value, dict):
        return bool(value) and all(map(_is_number, value.values()))
    return type(value) in SINGLE


def _names_of(file: Path) -> Iterator[str]:
    """Constants that a module assigns itself."""
    for statement in ast.parse(file.read_text()).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            for name in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(name, ast.Name) and name.id.isupper():
                    yield name.id


def _written(value: Any) -> str:
    """As Python writes it; the order of a set would change from run to run."""
    return repr(sorted(value) if isinstance(value, frozenset) else value)


def _other_numbers() -> dict[str, dict[str, str]]:
    """Module below backend: its numbers that are not in NUMBERS, as Python writes them."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted((ROOT / "backend").rglob("*.py")):
        if file.name == "__main__.py":
            continue
        module = ".".join(file.relative_to(ROOT / "backend").with_suffix("").parts).removesuffix(".__init__")
        values = vars(import_module(f"backend.{module}"))
        by_hand = NUMBERS.get(module, {})
        names = [name for name in _names_of(file) if name not in by_hand and _is_number(values[name])]
        numbers = {name: _written(values[name]) for name in names}
        if numbers:
            found[module] = numbers
    return found


def test_all_other_numbers_are_written_down_too() -> None:
    assert tomllib.loads(WRITTEN.read_text()) == _other_numbers()


if __name__ == "__main__":
    for module, numbers in _other_numbers().items():
        lines = [f"{name} = {value!r}" for name, value in numbers.items()]
        sys.stdout.write("\n".join([f'["{module}"]', *lines, "", ""]))
