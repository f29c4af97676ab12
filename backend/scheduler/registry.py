"""The job table: one line per kind of run, with its schedule and limits.

Cron lines are Asia/Seoul wall-clock time; the demo calendar uses the offsets ("after_close"). Prices after the close
are read twice: the second reading corrects the first, and is the valid one on exam days, when the exchange closes at
16:30. The last predictions of the day have its bars and impacts, as those of the replay do.
"""

from dataclasses import replace
from datetime import timedelta

from backend.errors import ConfigurationError, NotFoundError
from backend.internal import ARGUMENTS
from backend.pipelines.forecasts import ask_language_model, backfill_model, generate_predictions, train_models
from backend.pipelines.market import (
    collect_daily_bars,
    collect_minute_bars,
    collect_prices,
    import_files,
    load_history,
    refresh_stocks,
)
from backend.pipelines.news import crawl_news, embed_news, restate_news
from backend.pipelines.operations import check_sources, housekeeping
from backend.pipelines.record import (
    aggregate_performance,
    audit_predictions,
    backtest,
    evaluate_predictions,
    first_training,
    match_impacts,
)
from backend.pipelines.reports import generate_reports, write_briefs
from backend.scheduler.kinds import Kind, Schedule, in_sequence

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


_first_analysis = in_sequence(
    ("load_history", load_history.run),
    ("embed_news", embed_news.run),
    ("match_impacts", match_impacts.run),
    ("train_models", first_training.run),
    ("generate_predictions", generate_predictions.run),
    ("generate_reports", generate_reports.run),
    pick={"stock_codes": "stock_code"},
)

_TABLE = (
    Kind("crawl_news", crawl_news.run,
         schedules=(Schedule("*/10 * * * *"),), timeout_s=120, then=("embed_news",)),
    Kind("embed_news", embed_news.run,
         schedules=(Schedule("20 16 * * *", after_close=50 * MINUTE, grace=HOUR),),
         timeout_s=1800, then=("generate_predictions", "ask_language_model")),
    Kind("ask_language_model", ask_language_model.run, timeout_s=300, max_attempts=1, concurrency=1,
         then=("generate_predictions",)),
    Kind("generate_predictions", generate_predictions.run, concurrency=4,
         schedules=(Schedule("30 8 * * mon-fri", before_open=30 * MINUTE),
                    Schedule("40 15 * * mon-fri", after_close=10 * MINUTE),
                    Schedule("57 15 * * mon-fri", after_close=27 * MINUTE))),
    Kind("collect_prices", collect_prices.run,
         schedules=(Schedule("* * * * *", grace=MINUTE / 2),), timeout_s=20, max_attempts=1),
    Kind("collect_daily_bars", collect_daily_bars.run,
         schedules=(Schedule("50 15 * * mon-fri", after_close=20 * MINUTE, grace=HOUR),
                    Schedule("50 16 * * mon-fri", after_close=80 * MINUTE, grace=HOUR)), then=("match_impacts",)),
    Kind("collect_minute_bars", collect_minute_bars.run,
         schedules=(Schedule("45 15 * * mon-fri", after_close=15 * MINUTE, grace=HOUR),
                    Schedule("45 16 * * mon-fri", after_close=75 * MINUTE, grace=HOUR))),
    Kind("refresh_stocks", refresh_stocks.run,
         schedules=(Schedule("10 8 * * mon-fri", before_open=50 * MINUTE, grace=HOUR),)),
    Kind("match_impacts", match_impacts.run,
         schedules=(Schedule("55 15 * * mon-fri", after_close=25 * MINUTE, grace=HOUR),)),
    Kind("evaluate_predictions", evaluate_predictions.run,
         schedules=(Schedule("0 16 * * *", after_close=30 * MINUTE, grace=HOUR),
                    Schedule("0 17 * * *", after_close=90 * MINUTE, grace=HOUR))),
    Kind("aggregate_performance", aggregate_performance.run,
         schedules=(Schedule("0 17 * * *", after_close=90 * MINUTE, grace=HOUR),)),
    Kind("generate_reports", generate_reports.run, concurrency=4,
         schedules=(Schedule("5-59/10 * * * *"),)),
    Kind("write_briefs", write_briefs.run, timeout_s=120,
         schedules=(Schedule("40 8 * * mon-fri", before_open=20 * MINUTE, grace=20 * MINUTE),
                    Schedule("15 16 * * mon-fri", after_close=45 * MINUTE, grace=HOUR))),
    Kind("train_models", train_models.run,
         schedules=(Schedule("0 2 * * *", after_close=10 * HOUR, grace=4 * HOUR),), timeout_s=3600),
    Kind("housekeeping", housekeeping.run,
         schedules=(Schedule("0 3 * * *", after_close=11 * HOUR, grace=4 * HOUR),)),
    Kind("check_sources", check_sources.run, timeout_s=120),
    Kind("load_history", load_history.run, timeout_s=3600, concurrency=1),
    # Six hours: a file of 2 GB has 20 million rows.
    Kind("import_files", import_files.run, timeout_s=21_600, concurrency=1, then=("embed_news", "match_impacts")),
    Kind("backtest", backtest.run, timeout_s=3600, concurrency=1),
    Kind("audit_predictions", audit_predictions.run, timeout_s=3600, concurrency=1),
    Kind("backfill_model", backfill_model.run, timeout_s=3600, concurrency=1),
    Kind("restate_news", restate_news.run, timeout_s=3600, concurrency=1, then=("embed_news", "match_impacts")),
    Kind("initial_analysis", _first_analysis, timeout_s=1800, concurrency=3),
)  # fmt: skip

# Arguments are defined in backend.internal, where the API reads them, too: a line here needs one there.
KINDS = {kind.id: replace(kind, arguments=ARGUMENTS[kind.id]) for kind in _TABLE}
# Queue of runs whose kind this version does not know; they fail with a sentence that says so.
UNKNOWN_QUEUE = "unknown"


def get_kind(kind_id: str) -> Kind:
    """The kind with this id. Raises NotFoundError with the known kinds."""
    if kind_id not in KINDS:
        raise NotFoundError(f"There is no run kind '{kind_id}'; known are {', '.join(sorted(KINDS))}.")
    return KINDS[kind_id]


def queue_of(kind_id: str) -> str:
    return kind_id if kind_id in KINDS else UNKNOWN_QUEUE


def choose_queues(wanted: str) -> dict[str, int]:
    """Queues of the kinds in the comma-separated list `wanted`; of all kinds when it is empty.

    Raises ConfigurationError for a name that is no kind.
    """
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if unknown := [name for name in names if name not in KINDS]:
        raise ConfigurationError(f"There is no run kind '{unknown[0]}'; known are {', '.join(sorted(KINDS))}.")
    chosen = {name: KINDS[name].concurrency for name in names or KINDS}
    return chosen if names else chosen | {UNKNOWN_QUEUE: 0}
