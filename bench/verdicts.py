"""`python -m bench.verdicts --prices FILE [--from DATE] [--coverage] [--json FILE]`: what azak would have called.

Walk-forward over a file of daily bars (bench.harness.bars) by azak's own members, gate and rule: each 28 days trained
on what had ended by then, as in the replay, for 250 sessions before DATE to learn from and all sessions from DATE on,
which are counted. Without news, so the member of similar stories is silent.

- base_rate_verdicts: forecasts that say no more than the base rate and have a word all the same (must be 0).
- calls, leans, forecasts: of all models and horizons.
- worst_call_lower_bound: of the mean net outcome after the calls of a horizon the lower end of the 95 % interval, at
  the horizon where it is lowest, and worst_call_mean the mean there; null without a call.
- planted_calls: share of calls among the stock-days of the top tenth of a test member that ranks by a feature with an
  edge of 60 bp a session there, at horizon 1, from 250 sessions after the plant on (must be .8): the mean of five draws
  of the feature; planted_calls_least is that of the worst.
- coverage_*, with --coverage: how often 95 % intervals hold the truth (bench.harness.interval_coverage).
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import Direction, Forecast, TrainedModel, Verdict
from backend.domain.members import BASE
from backend.domain.verdicts import judge, proof_of
from backend.models.fitting.panel import FloatArray, build_panel
from backend.models.fitting.proof import EarlierForecasts, prove, tenths
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from backend.stats.costs import round_trip_cost
from backend.stats.intervals import clustered_mean
from bench.harness import interval_coverage
from bench.harness.bars import position_of, read_panel_or_exit
from bench.harness.command import publish, say
from bench.harness.walk.history import History, parser_of

LEARNING: Final = 250  # sessions before the first that counts
GATE_SESSIONS: Final = 260
EDGE: Final = 0.0060
PROVEN_AFTER: Final = 250
HISTORIES: Final = 2000
DRAWS: Final = 5
LEAST_STOCKS: Final = 10  # below that a tenth of a day is no stock
Figures = dict[str, float | None]


class Market(History):
    """A history with what trading cost, and all that was forecast so far."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(payload)
        self.costs = np.array([round_trip_cost(date.fromisoformat(day)) for day in self.panel.dates])
        self._said: dict[tuple[int, int, int], dict[str, float]] = {}

    def judged_blocks(self, first: int) -> Iterator[list[int]]:
        """Blocks of the columns from `first` on whose outcome of one session is known."""
        return self.blocks(first, len(self.panel.dates) - 1)

    def train(self, through: int) -> list[TrainedModel]:
        """All models as of column `through`; raises SystemExit with the reason if one cannot be fitted."""
        rows = [key for key in self._said if through - GATE_SESSIONS < key[1] <= through]
        names = sorted({name for key in rows for name in self._said[key]})
        prequential = {
            "stock_code": [self.panel.codes[stock] for stock, _, _ in rows],
            "trade_date": [self.panel.dates[day] for _, day, _ in rows],
            "horizon": [horizon for _, _, horizon in rows],
            "p_up": {name: [self._said[key].get(name) for key in rows] for name in names},
        }
        payload = {
            "as_of": self.panel.dates[through],
            "panel": self.payload,
            "labelled_stories": {},
            "events": {},
            "prequential": prequential,
        }
        models, failed = fit_models(payload)
        if failed:
            sys.exit(f"A model could not be trained: {failed}.")
        return models

    def predict(self, models: list[TrainedModel], column: int) -> list[tuple[int, Forecast]]:
        """(row of the stock, forecast) of every stock that traded on this session, by all models and horizons."""
        items = [item for stock in range(len(self.panel.codes)) for item in self.items(stock, column)]
        rows = {code: row for row, code in enumerate(self.panel.codes)}
        forecasts, failed = score(models, items)
        if failed:
            sys.exit(f"A model failed: {failed}.")
        for forecast in forecasts:
            key = (rows[forecast.stock_code], column, forecast.horizon)
            self._said.setdefault(key, {})[forecast.model] = forecast.p_up
        return [(rows[forecast.stock_code], forecast) for forecast in forecasts]


class Tally:
    """Counts of words, and the net outcomes after calls by horizon."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self.forecasts = self.leans = self.calls = self.base_rate_verdicts = 0
        self.days: dict[int, list[int]] = defaultdict(list)
        self.nets: dict[int, list[float]] = defaultdict(list)

    def add(self, stock: int, column: int, forecast: Forecast) -> None:
        self.forecasts += 1
        self.leans += forecast.verdict is Verdict.LEAN
        says_base = forecast.model == BASE or "abstained" in forecast.explanation or not forecast.lean
        self.base_rate_verdicts += says_base and forecast.verdict is not Verdict.NONE
        if forecast.verdict is Verdict.CALL:
            self.calls += 1
            adjusted = float(self._market.labels[forecast.horizon].adjusted[stock, column])
            if np.isfinite(adjusted):
                sign = 1 if forecast.direction is Direction.UP else -1
                self.days[forecast.horizon].append(column)
                self.nets[forecast.horizon].append(sign * adjusted - self._market.costs[column])

    def figures(self) -> Figures:
        means: list[tuple[float, float]] = []
        for horizon, nets in self.nets.items():
            _, days = np.unique(self.days[horizon], return_inverse=True)
            estimate = clustered_mean(np.array(nets), days.astype(np.int64), horizon)
            interval = estimate.interval()
            means.append((estimate.value if interval is None else interval[0], estimate.value))
        low, mean = min(means) if means else (None, None)
        return {
            "base_rate_verdicts": self.base_rate_verdicts, "calls": self.calls, "leans": self.leans,
            "forecasts": self.forecasts, "worst_call_lower_bound": low, "worst_call_mean": mean,
        }  # fmt: skip


def walk(market: Market, first: int) -> Figures:
    """Every model over all sessions from column `first` on, after 250 sessions to learn from."""
    tally = Tally(market)
    for block in market.judged_blocks(max(first - LEARNING, PROVEN_AFTER // 2)):
        models = market.train(block[0] - 1)
        for column in block:
            found = market.predict(models, column)
            if column >= first:
                for stock, forecast in found:
                    tally.add(stock, column, forecast)
        say(f"{market.panel.dates[block[-1]]}: {tally.forecasts} forecasts, {tally.leans} leans, {tally.calls} calls")
    return tally.figures()


def planted_calls(payload: dict[str, Any], first: int, seed: int = 1) -> float:
    """Share of calls among the top tenth's stock-days of a member that ranks by a feature with a planted edge.

    The feature is drawn at random for each stock and session; where it is in the top tenth, the close of the next
    session is higher by the edge, and lower by a ninth of it elsewhere, so that the market stays as it was.
    """
    panel = build_panel(payload)
    ranks = np.where(panel.traded, np.random.default_rng(seed).random(panel.closes.shape), np.nan)
    order = np.argsort(np.argsort(np.nan_to_num(ranks, nan=-1), axis=0), axis=0)
    missing = (~panel.traded).sum(axis=0)
    share = (order - missing + 0.5) / np.maximum(panel.traded.sum(axis=0), 1)
    planted = np.where(panel.traded, np.where(share >= 0.9, EDGE, -EDGE / 9), 0.0)
    planted[:, :first] = 0
    moved = np.cumprod(1 + np.roll(planted, 1, axis=1), axis=1)
    before = np.roll(moved, 1, axis=1)
    before[:, 0] = 1
    market = Market(
        payload
        | {
            "close": _nullable(np.where(panel.traded, panel.closes, np.nan) * moved),
            "open": _nullable(panel.opens * before),
            "high": _nullable(panel.highs * np.maximum(before, moved)),
            "low": _nullable(panel.lows * np.minimum(before, moved)),
        }
    )
    days, leans, adjusted = _planted_member(market, share)
    called = said = 0
    for block in market.judged_blocks(first + PROVEN_AFTER):
        ended = (days < block[0] - 1) & np.isfinite(adjusted)
        earlier = EarlierForecasts(days[ended], leans[ended], adjusted[ended], market.costs[days[ended]])
        proofs = prove(earlier, 1)
        for column in block:
            today = days == column
            top = leans[today][tenths(np.zeros(int(today.sum()), dtype=np.int64), leans[today]) == 9]
            said += len(top)
            called += sum(judge(lean, proof_of(proofs, lean, 9)) is Verdict.CALL for lean in top.tolist())
    return called / said


def _planted_member(market: Market, share: FloatArray) -> tuple[Any, FloatArray, FloatArray]:
    """Columns of the member's forecasts in order of the sessions: column, lean, outcome at horizon 1."""
    stocks, days = np.nonzero(market.panel.traded)
    order = np.argsort(days, kind="stable")
    stocks, days = stocks[order], days[order]
    return days, 0.1 * (share[stocks, days] - 0.5), market.labels[1].adjusted[stocks, days]


def _nullable(values: FloatArray) -> list[list[float | None]]:
    return [[value if value == value else None for value in row] for row in values.tolist()]  # noqa: PLR0124


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--coverage", action="store_true", help="measure the intervals, too: two minutes")
    arguments = parser.parse_args()
    payload = read_panel_or_exit(arguments.prices, least=LEAST_STOCKS)
    first = position_of(payload, arguments.first)
    if first + PROVEN_AFTER // 2 > len(payload["dates"]):
        sys.exit(f"There are too few sessions from {arguments.first} on; give an earlier --from.")
    shares = [planted_calls(payload, max(first - PROVEN_AFTER, 120), seed) for seed in range(1, DRAWS + 1)]
    figures: Figures = {"planted_calls": sum(shares) / DRAWS, "planted_calls_least": min(shares)}
    say(f"planted_calls {figures['planted_calls']:.3f}")
    figures |= walk(Market(payload), first)
    if arguments.coverage:
        coverage = interval_coverage.measure(HISTORIES)
        figures |= coverage
        figures |= {"coverage_least": min(coverage.values()), "coverage_most": max(coverage.values())}
    publish({name: value if value is None else round(value, 6) for name, value in figures.items()}, arguments.json)


if __name__ == "__main__":
    main()
