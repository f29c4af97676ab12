"""The schedule is one table in Asia/Seoul time, whatever the machine's time zone is."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from backend.clock import KST
from backend.internal import ARGUMENTS
from backend.krx import DemoCalendar, KrxCalendar
from backend.scheduler.registry import KINDS
from backend.scheduler.triggers import build_trigger, latest_missed

NOW = datetime(2026, 10, 7, 0, 0, tzinfo=UTC)  # a Wednesday, 09:00 in Seoul
SCHEDULED = [(kind.id, schedule) for kind in KINDS.values() for schedule in kind.schedules]
EXPECTED = {
    "crawl_news": ["09:00"],
    "collect_prices": ["09:00"],
    "collect_daily_bars": ["15:50", "16:50"],
    "collect_minute_bars": ["15:45", "16:45"],
    "refresh_stocks": ["08:10"],
    "match_impacts": ["15:55"],
    "embed_news": ["16:20"],
    "generate_predictions": ["08:30", "15:40", "15:57"],
    "generate_reports": ["09:05"],
    "evaluate_predictions": ["16:00", "17:00"],
    "aggregate_performance": ["17:00"],
    "write_briefs": ["08:40", "16:15"],
    "train_models": ["02:00"],
    "housekeeping": ["03:00"],
}


def test_case_78_every_job_of_the_design_is_scheduled_at_its_korean_time() -> None:
    times: dict[str, list[str]] = {}
    for kind_id, schedule in SCHEDULED:
        fire = build_trigger(schedule, KrxCalendar()).get_next_fire_time(None, NOW)
        assert fire.utcoffset() == timedelta(hours=9)
        times.setdefault(kind_id, []).append(f"{fire.astimezone(KST):%H:%M}")
    assert times.items() >= EXPECTED.items()


@pytest.mark.parametrize(("kind_id", "schedule"), [s for s in SCHEDULED if s[1].after_close or s[1].before_open])
def test_demo_sessions_move_the_jobs_that_are_bound_to_them(kind_id: str, schedule: object) -> None:
    calendar = DemoCalendar(NOW, session_minutes=60)
    trigger = build_trigger(schedule, calendar)  # type: ignore[arg-type]
    fires = [NOW]
    for _ in range(3):
        fires.append(trigger.get_next_fire_time(fires[-1], fires[-1]))
    steps = {later - earlier for earlier, later in pairwise(fires[1:])}
    assert steps == {timedelta(hours=1)}, kind_id


def test_evaluation_of_the_demo_comes_after_the_close_and_before_the_next_session() -> None:
    calendar = DemoCalendar(NOW, session_minutes=60)
    close = calendar.last_opened(NOW).closes_at
    fire = build_trigger(KINDS["evaluate_predictions"].schedules[0], calendar).get_next_fire_time(None, NOW)
    assert close < fire < calendar.next_open(NOW).opens_at


def test_case_80_after_a_long_outage_only_the_latest_moment_is_caught_up() -> None:
    trigger = build_trigger(KINDS["crawl_news"].schedules[0], KrxCalendar())
    assert latest_missed(trigger, since=NOW, now=NOW + timedelta(hours=3, minutes=5)) == NOW + timedelta(hours=3)
    assert latest_missed(trigger, since=NOW, now=NOW + timedelta(minutes=5)) is None


def test_kinds_name_only_kinds_that_exist() -> None:
    assert {follower for kind in KINDS.values() for follower in kind.then} <= set(KINDS)


def test_the_api_knows_every_kind_and_what_it_takes() -> None:
    assert {kind.id: kind.arguments for kind in KINDS.values()} == dict(ARGUMENTS)
