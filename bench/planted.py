"""`python -m bench.planted [--api URL --key KEY] [--sessions 150] [--json FILE]`: the planted is found, and no more.

Asks the REST API of a running demo (or fills one of its own and ends it): replays the last sessions of its history, if
there is a key to ask for that with, has them scored, and reads all scored forecasts of the replay.

- informed_t_H, informed_skill_H: at H sessions, Brier skill against the base rate in percent and its t over blocks of
  sessions, of a forecaster that knows what the demo plants behind an event and takes the rest from azak: story, event,
  moment, stock, base rate and outcome. The planted direction is there: t above 2 at H = 1.
- event_t_H, event_skill_H and the same of text, knn, price and gated: what the members have found of it so far. A year
  of 20 stocks has some 300 such events, so that what has to learn them first finds less.
- sessions_H, forecasts_H: what these rest on.
- shuffled_leaders_H: lines of the leaderboard that would claim a skill once the outcomes of each session are dealt anew
  among its stocks; the median of twenty seeds (must be 0), and shuffled_leaders_mean_H.
- shuffled_gate_H: percent of Brier skill of a gate that is fitted anew on the shuffled outcomes, the mean of the seeds
  (must not be below -.1), and shuffled_gate_worst_H.
"""

import argparse
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from numpy.typing import NDArray

from backend.demo.world.events import EVENT_TYPES
from backend.demo.world.story_plan import DRIFT
from backend.domain.forecasts import HORIZONS
from backend.domain.members import BASE, FIRST_SHOWN, GATED, SIZE
from backend.domain.news import NewsKind
from backend.domain.record import RANKED_SESSIONS
from backend.models.fitting.panel import FloatArray
from backend.models.members import gate
from backend.services.record.evaluations import SKILL_DIGITS
from backend.stats.intervals import Estimate, clustered_ratio
from backend.text.events.grammar import read_event
from bench.harness.command import Figures, publish, say
from bench.harness.demo import filled_demo
from bench.harness.installation import KEY

SEEDS: Final = range(1, 21)
BLOCK: Final = 20  # sessions that a gate predicts before it is fitted again
PAGE: Final = 200
RUN_WITHIN_S: Final = 3_600
INFORMED: Final = "informed"
TOLD: Final = (INFORMED, *GATED, FIRST_SHOWN)
# What azak reads of the demo's types of event that move a price.
PLANTED: Final = {
    ("results", "+"): "earnings_beat", ("results", "-"): "earnings_miss", ("contract", "+"): "supply_contract",
    ("rights_issue", "-"): "rights_issue", ("lawsuit", "-"): "lawsuit", ("buy_back", "+"): "buy_back",
    ("share_cancellation", "+"): "buy_back",
}  # fmt: skip
EFFECTS: Final = {event.name: event.effect_sigma for event in EVENT_TYPES}
NORMAL: Final = statistics.NormalDist()
Rows = dict[tuple[str, str], dict[str, float]]  # (session, stock) -> probability by model, and the outcome under "y"


@dataclass(frozen=True)
class Record:
    """Scored forecasts of one horizon: `days` number their sessions from 0; NaN where a model said nothing."""

    horizon: int
    days: NDArray[np.int64]
    y: FloatArray
    p_up: Mapping[str, FloatArray]

    @classmethod
    def of(cls, horizon: int, rows: Rows) -> "Record":
        keys = sorted(key for key, row in rows.items() if BASE in row)
        days = np.unique([day for day, _ in keys], return_inverse=True)[1].astype(np.int64)
        names = sorted({name for row in rows.values() for name in row} - {"y"})
        p_up = {name: np.array([rows[key].get(name, np.nan) for key in keys]) for name in names}
        return cls(horizon, days, np.array([rows[key]["y"] for key in keys]), p_up)

    def said(self, name: str) -> FloatArray:
        """The base rate where a model said nothing."""
        own = self.p_up.get(name, self.p_up[BASE])
        return np.where(np.isfinite(own), own, self.p_up[BASE])

    def skill(self, p_up: FloatArray, y: FloatArray) -> Estimate:
        """Brier skill against the base rate."""
        loss = (self.p_up[BASE] - y) ** 2
        return clustered_ratio(loss - (p_up - y) ** 2, loss, self.days, self.horizon)

    def shuffled(self, seed: int) -> FloatArray:
        """The outcomes of each session, dealt anew among its stocks."""
        random, dealt = np.random.default_rng(seed), self.y.copy()
        for day in range(self.days.max() + 1):
            rows = np.flatnonzero(self.days == day)
            dealt[rows] = dealt[random.permutation(rows)]
        return dealt

    def leaders(self, y: FloatArray) -> int:
        """Models whose skill the leaderboard would claim: a lower bound above 0 in the digits shown."""
        skills = [self.skill(self.said(name), y) for name in self.p_up if name not in (BASE, SIZE, INFORMED)]
        bounds = [interval[0] for one in skills if (interval := one.interval()) is not None]
        return sum(round(low, SKILL_DIGITS) > 0 for low in bounds) if self.days.max() + 1 >= RANKED_SESSIONS else 0

    def gated(self, y: FloatArray) -> FloatArray:
        """A gate over the members, fitted before each block of sessions on the outcomes `y` that had ended by then."""
        base, members = self.p_up[BASE], {name: self.said(name) for name in GATED}
        p_up = base.copy()
        for start in range(0, int(self.days.max()) + 1, BLOCK):
            known = self.days + self.horizon < start
            here = (self.days >= start) & (self.days < start + BLOCK)
            fitted = gate.fit(
                base[known], {name: own[known] for name, own in members.items()}, y[known],
                self.days[known].astype(float), self.horizon,
            )  # fmt: skip
            p_up[here] = gate.pool(base[here], {name: own[here] for name, own in members.items()}, fitted["weights"])
        return p_up


def figures_of(record: Record) -> Figures:
    """All figures of one horizon."""
    h = record.horizon
    figures: Figures = {f"sessions_{h}": float(record.days.max() + 1), f"forecasts_{h}": float(len(record.y))}
    for name in TOLD:
        one = record.skill(record.said(name), record.y)
        figures[f"{name}_skill_{h}"] = 100 * one.value
        figures[f"{name}_t_{h}"] = one.value / one.error if one.error else 0.0
    dealt = [record.shuffled(seed) for seed in SEEDS]
    leaders = [record.leaders(y) for y in dealt]
    gates = [100 * record.skill(record.gated(y), y).value for y in dealt]
    return figures | {
        f"shuffled_leaders_{h}": statistics.median(leaders),
        f"shuffled_leaders_mean_{h}": statistics.mean(leaders),
        f"shuffled_gate_{h}": statistics.mean(gates),
        f"shuffled_gate_worst_{h}": min(gates),
    }


def _run(client: httpx.Client, job: str, **arguments: Any) -> None:
    """Start a job and wait for its end."""
    say(f"{job} {arguments or ''}")
    answer = client.post(f"/api/jobs/{job}/runs", json={"arguments": arguments})
    if answer.is_error:
        sys.exit(f"The demo did not take {job} ({answer.status_code}); give its key with --key, or --sessions 0.")
    run, deadline = answer.json(), time.monotonic() + RUN_WITHIN_S
    while run["state"] in ("queued", "running", "retry", "deferred"):
        if time.monotonic() > deadline:
            sys.exit(f"{job} did not end within {RUN_WITHIN_S} s; look at it with 'azak runs show {run['id']}'.")
        time.sleep(1)
        run = client.get(f"/api/runs/{run['id']}").raise_for_status().json()
    if run["state"] not in ("succeeded", "skipped"):
        sys.exit(f"{job} ended {run['state']}; look at it with 'azak runs show {run['id']}'.")


def _pages(client: httpx.Client, path: str, **asked: Any) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        page = client.get(path, params={**asked, "limit": PAGE, **cursor}).raise_for_status().json()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def _planted(client: httpx.Client) -> dict[int, float]:
    """By story the drift in daily sigmas that the demo plants behind what azak reads in its first title."""
    titles = {row["story_id"]: row["title"] for row in _pages(client, "/api/news") if row["kind"] == NewsKind.ARTICLE}
    events = {story: read_event(title, NewsKind.ARTICLE) for story, title in titles.items()}
    names = {story: PLANTED.get((event.type, event.sign.value)) for story, event in events.items()}
    return {story: EFFECTS[name] for story, name in names.items() if name is not None}


def _informed(row: Mapping[str, Any], planted: Mapping[int, float]) -> float:
    """The base rate of a forecast's item, moved by what was planted behind its newest story."""
    horizon = row["horizon"]
    move = planted.get(row["story_id"], 0.0) * sum(DRIFT[:horizon]) / horizon**0.5
    return NORMAL.cdf(NORMAL.inv_cdf(row["p_up"]) + move)


def read(client: httpx.Client) -> list[Record]:
    """The scored forecasts of the replay, by horizon."""
    planted = _planted(client)
    found: dict[int, Rows] = {horizon: defaultdict(dict) for horizon in HORIZONS}
    for model in client.get("/api/models").raise_for_status().json()["items"]:
        for row in _pages(client, "/api/prediction", model=model["name"], mode="backtest"):
            if row["y"] is not None:
                values = found[row["horizon"]][row["trade_date"], row["stock_code"]]
                values |= {model["name"]: row["p_up"], "y": row["y"]}
                if model["name"] == BASE:
                    values[INFORMED] = _informed(row, planted)
    if not all(found.values()):
        sys.exit("The demo has no scored replay; give its key with --key, so that one can be asked for.")
    return [Record.of(horizon, rows) for horizon, rows in found.items()]


def measure(url: str, key: str | None, sessions: int) -> Figures:
    """Replay and score where there is a key, then read."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
        if key and sessions:
            _run(client, "backtest", sessions=sessions)
            _run(client, "evaluate_predictions")
        say("reading the scored forecasts")
        records = read(client)
    figures: Figures = {}
    for record in records:
        figures |= figures_of(record)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.planted", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--api", metavar="URL", help="a running demo; without it one is filled and ended")
    parser.add_argument("--key", help="its key (AZAK_API_KEY in its azak.env)")
    parser.add_argument("--sessions", type=int, default=150, help="to replay first; 0 reads what is there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    if given.api:
        figures = measure(given.api, given.key, given.sessions)
    else:
        say("filling a demo")
        with filled_demo() as url:
            figures = measure(url, KEY, given.sessions)
    publish({name: round(value, 4) for name, value in figures.items()}, given.json)


if __name__ == "__main__":
    main()
