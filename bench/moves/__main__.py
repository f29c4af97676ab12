"""`python -m bench.moves [--quick] [--json FILE]`: does azak name what moved a stock, and nothing where nothing did?

Worlds of the demo (20 seeds, or 4), in which it is known what moves prices. Their articles are read by azak's own
rules and their bars by its market model; no process, no database. Of the stock-days with an own move over 2 sigmas:

- planted_days: those on which a planted event begins to work, the way the stock moved; planted_named: the share of them
  where its story is the first cause named (must be >= .9), planted_listed: the share where it is one of them.
- quiet_days: those without an article about the stock since the opening before; wrong_on_quiet_days: of them, those
  with a cause (must be 0).
- without_effect: causes of a kind that moves nothing, where a study of each kind says so (must be 0); studied_causes:
  first causes named then, studied_true: the share of them whose event works in that session.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from backend.demo.world.newsroom import DemoArticle
from backend.demo.world.stocks import SPLIT_RATIO
from backend.demo.world.story_plan import DRIFT, Story
from backend.demo.world.world import World
from backend.domain.market import WatchedStock
from backend.domain.news import Article, Flag, NewsKind, Precision
from backend.domain.stock_days import MINIMUM_SIGMA_BARS
from backend.domain.understanding.moves import CandidateStory
from backend.models.fitting import market_model
from backend.stats.moves.causes import OwnMove, list_causes
from backend.stats.moves.split import ObservedMove, split_moves
from backend.text.linking import StockNames
from backend.text.reading import read
from bench.harness.command import Figures, run, say

START: Final = datetime.fromisoformat("2026-11-23T09:00:00+09:00")
SEEDS: Final = 20
LARGE: Final = 2.0  # own sigmas
# As the database counts a link (counting_links_as_of).
_COUNTS_FROM: Final = 0.5
_NOT_COUNTED: Final = {Flag.ROUNDUP, Flag.REPORTS_PRICE}
Kind = tuple[str, str]  # type and sign of an event


@dataclass(frozen=True)
class Read:
    """What azak makes of a world's articles: of each stock its first texts of the stories about it, by story id.

    `mentions`: the moments of all articles about a stock. `no_effect`: kinds of which no story moves a price.
    """

    stories: dict[str, list[CandidateStory]]
    planted: dict[int, Story]
    mentions: dict[str, list[datetime]]
    no_effect: set[Kind]


def read_articles(world: World) -> Read:
    names = StockNames([WatchedStock(one.code, one.name, one.market, one.aliases) for one in world.plan.stocks])
    found = Read({}, {}, {}, set())
    kinds: dict[Kind, set[bool]] = {}
    seen: set[tuple[str, int]] = set()
    for window in range(world.sessions.count):
        for story, article in world.newsroom.told(window):
            reading = read(names, _article(article))
            number = window * 100 + story.number
            found.planted[number] = story
            event = reading.event
            kinds.setdefault((event.type, event.sign), set()).add(story.effect_sigma != 0)
            for link in reading.links:
                found.mentions.setdefault(link.stock_code, []).append(article.published_at)
                counts = link.confidence >= _COUNTS_FROM and not reading.flags & _NOT_COUNTED
                if counts and (link.stock_code, number) not in seen:
                    seen.add((link.stock_code, number))
                    told = CandidateStory(
                        number, article.published_at, event.scope, event.type, event.sign, reading.materiality
                    )
                    found.stories.setdefault(link.stock_code, []).append(told)
    found.no_effect.update(kind for kind, effects in kinds.items() if effects == {False})
    return found


def _article(article: DemoArticle) -> Article:
    paper = article.publisher
    return Article(
        "demo", paper.name, NewsKind.ARTICLE, article.url, article.url, article.title, article.snippet,
        article.published_at, Precision.SECOND,
    )  # fmt: skip


def _panel(world: World) -> dict[str, Any]:
    """Adjusted closes and opens of all stocks, as services.forecasts.forecasting.load_panel gives them."""
    sessions = range(world.sessions.count)
    stocks = world.plan.stocks
    bars = {one.code: [world.market.bar(one.code, number) for number in sessions] for one in stocks}

    def column(name: str) -> list[list[float | None]]:
        return [
            [
                None
                if bar.halted
                else getattr(bar, name) / (SPLIT_RATIO if world.market.is_before_split(one.code, number) else 1)
                for number, bar in enumerate(bars[one.code])
            ]
            for one in stocks
        ]

    closes = column("close")
    index = {name: [world.market.bar(name, number).close for number in sessions] for name in ("KOSPI", "KOSDAQ")}
    return {
        "dates": [str(world.sessions.day(number).trade_date) for number in sessions],
        "codes": [one.code for one in stocks], "markets": [str(one.market) for one in stocks],
        "open": column("open"), "high": column("high"), "low": column("low"), "close": closes,
        "volume": [[bar.volume for bar in bars[one.code]] for one in stocks],
        "raw_close": closes, "index": index,
    }  # fmt: skip


def split_sessions(world: World) -> Iterator[tuple[int, dict[str, float]]]:
    """Own parts in sigmas by stock, of each session that has a market model before it."""
    panel = _panel(world)
    returns = market_model.market_days({"panel": panel})["returns"]
    asked = {"panel": panel | {"market_returns": returns}, "since": dict.fromkeys(panel["codes"], panel["dates"][0])}
    model = market_model.stock_days(asked)
    for number in range(MINIMUM_SIGMA_BARS + 1, world.sessions.count):
        observed = []
        for row, code in enumerate(panel["codes"]):
            before, close = panel["close"][row][number - 1], panel["close"][row][number]
            if before is None or close is None:
                continue
            beta, sigma = model[code]["beta"][number - 1], model[code]["sigma"][number - 1]
            observed.append(ObservedMove(code, panel["markets"][row], None, close / before - 1, beta, sigma))
        markets = {name: values[number] for name, values in returns.items()}
        yield number, {code: split.own_sigmas for code, split in split_moves(observed, markets).items()}


def measure_world(seed: int) -> Counter[str]:
    world = World(START, 60, seed)
    told, found = read_articles(world), Counter[str]()
    before: dict[str, float] = {}
    for number, sigmas in split_sessions(world):
        for code, own in sigmas.items():
            if abs(own) < LARGE:
                continue
            opened, closed = world.sessions.day(number - 1).opens_at, world.sessions.day(number - 1).closes_at
            until = world.sessions.day(number).closes_at
            move = OwnMove(own, opened, closed, until, before.get(code))
            _judge(found, told, move, code, number)
        before = sigmas
    return found


def _judge(found: Counter[str], told: Read, move: OwnMove, code: str, session: int) -> None:
    """Count one stock-day."""
    stories = told.stories.get(code, [])
    named = [told.planted[cause.story_id] for cause in list_causes(move, stories)]
    worked = [
        story for story in told.planted.values()
        if story.stock.code == code and story.enters == session and story.effect_sigma * move.sigmas > 0
    ]  # fmt: skip
    found["days"] += 1
    if worked:
        found["planted_days"] += 1
        found["named"] += named[:1] != [] and named[0] in worked
        found["listed"] += any(story in worked for story in named)
    if not any(move.session_before <= moment <= move.until for moment in told.mentions.get(code, ())):
        found["quiet_days"] += 1
        found["wrong_on_quiet_days"] += bool(named)
    studied = [told.planted[cause.story_id] for cause in list_causes(move, stories, no_effect=told.no_effect)]
    found["without_effect"] += sum(story.effect_sigma == 0 for story in studied)
    found["studied_causes"] += bool(studied)
    works = studied and studied[0].effect_sigma * move.sigmas > 0 and 0 <= session - studied[0].enters < len(DRIFT)
    found["studied_true"] += bool(works)


def measure(quick: bool) -> Figures:
    found = Counter[str]()
    seeds = range(1, 1 + (SEEDS // 5 if quick else SEEDS))
    for seed in seeds:
        found += measure_world(seed)
        say(f"world {seed} of {len(seeds)}: {found['named']} of {found['planted_days']} planted events named")
    return {
        "worlds": len(seeds),
        "days_over_2_sigmas": found["days"],
        "planted_days": found["planted_days"],
        "planted_named": found["named"] / found["planted_days"],
        "planted_listed": found["listed"] / found["planted_days"],
        "quiet_days": found["quiet_days"],
        "wrong_on_quiet_days": found["wrong_on_quiet_days"],
        "without_effect": found["without_effect"],
        "studied_causes": found["studied_causes"],
        "studied_true": found["studied_true"] / max(found["studied_causes"], 1),
    }


def main() -> None:
    run("moves", __doc__, measure)


if __name__ == "__main__":
    main()
