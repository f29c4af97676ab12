"""A valid row for every table, and the rows it refers to (in an empty database their ids are 1, 2, ...)."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

from backend.db.base import Base
from backend.db.tables import (
    ab_test,
    access,
    bars,
    calendar,
    evaluations,
    impacts,
    models,
    news,
    predictions,
    processes,
    reports,
    runs,
    sources,
    stocks,
    stream_events,
)

T0 = datetime(2026, 10, 1, 6, 40, tzinfo=UTC)
T1 = datetime(2026, 10, 2, 0, 0, tzinfo=UTC)
RUN = uuid.UUID(int=1)

PARENTS: list[tuple[type[Base], dict[str, Any]]] = [
    (stocks.Stock, {"code": "005930", "name": "삼성전자", "market": "KOSPI"}),
    (news.News, {"url_key": "parent", "url": "u", "source": "s", "publisher": "p", "kind": "article",
                 "title": "t", "published_precision": "none", "first_seen_at": T0, "known_at": T0}),
    (news.News, {"url_key": "free", "url": "u", "source": "s", "publisher": "p", "kind": "article",
                 "title": "t", "published_precision": "none", "first_seen_at": T0, "known_at": T0}),
    (news.Story, {"head_news_id": 1, "first_known_at": T0, "size": 1}),
    (models.Model, {"name": "parent", "kind": "base"}),
    (models.ModelVersion, {"model_id": 1, "version": "a", "data_hash": "h", "parameters": {}}),
    (models.ModelVersion, {"model_id": 1, "version": "b", "data_hash": "h", "parameters": {}}),
    (predictions.Prediction, {"model_version_id": 1, "stock_code": "005930", "asof": T1,
                              "trade_date": date(2026, 10, 1), "horizon": 1, "mode": "backtest", "base_price_krw": 1,
                              "entry_ts": T1,
                              "exit_trade_date": date(2026, 10, 2), "p_up": 0.5, "quantiles_krw": [1] * 7,
                              "verdict": "none", "direction": "hold", "confidence": 0, "sigma": 0.02,
                              "features_hash": "h"}),
    (reports.Report, {"run_id": uuid.UUID(int=2), "stock_code": "005930", "model_version_id": 1, "asof": T0,
                      "trigger": "first", "fact_sheet": {}, "fact_hash": "h", "text_ko": "k", "text_en": "e",
                      "writer": "w"}),
    (runs.Run, {"id": RUN, "kind": "k", "active_key": "parent", "origin": "api", "state": "succeeded"}),
]  # fmt: skip

_PREDICTION = {**PARENTS[7][1], "asof": T0}
_REPORT = {**PARENTS[8][1], "run_id": RUN}

_DAY = {"is_halted": False, "is_liquidation": False, "is_managed": False, "known_at": T0, "recorded_at": T1}

VALID: dict[type[Base], dict[str, Any]] = {
    stocks.Stock: {"code": "000660", "name": "SK하이닉스", "market": "KOSPI"},
    stocks.ListingRow: {"code": "000660", "name": "SK하이닉스", "market": "KOSPI"},
    stocks.ReplacedListing: {"code": "000660", "name": "SK하이닉스", "market": "KOSPI", "retired_at": T1},
    stocks.ReferenceDay: {"stock_code": "000660", "trade_date": date(2026, 10, 1), **_DAY},
    stocks.ReplacedReferenceDay: {"stock_code": "000660", "trade_date": date(2026, 10, 1), "retired_at": T1, **_DAY},
    stocks.MasterFileRow: {"market": "KOSPI"},
    stocks.ListingEventRow: {"stock_code": "000660", "trade_date": date(2026, 10, 1), "kind": "listed", "source": "s",
                             "known_at": T0, "recorded_at": T1},
    stocks.StockName: {"stock_code": "000660", "kind": "legal", "name": "현대전자", "source": "s", "known_at": T0,
                       "recorded_at": T1},
    bars.DailyBarRow: {"stock_code": "005930", "trade_date": date(2026, 10, 1), "open_krw": 1, "high_krw": 2,
                       "low_krw": 1, "regular_close_krw": 2, "volume": 1, "source": "s"},
    bars.ReplacedDailyBar: {"retired_at": T1, "stock_code": "005930", "trade_date": date(2026, 10, 1),
                            "regular_close_krw": 2, "volume": 1, "source": "s", "known_at": T0},
    bars.ReplacedIndexBar: {"retired_at": T1, "index_code": "KOSPI", "trade_date": date(2026, 10, 1), "close": 1.0,
                            "source": "s", "known_at": T0},
    bars.MinuteBarRow: {"stock_code": "005930", "ts": T0, "open_krw": 1, "high_krw": 2, "low_krw": 1, "close_krw": 2,
                        "volume": 1, "source": "s"},
    bars.QuoteRow: {"stock_code": "005930", "last_price_krw": 1, "previous_close_krw": 1, "volume": 1, "ts": T0,
                    "source": "s"},
    bars.IndexBarRow: {"index_code": "KOSPI", "trade_date": date(2026, 10, 1), "close": 1.0, "source": "s"},
    news.News: {"url_key": "k", "url": "u", "source": "s", "publisher": "p", "kind": "article", "title": "t",
                "snippet": "", "published_at": T0, "published_precision": "second", "first_seen_at": T1,
                "known_at": T1},
    news.Story: {"head_news_id": 2, "first_known_at": T0, "size": 1},
    news.NewsStock: {"news_id": 1, "stock_code": "005930", "method": "name", "confidence": 1, "known_at": T0},
    news.EmbeddingRow: {"news_id": 1, "embedder": "e", "vector": [1.0, 0.0]},
    impacts.Impact: {"story_id": 1, "stock_code": "005930", "horizon": 1, "state": "pending"},
    models.Model: {"name": "m", "kind": "base", "is_shown": True},
    models.ModelVersion: {"model_id": 1, "version": "c", "data_hash": "h", "parameters": {}},
    predictions.Prediction: _PREDICTION,
    predictions.LaterVerdict: {"prediction_id": 1, "rule": 1, "verdict": "lean"},
    predictions.NewestPrediction: {"model_id": 1, "stock_code": "005930", "horizon": 1, "is_scored": False,
                                   "prediction_id": 1, "asof": T1},
    reports.Report: _REPORT,
    reports.ReportScore: {"report_id": 1, "engine_version": "1", "state": "final", "target_score": 0.5,
                          "input_hash": "h", "evaluated_at": T1},
    reports.Rating: {"report_id": 1, "rater": "r", "score": 3},
    evaluations.Outcome: {"prediction_id": 1, "engine_version": "1", "state": "final", "adjusted_return": 0.0, "y": 0.5,
                          "input_hash": "h", "evaluated_at": T1},
    evaluations.EqualModel: {"horizon": 1, "mode": "live", "window_name": "all", "metric_version": "3", "model_id": 1,
                             "same_as": 1},
    evaluations.OutcomeRevision: {"prediction_id": 1, "engine_version": "1", "previous": {}},
    evaluations.MetricDay: {"model_id": 1, "horizon": 1, "mode": "live", "trade_date": date(2026, 10, 1),
                            "metric_version": "1", "n": 1, "model_version_id": 1, "input_hash": "h",
                            "stocks": b"000000", "packed": b""},
    evaluations.MetricProgress: {"metric_version": "1", "aggregated_through": T1},
    evaluations.Metric: {"model_version_id": 1, "horizon": 1, "mode": "live", "window_name": "all",
                         "trade_date": date(2026, 10, 1), "metric_version": "1", "n": 1, "n_days": 1, "values": {},
                         "input_hash": "h"},
    ab_test.AbTest: {"name": "t", "model_version_a": 1, "model_version_b": 2, "state": "running"},
    runs.Job: {"id": "j", "cron": "* * * * *"},
    runs.Run: {"id": uuid.UUID(int=9), "kind": "k", "key": "key", "active_key": "open", "origin": "api"},
    runs.RunEvent: {"run_id": RUN, "level": "info", "message": "m"},
    sources.Source: {"id": "s", "kind": "news"},
    sources.SourceToken: {"source": "s", "key_hash": "h", "claimed_until": T0},
    calendar.CalendarDay: {"trade_date": date(2027, 3, 3), "reason": "r"},
    processes.Leader: {"id": 1, "holder": "h", "epoch": 1, "acquired_at": T0, "expires_at": T1},
    processes.Worker: {"id": RUN, "role": "worker", "host": "h", "pid": 1, "version": "1", "heartbeat_at": T0},
    processes.Heartbeat: {"component": "c", "instance": "i", "state": "active", "ts": T0},
    stream_events.StreamEvent: {"topic": "run", "data": {}},
    access.ApiKey: {"id": RUN, "name": "n", "key_hash": b"h", "scopes": ["write"]},
    access.SignIn: {"token_hash": b"t", "key_hash": b"h", "expires_at": T1},
    access.SignInLink: {"token_hash": b"t", "key_hash": b"h", "expires_at": T1},
    access.AuditEntry: {"actor": "key", "method": "POST", "path": "/api/reports", "request_id": "r"},
    access.IdempotencyKey: {"key": "k", "route": "r", "request_hash": "h"},
}  # fmt: skip
