"""`python -m bench.direction --prices FILE [--from DATE] [--json FILE]`: what azak's direction is worth on real bars.

Walk-forward over a file of daily bars (bench.harness.bars) by azak's own members, gate and rule: each 28 days fitted on
what had ended by then, 250 sessions before DATE for the gate to learn from; the sessions from DATE on count. Skills are
Brier skills against the base rate as it was known, t over days with Bartlett weights.

- member_skill_h1 and _t, rank_ic_h1: the price member, and its mean daily rank correlation with the adjusted return.
- gated_skill_h1, _h3, _h5 and _t: what people see.
- shuffled_h1 .. _h5: the same of the gate with the outcomes of each day shuffled among its stocks, the farthest from 0
  of five seeds; shuffled_20_h1 .. _h5: in a market of 20 of the stocks.
- base_rate_verdicts: forecasts that say no more than the base rate and have a word all the same (must be 0).
- future_difference: largest difference of what the member looks at once the days after are cut off and the day is
  ranked from stored rows, as live (must be 0).
- weight_h1 .. _h5: the gate's weight of the member in the last block.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import HORIZONS, TrainedModel, Verdict
from backend.domain.members import BASE, PriceParameters
from backend.domain.moves.cross_section import rank_day
from backend.domain.stock_days import StockDay
from backend.models.fitting.features import Labels
from backend.models.fitting.market_model import market_days, stock_days
from backend.models.fitting.panel import FloatArray, truncate_payload
from backend.models.members import base_rate, gate, price
from backend.models.predictor.predictor import HIGHEST_P, LOWEST_P, score
from bench.harness.bars import position_of, read_panel_or_exit
from bench.harness.command import publish, say
from bench.harness.walk.history import History, parser_of
from bench.harness.walk.skill import brier_skill, rank_ic

LEARNING: Final = 250  # sessions before the first that counts
EARLIEST: Final = 130  # before it no stock has features
SEEDS: Final = range(1, 6)
FEW: Final = 20
LEAST_STOCKS: Final = 2
LEAST_SESSIONS: Final = 20
CUTS: Final = 5
C: Final = PriceParameters().c
Parameters = dict[str, Any]


class Market(History):
    """A history, and where something is forecast."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(payload)
        self.forecast = self.panel.traded & np.isfinite(self.features.sigmas)

    def part(self, rows: list[int]) -> "Market":
        """The market of some of its stocks alone."""
        kept = {
            name: [column[row] for row in rows] if name not in {"dates", "index"} else column
            for name, column in self.payload.items()
        }
        return Market(kept)


@dataclass(frozen=True)
class Walk:
    """(stocks, dates) of one horizon, NaN where nothing was forecast; `fitted`: parameters by column and kind."""

    base: FloatArray
    member: FloatArray
    gated: FloatArray
    fitted: dict[int, dict[str, Parameters]]


def cut(labels: Labels, through: int, horizon: int) -> Labels:
    """Outcomes that had ended at the close of column `through`."""
    known = max(0, through + 1 - horizon)

    def column(values: FloatArray) -> FloatArray:
        return np.where(np.arange(through + 1) < known, values[:, : through + 1], np.nan)

    return Labels(column(labels.adjusted), column(labels.y), column(labels.z), column(labels.move_z))


def walk(market: Market, labels: Labels, horizon: int, first: int) -> Walk:
    """Every block from 250 sessions before column `first` on: fit on what had ended, then forecast its sessions."""
    shape = market.forecast.shape
    said = {name: np.full(shape, np.nan) for name in (BASE, price.MEMBER.kind, gate.MEMBER.kind)}
    fitted: dict[int, dict[str, Parameters]] = {}
    for block in market.blocks(max(first - LEARNING, EARLIEST), len(market.panel.dates)):
        start, end = block[0], block[-1] + 1
        ended = cut(labels, start - 1, horizon)
        base = base_rate.fit(ended)
        learned = base | price.fit(market.section[:, :start], ended, horizon, C)
        weights = base | _fit_gate(said, ended, horizon)
        fitted[start] = {BASE: base, price.MEMBER.kind: learned, gate.MEMBER.kind: weights}
        here = market.forecast[:, start:end]
        p0 = np.where(here, base["p0"], np.nan)
        p = np.where(np.isfinite(found := _chances(learned, market.section[:, start:end])) & here, found, p0)
        pooled = gate.pool(p0, {price.MEMBER.kind: p}, weights["weights"])
        for name, values in zip(said, (p0, p, np.clip(pooled, LOWEST_P, HIGHEST_P)), strict=True):
            said[name][:, start:end] = values
    return Walk(said[BASE], said[price.MEMBER.kind], said[gate.MEMBER.kind], fitted)


def _chances(learned: Parameters, values: FloatArray) -> FloatArray:
    return np.full(values.shape[:2], np.nan) if "state" in learned else price.chances(learned, values)


def _fit_gate(said: dict[str, FloatArray], ended: Labels, horizon: int) -> Parameters:
    """On what was forecast before, of which the outcome is known."""
    width = ended.y.shape[1]
    base, p = said[BASE][:, :width], said[price.MEMBER.kind][:, :width]
    known = np.isfinite(base) & np.isfinite(ended.y)
    days = np.broadcast_to(np.arange(float(width)), known.shape)[known]
    return gate.fit(base[known], {price.MEMBER.kind: p[known]}, ended.y[known], days, horizon)


def shuffled(labels: Labels, seed: int) -> Labels:
    """The outcomes of each day, dealt anew among the stocks that have one."""
    random = np.random.default_rng(seed)
    columns = [labels.adjusted.copy(), labels.y.copy(), labels.z.copy(), labels.move_z.copy()]
    for day in range(labels.y.shape[1]):
        rows = np.flatnonzero(np.isfinite(labels.y[:, day]))
        dealt = random.permutation(rows)
        for column in columns:
            column[rows, day] = column[dealt, day]
    return Labels(*columns)


def skills(market: Market, first: int) -> tuple[dict[str, float], dict[int, Walk]]:
    """Figures of the member and of the gate, and the walks by horizon."""
    figures: dict[str, float] = {}
    walks = {h: walk(market, market.labels[h], h, first) for h in HORIZONS}
    for h, found in walks.items():
        y = market.labels[h].y[:, first:]
        for name, p in (("member", found.member), ("gated", found.gated)):
            skill = brier_skill(p[:, first:], found.base[:, first:], y)
            figures |= {f"{name}_skill_h{h}": skill.value, f"{name}_skill_h{h}_t": skill.t}
        figures[f"rank_ic_h{h}"] = rank_ic(found.member[:, first:], market.labels[h].adjusted[:, first:])
        last = found.fitted[max(found.fitted)]
        figures[f"weight_h{h}"] = last[gate.MEMBER.kind]["weights"][price.MEMBER.kind]
        say(f"h {h}: " + ", ".join(f"{name} {value:.5f}" for name, value in figures.items() if f"h{h}" in name))
    return figures, walks


def without_signal(market: Market, first: int) -> dict[str, float]:
    """Skill of the gate on shuffled outcomes, the farthest from 0 of all seeds: of all stocks, and of 20."""
    found: dict[str, list[float]] = defaultdict(list)
    for seed in SEEDS:
        few = np.random.default_rng(seed).permutation(len(market.panel.codes))[:FEW]
        for name, part in (("shuffled", market), ("shuffled_20", market.part(sorted(few.tolist())))):
            for h in HORIZONS:
                labels = shuffled(part.labels[h], seed)
                said = walk(part, labels, h, first)
                skill = brier_skill(said.gated[:, first:], said.base[:, first:], labels.y[:, first:])
                found[f"{name}_h{h}"].append(skill.value)
        say(f"seed {seed}: " + ", ".join(f"{name} {values[-1]:.6f}" for name, values in found.items()))
    return {name: max(values, key=abs) for name, values in found.items()}


def base_rate_verdicts(market: Market, walks: dict[int, Walk], first: int) -> int:
    """By azak's own predictor, on the last session of each block."""
    wrong = 0
    for block in market.blocks(first, len(market.panel.dates)):
        start, last = block[0], block[-1]
        models = [
            TrainedModel(kind, "v", None, None, "", {
                "kind": kind, "horizons": {str(h): found.fitted[start][kind] for h, found in walks.items()},
            })
            for kind in (BASE, price.MEMBER.kind, gate.MEMBER.kind)
            if all(start in found.fitted for found in walks.values())
        ]  # fmt: skip
        items = [
            item for stock in np.flatnonzero(market.forecast[:, last]).tolist() for item in market.items(stock, last)
        ]
        forecasts, failed = score(models, items)
        if failed:
            sys.exit(f"A model failed: {failed}.")
        for forecast in forecasts:
            says_base = forecast.model == BASE or "abstained" in forecast.explanation or not forecast.lean
            wrong += says_base and forecast.verdict is not Verdict.NONE
    return wrong


def future_difference(market: Market, first: int) -> float:
    """Over some days: what the member looked at in the walk, and what rows of that day alone are ranked to."""
    largest = 0.0
    for column in np.linspace(first, len(market.panel.dates) - 1, CUTS).astype(int).tolist():
        day = market.panel.dates[column]
        payload = truncate_payload(market.payload, day)
        payload |= {"raw_close": payload["close"], "market_returns": market_days({"panel": payload})["returns"]}
        rows = stock_days({"panel": payload, "since": dict.fromkeys(payload["codes"], day)})
        found = rank_day(
            StockDay(code, date.fromisoformat(day), *(one[name][0] for name in (
                "bars", "sessions_since_bar", "close_krw", "sigma", "features",
            )))
            for code, one in rows.items()
        )  # fmt: skip
        for stock, code in enumerate(market.panel.codes):
            then = market.section[stock, column]
            if (code in found) != bool(np.isfinite(then).all()):
                return float("inf")
            if code in found:
                largest = max(largest, float(np.abs(np.array(found[code]) - then).max()))
    return largest


def main() -> None:
    arguments = parser_of(__doc__).parse_args()
    payload = read_panel_or_exit(arguments.prices, least=LEAST_STOCKS)
    first = max(position_of(payload, arguments.first), EARLIEST)
    if first + LEAST_SESSIONS > len(payload["dates"]):
        sys.exit(f"There are too few sessions from {arguments.first} on; give an earlier --from.")
    market = Market(payload)
    figures, walks = skills(market, first)
    figures["base_rate_verdicts"] = base_rate_verdicts(market, walks, first)
    figures["future_difference"] = future_difference(market, first)
    figures |= without_signal(market, first)
    publish({name: None if value != value else round(value, 7) for name, value in figures.items()}, arguments.json)  # noqa: PLR0124


if __name__ == "__main__":
    main()
