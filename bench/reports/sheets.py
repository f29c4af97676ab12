"""Fact sheets of one invented trading day, the same from the same seed: what bench.reports writes reports of."""

import itertools
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from backend.domain.members import MemberStanding
from backend.domain.understanding.event_studies import StudyVerdict
from backend.domain.understanding.event_types import BY_ID
from backend.reports.fact_sheet import (
    CaseFacts,
    FactSheet,
    FittingStory,
    ForecastFacts,
    MoveFacts,
    PreviousReport,
    PriceFacts,
    RecordFacts,
    StoryFacts,
)
from backend.reports.same_event import fold
from backend.reports.sheet_parts import ExpectedMove, FlowFacts, StudyFacts, WorldFacts
from bench.reports.events import COMPANIES, PUBLISHERS, ROWS, Row

NOW: Final = datetime(2026, 11, 20, 6, 40, tzinfo=UTC)
_BARS: Final = (date(2025, 11, 20), date(2026, 11, 20))
_EXITS: Final = {1: date(2026, 11, 23), 3: date(2026, 11, 25), 5: date(2026, 11, 27)}
_BAND: Final = (-1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645)
_WORLD: Final = (
    WorldFacts("nasdaq", date(2026, 11, 19), -0.0083),
    WorldFacts("sox", date(2026, 11, 19), -0.0142),
    WorldFacts("usdkrw", date(2026, 11, 19), 0.0021),
)
_MARKET: Final = {"KOSPI": (0.0061, -0.0079), "KOSDAQ": (-0.0034, -0.0121)}
_RECORD: Final = (
    RecordFacts(1, "live", "all", 1_479, 74, 0, None, None, None, None, 1_183),
    RecordFacts(3, "live", "all", 1_439, 72, 0, None, None, None, None, 1_127),
    RecordFacts(5, "live", "all", 1_399, 70, 0, None, None, None, None, 1_098),
)


def names() -> set[str]:
    """Every name that can stand in the reports of these sheets."""
    return {*COMPANIES, *PUBLISHERS, *(row[5] for row in ROWS)}


def make_sheets(count: int, *, seed: int = 1, stories: int | None = None) -> list[FactSheet]:
    """Sheets of `count` companies; `stories` each, else one to four."""
    chance = random.Random(seed)
    studies = _studies(chance)
    rows = itertools.cycle(chance.sample(ROWS, len(ROWS)))  # no two companies have the same news while there is other
    return [_sheet(chance, number, rows, studies, stories) for number in range(count)]


def _sheet(
    chance: random.Random,
    number: int,
    rows: Iterator[Row],
    studies: Mapping[tuple[str, str], tuple[StudyFacts, ...]],
    stories: int | None,
) -> FactSheet:
    name = COMPANIES[number % len(COMPANIES)]
    market = "KOSPI" if number % 3 else "KOSDAQ"
    sigma = round(chance.uniform(0.012, 0.034), 5)
    price = round(chance.uniform(4_000, 400_000), -2)
    many = stories or chance.choice((1, 1, 2, 2, 3, 4))
    told = fold([_story(chance, next(rows), name, 10 * number + n, price) for n in range(many)])
    move = _move(chance, market, sigma, told)
    forecasts = tuple(_forecast(chance, horizon, int(price), sigma) for horizon in _EXITS)
    usual = {horizon: round(0.8 * sigma * horizon**0.5 * chance.uniform(0.8, 1.2), 5) for horizon in _EXITS}
    before = int(price / (1 + move.move * 0.8))
    return FactSheet(
        stock_code=f"{100_000 + 10 * number:06d}", stock_name=name, market=market, asof=NOW, trigger="story",
        price=PriceFacts(
            last_krw=int(price), at=NOW, source="quotes", day_return=move.move,
            five_day_return=round(chance.gauss(0, 2.2 * sigma), 5), market_day_return=_MARKET[market][0],
            market_five_day_return=_MARKET[market][1], sigma_day=sigma, volume=chance.randint(40_000, 9_000_000),
            volume_z=round(chance.gauss(0.4, 1.2), 2), bars_from=_BARS[0], bars_to=_BARS[1],
        ),
        stories=told, stories_since_days=7, forecasts=forecasts, cases=_cases(chance, told, number), record=_RECORD,
        gaps=("valuation",) if number % 4 else ("flows", "valuation"), model="gated",
        model_version="2026-11-19-1a2b3c4d", news_sources=("dart", "hankyung", "mk"),
        previous=None if number % 5 == 0 else _previous(chance, before, move.move, forecasts, number),
        move=move, told_story=_subject(told).story_id,
        studies=tuple(study for kind in dict.fromkeys((s.event_type, s.sign) for s in told) for study in studies[kind]),
        expected=tuple(
            ExpectedMove(horizon, round(mean * (0.7 + number % 10 / 10), 5), mean) for horizon, mean in usual.items()
        ),
        flows=_flows(chance) if number % 4 else (), world=_WORLD, next_session=_EXITS[1],
    )  # fmt: skip


def _story(chance: random.Random, row: Row, name: str, number: int, price: float) -> StoryFacts:
    event_type, sign, stage, title, amount, counterparty, share, surprise = row
    value = price * 1e6 * chance.uniform(4, 60)
    known_at = NOW - timedelta(hours=1 + 7 * (number % 10), minutes=chance.randint(0, 59))
    return StoryFacts(
        10_000 + number, 20_000 + number, title.format(name=name), chance.choice(PUBLISHERS), known_at,
        chance.randint(1, 9), event_type, sign, BY_ID[event_type].weight, stage, amount, counterparty, share, surprise,
        None if amount is None else round(amount / value, 5),
    )  # fmt: skip


def _move(chance: random.Random, market: str, sigma: float, told: tuple[StoryFacts, ...]) -> MoveFacts:
    first = told[0]
    side = {"+": 1.0, "-": -1.0, "reversed": -1.0}.get(first.sign, 0.0)
    sigmas = chance.gauss(1.7 * side, 0.9)
    own = round(sigmas * sigma, 6)
    parts = {"market": _MARKET[market][0], "industry": round(chance.gauss(0, 0.006), 6), "own": own}
    if chance.random() < 0.2:
        parts.pop("industry")
    fits = abs(sigmas) >= 1 and side * sigmas > 0
    cause = "usual" if abs(sigmas) < 1 else "story" if fits else "no_story"
    stories = (FittingStory(first.news_id, first.title),) if fits else ()
    return MoveFacts(round(sum(parts.values()), 6), parts, round(sigmas, 6), cause, stories)


def _forecast(chance: random.Random, horizon: int, price: int, sigma: float) -> ForecastFacts:
    base = 0.457
    lean = round(chance.gauss(0, 0.012), 6)
    wide = sigma * horizon**0.5 * chance.uniform(0.9, 1.25)
    quantiles = tuple(round(price * (1 + z * wide)) for z in _BAND)
    return ForecastFacts(
        horizon=horizon, p_up=round(base + lean, 6), verdict="lean" if abs(lean) > 0.004 else "none", lean=lean,
        direction="hold", confidence=0.03, base_rate=base,
        proof={"n": 870, "n_days": 187, "blocks": 93, "net": -0.0021, "low": -0.0063},
        gate_state={"state": MemberStanding.TRAINED},
        weights={"price": 0.3, "knn": 0.0}, base_price_krw=price, quantiles_krw=quantiles,
        band_width=round((quantiles[5] - quantiles[1]) / price, 4), exit_trade_date=_EXITS[horizon], asof=NOW,
    )  # fmt: skip


def _previous(
    chance: random.Random, before: int, move: float, forecasts: tuple[ForecastFacts, ...], number: int
) -> PreviousReport:
    asof = NOW - timedelta(hours=chance.choice((2, 5, 20)), minutes=chance.randint(0, 50))
    p_up = {str(forecast.horizon): round(forecast.p_up - chance.gauss(0, 0.01), 6) for forecast in forecasts}
    return PreviousReport(500 + number, asof, before, round(move * 0.8, 5), p_up, dict.fromkeys(p_up, "hold"))


def _subject(told: tuple[StoryFacts, ...]) -> StoryFacts:
    return max(told, key=lambda story: story.materiality)


def _cases(chance: random.Random, told: tuple[StoryFacts, ...], number: int) -> tuple[CaseFacts, ...]:
    head = _subject(told)
    found = []
    for n in range(chance.randint(0, 4)):
        other = COMPANIES[(number + 7 * n + 3) % len(COMPANIES)]
        title = head.title.replace(COMPANIES[number % len(COMPANIES)], other)
        day = NOW - timedelta(days=chance.randint(20, 700))
        returns = round(chance.gauss(0.002, 0.02), 4), round(chance.gauss(0.004, 0.04), 4)
        found.append(CaseFacts(7_000 + 10 * number + n, title, "100000", other, day, 0.97 - 0.01 * n, *returns))
    return tuple(found)


def _flows(chance: random.Random) -> tuple[FlowFacts, ...]:
    day = date(2026, 11, 19)
    foreign, institution = chance.randint(-400_000, 400_000), chance.randint(-200_000, 200_000)
    newest = {"foreign": foreign, "institution": institution, "individual": -foreign - institution}
    return tuple(
        FlowFacts(kind, day, shares, 5, shares + chance.randint(-500_000, 500_000), chance.randint(1, 5))
        for kind, shares in newest.items()
    )


def _studies(chance: random.Random) -> dict[tuple[str, str], tuple[StudyFacts, ...]]:
    found: dict[tuple[str, str], tuple[StudyFacts, ...]] = {}
    for event_type, sign in dict.fromkeys((row[0], row[1]) for row in ROWS):
        n = chance.choice((3, 7, 19, 31, 64, 140, 388))
        mean = {"+": 0.006, "-": -0.011, "reversed": -0.009}.get(sign, 0.0) * chance.uniform(0.3, 1.5)
        rows = []
        for horizon in _EXITS:
            wide = 0.03 * (horizon / n) ** 0.5
            few = n < 10
            effect = abs(mean) > wide
            verdict = StudyVerdict.TOO_FEW if few else StudyVerdict.EFFECT if effect else StudyVerdict.NONE
            low, high = (None, None) if few else (round(mean - wide, 6), round(mean + wide, 6))
            rows.append(
                StudyFacts(event_type, sign, horizon, n, max(1, n - 2), round(mean, 6), low, high, verdict.value)
            )
        found[event_type, sign] = tuple(rows)
    return found
