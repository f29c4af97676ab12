"""The limits of jobs and sources, written down a second time: a change of one of them is a decision, not a slip."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from backend.config import SourceSettings
from backend.errors import ConfigurationError, NotFoundError
from backend.pipelines.sources import catalogue
from backend.scheduler.registry import KINDS, UNKNOWN_QUEUE, choose_queues, get_kind, queue_of

# kind: (seconds, attempts, runs at once on all machines, kinds that follow)
JOBS = {
    "crawl_news": (120, 3, 0, ("embed_news",)),
    "embed_news": (1800, 3, 0, ("generate_predictions", "ask_language_model")),
    "ask_language_model": (300, 1, 1, ("generate_predictions",)),
    "generate_predictions": (600, 3, 4, ()),
    "collect_prices": (20, 1, 0, ()),
    "collect_daily_bars": (600, 3, 0, ("match_impacts",)),
    "collect_minute_bars": (600, 3, 0, ()),
    "refresh_stocks": (600, 3, 0, ()),
    "match_impacts": (600, 3, 0, ()),
    "evaluate_predictions": (600, 3, 0, ()),
    "aggregate_performance": (600, 3, 0, ()),
    "generate_reports": (600, 3, 4, ()),
    "train_models": (3600, 3, 0, ()),
    "housekeeping": (600, 3, 0, ()),
    "check_sources": (120, 3, 0, ()),
    "load_history": (3600, 3, 1, ()),
    "backtest": (3600, 3, 1, ()),
    "audit_predictions": (3600, 3, 1, ()),
    "backfill_model": (3600, 3, 1, ()),
    "restate_news": (3600, 3, 1, ("embed_news", "match_impacts")),
    "initial_analysis": (1800, 3, 3, ()),
}
# job: minutes that each of its moments may be late
GRACE = {
    "crawl_news": [5],
    "embed_news": [60],
    "generate_predictions": [5, 5, 5],
    "collect_prices": [0.5],
    "collect_daily_bars": [60, 60],
    "collect_minute_bars": [60, 60],
    "refresh_stocks": [60],
    "match_impacts": [60],
    "evaluate_predictions": [60, 60],
    "aggregate_performance": [60],
    "generate_reports": [5],
    "write_briefs": [20, 60],
    "train_models": [240],
    "housekeeping": [240],
}
# job: minutes from the close (or, negative, to the opening) to each of its moments, None for the clock's
BOUND = {
    "crawl_news": [None],
    "embed_news": [50],
    "generate_predictions": [-30, 10, 27],
    "collect_prices": [None],
    "collect_daily_bars": [20, 80],
    "collect_minute_bars": [15, 75],
    "refresh_stocks": [-50],
    "match_impacts": [25],
    "evaluate_predictions": [30, 90],
    "aggregate_performance": [90],
    "generate_reports": [None],
    "write_briefs": [-20, 45],
    "train_models": [600],
    "housekeeping": [660],
}
FEED = ("news", 4.0, None, True, 0)
# source: (kind, requests a second, requests a day, asks robots.txt, sessions its newest item may be late)
SOURCES = {
    "naver_search": ("news", 40.0, 25_000, False, 0),
    "naver_search_legacy": ("news", 8.0, 25_000, False, 0),
    "dart_rss": ("filings", 4.0, None, True, 0),
    "kind_rss": ("filings", 4.0, None, True, 0),
    "dart": ("filings", 10.0, 20_000, False, 1),
    "kis_news": ("news", 18.0, None, False, 0),
    "kis": ("prices", 18.0, None, False, 0),
    "kis_ksd": ("listings", 18.0, None, False, 0),
    "kis_master": ("listings", 4.0, None, False, 0),
    "public_data": ("prices", 10.0, 10_000, False, 2),
    "naver_chart": ("prices", 1.0, None, False, 0),
    "naver_polling": ("prices", 1.0, None, False, 0),
    "kis_flows": ("index", 18.0, None, False, 0),
    "kis_world": ("index", 18.0, None, False, 0),
    "naver_world": ("index", 1.0, None, False, 0),
}


def test_every_job_has_its_time_its_attempts_its_places_and_its_followers() -> None:
    found = {kind.id: (kind.timeout_s, kind.max_attempts, kind.concurrency, kind.then) for kind in KINDS.values()}
    assert found.items() >= JOBS.items()
    assert {(kind.backoff_s, kind.backoff_cap_s) for kind in KINDS.values()} == {(5, 300)}


def test_the_rule_of_grace_every_moment_may_be_late_by_its_minutes() -> None:
    found = {k.id: [s.grace / timedelta(minutes=1) for s in k.schedules] for k in KINDS.values() if k.schedules}
    assert found.items() >= GRACE.items()


def test_jobs_are_bound_to_the_session_by_their_minutes() -> None:
    minute = timedelta(minutes=1)
    found = {
        kind.id: [
            s.after_close / minute if s.after_close else -s.before_open / minute if s.before_open else None
            for s in kind.schedules
        ]
        for kind in KINDS.values()
        if kind.schedules
    }
    assert found.items() >= BOUND.items()


def test_every_source_has_its_pace_its_quota_and_its_rules() -> None:
    found = {
        info.id: (info.kind, info.requests_per_s, info.quota, info.obeys_robots, info.late_sessions)
        for info in catalogue.list_source_infos(SourceSettings())
    }
    feeds = {name for name in found if name.startswith("rss_")}
    assert {found[name] for name in feeds} == {FEED}
    assert found.items() >= SOURCES.items()


def test_sources_without_their_keys_are_off_and_say_what_they_need() -> None:
    off = {info.id: info.off_reason for info in catalogue.list_source_infos(SourceSettings()) if info.off_reason}
    assert (
        off.items()
        >= {
            "naver_search": "off: needs AZAK_SOURCES_NAVER_HUB_KEY_ID",
            "naver_search_legacy": "off: needs AZAK_SOURCES_NAVER_LEGACY_CLIENT_ID",
            "dart": "off: needs AZAK_SOURCES_DART_KEY",
            "kis_news": "off: needs AZAK_SOURCES_KIS_APP_KEY",
            "kis": "off: needs AZAK_SOURCES_KIS_APP_KEY",
            "public_data": "off: needs AZAK_SOURCES_PUBLIC_DATA_KEY",
            "naver_chart": "off: needs AZAK_SOURCES_NAVER_PRICES=true (unofficial, opt-in)",
            "naver_polling": "off: needs AZAK_SOURCES_NAVER_PRICES=true (unofficial, opt-in)",
            "kis_world": "off: needs AZAK_SOURCES_KIS_APP_KEY",
            "naver_world": "off: needs AZAK_SOURCES_NAVER_PRICES=true (unofficial, opt-in)",
        }.items()
    )


def keyed(**more: Any) -> SourceSettings:
    names = (
        "naver_hub_key_id", "naver_hub_key", "naver_legacy_client_id", "naver_legacy_client_secret", "dart_key",
        "kis_app_key", "kis_app_secret", "public_data_key",
    )  # fmt: skip
    keys: dict[str, Any] = dict.fromkeys(names, SecretStr("k"))
    return SourceSettings(**keys, naver_prices=True, **more)


def test_with_every_key_one_search_is_asked_and_a_paper_account_is_slower() -> None:
    infos = {info.id: info for info in catalogue.list_source_infos(keyed())}
    assert {name: info.off_reason for name, info in infos.items() if info.off_reason} == {
        "naver_search_legacy": "off: NAVER API HUB is used (AZAK_SOURCES_NAVER_HUB_KEY)"
    }
    paper = {info.id: info for info in catalogue.list_source_infos(keyed(kis_paper=True))}
    assert (paper["kis"].requests_per_s, paper["kis"].off_reason) == (1.8, None)
    assert paper["kis_world"].off_reason == "off: the paper account has no foreign indices (AZAK_SOURCES_KIS_PAPER)"
    assert paper["kis_news"].off_reason == "off: the paper account has no headlines (AZAK_SOURCES_KIS_PAPER)"
    switched = catalogue.get_source_info(keyed(off="rss_mk, dart"), "dart")
    assert (switched.off_reason, switched.requests_per_s) == ("off: named in AZAK_SOURCES_OFF", 10.0)


@pytest.mark.parametrize(
    ("missing", "chosen"),
    [
        ({}, "naver_search"),
        ({"naver_hub_key": None}, "naver_search_legacy"),
        ({"naver_hub_key": None, "naver_legacy_client_secret": None}, "naver_search"),
    ],
)
def test_the_search_is_the_gateway_whose_keys_are_there(missing: dict[str, None], chosen: str) -> None:
    assert catalogue.get_search_info(keyed().model_copy(update=missing)).id == chosen


def test_queues_are_those_of_the_kinds_that_are_named() -> None:
    assert choose_queues("crawl_news, backtest,") == {"crawl_news": 0, "backtest": 1}
    assert choose_queues("") == {kind.id: kind.concurrency for kind in KINDS.values()} | {UNKNOWN_QUEUE: 0}
    with pytest.raises(ConfigurationError, match="There is no run kind 'crawl'; known are aggregate_performance, "):
        choose_queues("crawl")
    assert (queue_of("backtest"), queue_of("crawl")) == ("backtest", UNKNOWN_QUEUE)
    with pytest.raises(NotFoundError, match="There is no run kind 'crawl'"):
        get_kind("crawl")


def test_a_source_to_switch_off_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'rss_mkk', which does not exist: did you mean rss_mk"):
        catalogue.refuse_unknown_sources(SourceSettings(off="rss_hankyung, rss_mkk,"))
    with pytest.raises(ConfigurationError, match="'DART-KEY', which does not exist: there are rss_"):
        catalogue.refuse_unknown_sources(SourceSettings(off="DART-KEY"))
    catalogue.refuse_unknown_sources(SourceSettings(off=" rss_mk, dart ,,"))
