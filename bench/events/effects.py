"""`python -m bench.events.effects [--quick] [--json FILE]`: does the event member find what was planted, and no more?

Walk-forward in the world of the demo, in this process: its prices, the titles of its events read by the event grammar,
every 28 days a training on what had ended by then, a forecast of every stock after each close. 620 sessions, of which
the first 250 are only learned from (quick: 260 and 150); once with the effects of the demo and once without any.

- event_t_H, event_skill_H: at H sessions, the member's Brier skill against the base rate in percent, and its t over
  independent blocks of sessions, where news moves prices (t must be above 2).
- gate_cost_H: percent of Brier skill that the gate loses where no news moves a price (must be at most .1).
- false_effects: groups of the last training with an effect where there is none, all horizons.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np

from backend.demo.world.newsroom import NUMBERS
from backend.demo.world.story_plan import Story
from backend.demo.world.world import World
from backend.domain.forecasts import HORIZONS, PredictionItem, TrainedModel
from backend.domain.members import BASE
from backend.domain.news import NewsKind
from backend.domain.stock_days import BAR_COLUMNS, DIRECTION, FEATURES
from backend.domain.understanding.event_studies import StoryEvent, is_studied, size_of
from backend.models.fitting.cross_section import rank_days
from backend.models.fitting.features import compute_features, compute_labels
from backend.models.fitting.panel import build_panel
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from backend.stats.intervals import Estimate, clustered_ratio
from backend.text.events.grammar import read_event
from bench.harness.command import Figures, run, say

START: Final = datetime.fromisoformat("2026-11-23T09:00:00+09:00")
SEED: Final = 42
BLOCK_DAYS: Final = 28
GATE_SESSIONS: Final = 260
SPLIT: Final = 0.2
Key = tuple[int, int, int]  # row of the stock, column of the session, horizon


class Walk:
    """The demo's history, what happened in it, and all that was forecast so far."""

    def __init__(self, history: int, *, effects: bool) -> None:
        self.world = World(START, 60, SEED, history=history, effects=effects)
        self.days = [self.world.sessions.day(number) for number in range(self.world.sessions.count)]
        self.codes = [stock.code for stock in self.world.plan.stocks]
        self.payload = self._bars()
        self.panel = build_panel(self.payload)
        self.features = compute_features(self.panel)
        self.section = rank_days(self.panel, self.features)
        self.labels = {h: compute_labels(self.panel, self.features, h) for h in HORIZONS}
        # (row of the stock, base session of the story, session after whose close it is first forecast, event)
        self.events = list(self._events())
        self.new: dict[tuple[int, int], list[StoryEvent]] = defaultdict(list)
        for row, _, window, event in self.events:
            self.new[row, window].insert(0, event)
        self.said: dict[Key, dict[str, float]] = {}

    def _bars(self) -> dict[str, Any]:
        market, columns = self.world.market, range(len(self.days))
        payload: dict[str, Any] = {name: [] for name in BAR_COLUMNS}
        for code in self.codes:
            bars = [market.bar(code, n) for n in columns]
            factors = [SPLIT if market.is_before_split(code, n) else 1.0 for n in columns]
            pairs = list(zip(bars, factors, strict=True))
            for name in ("open", "high", "low", "close"):
                payload[name].append([None if bar.halted else getattr(bar, name) * factor for bar, factor in pairs])
            payload["volume"].append([None if bar.halted else bar.volume / factor for bar, factor in pairs])
        return payload | {
            "dates": [str(day.trade_date) for day in self.days],
            "codes": self.codes,
            "markets": [stock.market.value for stock in self.world.plan.stocks],
            "index": {name: [market.bar(name, n).close for n in columns] for name in ("KOSPI", "KOSDAQ")},
        }

    def _events(self) -> Any:
        articles = defaultdict(list)
        for article in self.world.newsroom.published(self.days[-1].closes_at):
            articles[article.number // NUMBERS].append(article)
        closes = [day.closes_at for day in self.days]
        stories = [
            story for n in range(len(self.days)) for story in self.world.plan.stories(n) if story.kind == "event"
        ]
        for number, story in enumerate(stories):
            about = [
                a for a in articles[story.window] if a.published_at >= story.published_at and _names(story, a.title)
            ]
            if not about:
                continue
            head = min(about, key=lambda article: article.published_at)
            event = read_event(head.title, NewsKind.ARTICLE)
            window = next((n for n, close in enumerate(closes) if close >= head.published_at), None)
            if window is None or not is_studied(event.type, event.scope.value):
                continue
            base = window if head.published_at >= self.days[window].opens_at else window - 1
            told = StoryEvent(number, event.type, event.sign.value, size_of(event.share, event.surprise).value)
            yield self.codes.index(story.stock.code), base, window, told

    def _observations(self, through: int) -> dict[str, dict[str, list[Any]]]:
        horizons = {}
        for h in HORIZONS:
            ended = [(row, base, e) for row, base, _, e in self.events if base >= 0 and base + h <= through]
            known = [(row, base, e) for row, base, e in ended if np.isfinite(self.labels[h].z[row, base])]
            horizons[str(h)] = {
                "types": [e.type for _, _, e in known],
                "signs": [e.sign for _, _, e in known],
                "sizes": [e.size for _, _, e in known],
                "stocks": [self.codes[row] for row, _, _ in known],
                "days": [self.panel.dates[base + h] for _, base, _ in known],
                "moves": [float(self.labels[h].z[row, base]) for row, base, _ in known],
            }
        return horizons

    def train(self, through: int) -> list[TrainedModel]:
        """All models as of column `through`."""
        keys = [key for key in self.said if through - GATE_SESSIONS < key[1] <= through]
        names = sorted({name for key in keys for name in self.said[key]})
        prequential = {
            "stock_code": [self.codes[row] for row, _, _ in keys],
            "trade_date": [self.panel.dates[day] for _, day, _ in keys],
            "horizon": [h for _, _, h in keys],
            "p_up": {name: [self.said[key].get(name) for key in keys] for name in names},
        }
        data = {"panel": self.payload, "labelled_stories": {}, "events": self._observations(through)}
        return fit_models(data | {"as_of": self.panel.dates[through], "prequential": prequential})[0]

    def forecast(self, models: Sequence[TrainedModel], day: int) -> None:
        """Of every stock after the close of `day`."""
        items = [item for row in range(len(self.codes)) for item in self._items(row, day)]
        for forecast in score(models, items)[0]:
            key = self.codes.index(forecast.stock_code), day, forecast.horizon
            self.said.setdefault(key, {})[forecast.model] = forecast.p_up

    def _items(self, row: int, day: int) -> list[PredictionItem]:
        sigma = float(self.features.sigmas[row, day])
        if not self.panel.traded[row, day] or not np.isfinite(sigma):
            return []
        values = dict(zip(FEATURES, self.features.values[row, day].tolist(), strict=True))
        places = self.section[row, day]
        new = self.new[row, day][:3]
        return [
            PredictionItem(
                stock_code=self.codes[row],
                asof=self.days[day].closes_at.astimezone(UTC),
                trade_date=self.days[day].trade_date,
                horizon=h,
                base_price_krw=max(1, round(self.panel.closes[row, day])),
                sigma=sigma,
                features={name: value for name, value in values.items() if np.isfinite(value)},
                places=dict(zip(DIRECTION, places.tolist(), strict=True)) if np.isfinite(places).all() else {},
                story_id=new[0].story_id if new else None,
                events=new,
            )
            for h in HORIZONS
        ]

    def skill(self, name: str, horizon: int) -> Estimate:
        """Brier skill of a model against the base rate."""
        y = self.labels[horizon].y
        keys = [key for key in self.said if key[2] == horizon and np.isfinite(y[key[0], key[1]])]
        came = np.array([y[row, day] for row, day, _ in keys])
        days = np.unique([day for _, day, _ in keys], return_inverse=True)[1]
        base, own = (np.array([(self.said[key][who]) for key in keys]) for who in (BASE, name))
        return clustered_ratio((base - came) ** 2 - (own - came) ** 2, (base - came) ** 2, days, horizon)


def _names(story: Story, title: str) -> bool:
    return any(name in title for name in (story.stock.name, *story.stock.aliases))


def walk(history: int, learned: int, *, effects: bool) -> tuple[Walk, TrainedModel]:
    """The forecasts from session `learned` on, and the event member of the last training."""
    found, block, models = Walk(history, effects=effects), None, list[TrainedModel]()
    for day in range(learned, len(found.days) - 1):
        begun = date.toordinal(found.days[day].trade_date) // BLOCK_DAYS
        if begun != block:
            block, models = begun, found.train(day - 1)
        found.forecast(models, day)
    return found, next(model for model in models if model.model == "event")


def measure(quick: bool) -> Figures:
    """With and without effects."""
    size = (260, 150) if quick else (620, 250)
    say("walking through a demo in which news moves prices")
    moved, _ = walk(*size, effects=True)
    figures: Figures = {}
    for h in HORIZONS:
        estimate = moved.skill("event", h)
        figures[f"event_skill_{h}"] = 100 * estimate.value
        figures[f"event_t_{h}"] = estimate.value / estimate.error if estimate.error else 0.0
    say("walking through one in which it moves none")
    still, last = walk(*size, effects=False)
    costs = {f"gate_cost_{h}": max(0.0, -100 * still.skill("gated", h).value) for h in HORIZONS}
    false = sum(len(one["effects"]) for one in last.parameters["horizons"].values())
    return figures | costs | {"false_effects": float(false)}


def main() -> None:
    run("events.effects", __doc__, measure)


if __name__ == "__main__":
    main()
