"""What a brief of the whole watchlist may say, chosen from the fact sheets of its stocks. Moves are fractions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from backend import codec
from backend.domain.reports import BriefKind
from backend.domain.understanding.events import NO_TYPE
from backend.domain.understanding.moves import USUAL_SIGMAS
from backend.reports.fact_sheet import FactSheet, StoryFacts
from backend.reports.report_page import fitting_stories
from backend.reports.sheet_parts import ExpectedMove, WorldFacts

NAMED: Final = 3  # stocks a line


@dataclass(frozen=True, slots=True)
class BriefStock:
    """A stock in a brief: its event, or that which fits its move (None: none is known), its move, the expected one."""

    stock_code: str
    stock_name: str
    story: StoryFacts | None
    move: float | None
    expected: ExpectedMove | None


@dataclass(frozen=True, slots=True)
class BriefFacts:
    """`markets`: returns by market. `news`: stocks with the most material events since `since`; `more`: how many others
    have some. `movers`: beyond the usual, largest first. `watch`: where the next session's move is to be largest
    against the usual. `dates`: stocks whose base price changes in `trade_date`."""

    kind: BriefKind
    trade_date: date
    asof: datetime
    since: datetime
    stocks: int
    markets: Mapping[str, float]
    world: tuple[WorldFacts, ...]
    risen: int
    fallen: int
    news: tuple[BriefStock, ...]
    more: int
    movers: tuple[BriefStock, ...]
    watch: tuple[BriefStock, ...]
    dates: tuple[str, ...]
    next_session: date | None


def choose(
    sheets: Sequence[FactSheet],
    *,
    kind: BriefKind,
    trade_date: date,
    asof: datetime,
    since: datetime,
    next_session: date | None,
) -> BriefFacts:
    """The facts of a brief. `since`: from when events are new; `trade_date`: the session that the brief is about."""
    news = [found for sheet in sheets if (found := _newest(sheet, since)) is not None]
    news.sort(key=lambda stock: (-stock.story.materiality if stock.story else 0, stock.stock_code))
    moved = [sheet for sheet in sheets if sheet.move is not None and abs(sheet.move.own_sigmas) >= USUAL_SIGMAS]
    moved.sort(key=lambda sheet: -abs(sheet.move.own_sigmas) if sheet.move else 0)
    moves = [sheet.move.move for sheet in sheets if sheet.move is not None]
    return BriefFacts(
        kind=kind, trade_date=trade_date, asof=asof, since=since, stocks=len(sheets), markets=_markets(sheets),
        world=sheets[0].world if sheets else (), risen=sum(move > 0 for move in moves),
        fallen=sum(move < 0 for move in moves), news=tuple(news[:NAMED]), more=max(0, len(news) - NAMED),
        movers=tuple(_mover(sheet) for sheet in moved[:NAMED]), watch=_watched(sheets),
        dates=tuple(s.stock_name for s in sheets if any(found.on == trade_date for found in s.dates)),
        next_session=next_session,
    )  # fmt: skip


def _markets(sheets: Sequence[FactSheet]) -> dict[str, float]:
    """Of stocks with a split move, whose market return is that of their market and not the mean of the watched ones."""
    found: dict[str, float] = {}
    for sheet in sheets:
        if sheet.move is not None and sheet.price is not None and sheet.price.market_day_return is not None:
            found.setdefault(sheet.market, sheet.price.market_day_return)
    return dict(sorted(found.items(), reverse=True))


def _newest(sheet: FactSheet, since: datetime) -> BriefStock | None:
    new = [story for story in sheet.stories if story.known_at > since and story.event_type != NO_TYPE]
    best = max(new, key=lambda story: (story.materiality, story.known_at), default=None)
    return None if best is None else BriefStock(sheet.stock_code, sheet.stock_name, best, None, None)


def _mover(sheet: FactSheet) -> BriefStock:
    cause = next(iter(fitting_stories(sheet)), None)
    return BriefStock(sheet.stock_code, sheet.stock_name, cause, sheet.move.move if sheet.move else None, None)


def _watched(sheets: Sequence[FactSheet]) -> tuple[BriefStock, ...]:
    found = []
    for sheet in sheets:
        expected = next((move for move in sheet.expected if move.horizon == 1), None)
        if expected is not None and expected.move > expected.usual > 0:
            found.append((expected.move / expected.usual, sheet, expected))
    found.sort(key=lambda item: (-item[0], item[1].stock_code))
    return tuple(BriefStock(s.stock_code, s.stock_name, None, None, expected) for _, s, expected in found[:NAMED])


def to_json(facts: BriefFacts) -> dict[str, Any]:
    return codec.encode(BriefFacts, [facts])[0]
