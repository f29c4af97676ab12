"""Whole answers of the read routes over one row of everything, as a person has read them.

Moments are written as minutes from now, ids of rows as they come from a new database. A meant change of an answer
replaces golden/answers.json with what the test found.
"""

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend import clock
from backend.db.session import Database
from tests.factories import HYNIX, SAMSUNG, add_metric, add_outcome, add_prediction, add_rating, add_version, add_world

GOLDEN = Path(__file__).with_name("golden") / "answers.json"
SURE = {"value": 0.02, "low": 0.01, "high": 0.03, "baseline": 0.0, "n": 140, "n_days": 45, "n_blocks": 45}
PARTS = {"reliability": 0.001, "resolution": 0.002, "uncertainty": 0.25, "within": 0.0, "n": 140, "n_days": 45}
BIN = {"n": 140, "mean_p": 0.51, "mean_y": 0.52, "low": 0.44, "high": 0.6}
METRICS = {
    "brier_skill": SURE, "accuracy": SURE, "brier": SURE, "brier_parts": PARTS,
    "ece": {"value": 0.01, "baseline": 0.0, "n": 140, "n_days": 45, "bins": [BIN]},
    "by_confidence": [{"bucket": "<0.02"} | SURE],
}  # fmt: skip
FIGURES = {"stock_code": SAMSUNG, "n": 140, "n_days": 45, "accuracy": SURE, "brier_skill": None}
ROUTES = [
    "/api/dashboard",
    "/api/stocks",
    f"/api/stocks/{SAMSUNG}",
    f"/api/stocks/{SAMSUNG}/bars",
    "/api/news",
    f"/api/news?stock_code={SAMSUNG}",
    "/api/news/1",
    "/api/prediction",
    f"/api/prediction?stock_code={HYNIX}",
    "/api/prediction?mode=backtest",
    "/api/prediction?model=base&horizon=3",
    "/api/prediction/1",
    "/api/prediction/2",
    "/api/reports",
    "/api/reports/latest",
    "/api/reports/1",
    "/api/briefs",
    "/api/models",
    "/api/models/gated",
    "/api/evaluations",
    "/api/evaluations/gated",
    "/api/evaluations/gated/daily",
    "/api/evaluations/base/calibration",
    "/api/evaluations/base/stocks",
    "/api/evaluations/leaderboard",
    "/api/evaluations/ratings",
    "/api/evaluations/ratings?report_id=1",
    "/api/evaluations/ratings?report_id=2",
    "/api/evaluations/ratings/summary",
    "/api/ab_test",
    "/api/runs",
    "/api/jobs",
    "/api/sources",
]
# What the database dates itself comes a little later than the moment at which the clock stands.
SLOW_MINUTES = 20
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*(?:Z|[+-]\d\d:\d\d)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")


def readable(text: str, now: datetime) -> Any:
    """The answer with its moments and days as distances from now, and without names drawn at random."""

    def distance(found: re.Match[str]) -> str:
        minutes = round((datetime.fromisoformat(found[0]) - now).total_seconds() / 60)
        return "+0 min" if 0 < minutes < SLOW_MINUTES else f"{minutes:+d} min"

    def days(found: re.Match[str]) -> str:
        return f"{(date.fromisoformat(found[0]) - now.date()).days:+d} days"

    text = re.sub(r"\d{4}-\d\d-\d\d", days, _MOMENT.sub(distance, _UUID.sub("random", text)))
    return json.loads(text)


@pytest.fixture
async def now(database: Database, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment at which the clock stands; the database holds one row of everything and more of what is ranked."""
    moment = clock.now()
    if (moment.hour, moment.minute) < (0, 10):  # what happened a minute ago must not be of the day before
        moment -= timedelta(minutes=20)
    monkeypatch.setattr(clock, "now", lambda: moment)
    async with database.write() as session:
        world = await add_world(session)
        details = {"stocks": [FIGURES]}
        await add_metric(session, world.other_version, world.day, n=140, values=METRICS, n_days=45, details=details)
        await add_metric(session, world.version, world.day, n=7, window_name="d")
        third = await add_prediction(
            session, world.other_version, HYNIX, horizon=3, mode="backtest", p_up=0.44, trade_date=world.day
        )
        await add_outcome(session, third, state="void", void_reason="halt", adjusted_return=None, y=None)
        await add_version(session, "gated", "v2")
        await add_rating(session, world.report, score=2)
        await add_rating(session, world.report, score=5)
    return moment


async def test_whole_answers_are_those_that_a_person_has_read(client: httpx.AsyncClient, now: datetime) -> None:
    answers = {route: await client.get(route) for route in ROUTES}
    assert {route for route, answer in answers.items() if answer.status_code != 200} == set()
    found = {route: readable(answer.text, now) for route, answer in answers.items()}
    expected = json.loads(GOLDEN.read_text())
    assert found == expected
