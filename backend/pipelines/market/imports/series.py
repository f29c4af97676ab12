"""One stock's rows of a file against the calendar and what is stored: what is new, changed, the same, refused."""

import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from backend.domain.market import Basis
from backend.services.market.imported import StoredBar, StoredSpan
from backend.sources.files.bars import FileBar
from backend.sources.files.refusals import Refused

_SAME: Final = 1e-4  # of the price: adjusted closes are rounded to the won or to hundredths
_STEPS_LIMIT: Final = 12  # corporate actions that one new adjustment can hold
_LEAST_OVERLAP: Final = 3


@dataclass(frozen=True, slots=True)
class Stored:
    """What azak has of a stock: its bars on the days of the file, and the span of what files told before."""

    bars: Mapping[date, StoredBar]
    span: StoredSpan | None


@dataclass(slots=True)
class Plan:
    """What an import does with one series. `rebased`: the stored one was adjusted anew and is replaced as a whole."""

    new: list[FileBar] = field(default_factory=list)
    changed: list[FileBar] = field(default_factory=list)
    same: int = 0
    merged: int = 0
    rebased: bool = False
    refused: list[Refused] = field(default_factory=list)

    @property
    def written(self) -> list[FileBar]:
        return self.new + self.changed


def plan_series(rows: Sequence[FileBar], stored: Stored, sessions: AbstractSet[date], last: date, basis: str) -> Plan:
    """`rows`: of one stock. `sessions`: days of the exchange in their range; `last`: the newest one that has closed."""
    plan = Plan()
    kept = list(_on_sessions(_without_doubles(rows, plan), sessions, last, plan))
    if stored.span is not None and stored.span.bases != {basis}:
        plan.refused += [_refuse(bar, "other_basis") for bar in kept]
        return plan
    different: list[FileBar] = []
    for bar in kept:
        known = stored.bars.get(bar.trade_date)
        if known is None:
            plan.new.append(bar)
        elif _agrees(bar, known):
            plan.same += 1
        elif not known.is_of_file:
            plan.refused.append(_refuse(bar, "other_source"))
        else:
            different.append(bar)
    _decide(plan, different, kept, stored, basis)
    return plan


def _decide(plan: Plan, different: list[FileBar], kept: list[FileBar], stored: Stored, basis: str) -> None:
    """A new adjustment replaces the whole series or nothing: two bases in one series would be a jump that never was."""
    if basis == Basis.ADJUSTED and stored.span is not None and _is_rebase(different, kept, stored.bars):
        if stored.span.first < kept[0].trade_date or stored.span.last > kept[-1].trade_date:
            plan.refused += [_refuse(bar, "before_rebase") for bar in plan.new + different]
            plan.new = []
            return
        plan.rebased = True
    plan.changed = different


def _is_rebase(different: Sequence[FileBar], kept: Sequence[FileBar], stored: Mapping[date, StoredBar]) -> bool:
    """Whether the closes differ by few steady factors from the first common day on, as after a split or a dividend."""
    common = [bar for bar in kept if (known := stored.get(bar.trade_date)) is not None and known.is_of_file]
    ratios = [bar.close / stored[bar.trade_date].close for bar in common]
    if not different or abs(ratios[0] - 1) <= _room(common[0]):
        return False
    if len(common) < _LEAST_OVERLAP:  # too few days to tell a correction, so nothing is mixed
        return True
    if len(different) < _LEAST_OVERLAP:
        return False
    steps = sum(
        abs(math.log(after / before)) > 2 * _room(bar)
        for before, after, bar in zip(ratios, ratios[1:], common[1:], strict=False)
    )
    return steps <= min(_STEPS_LIMIT, len(common) // 3)


def _room(bar: FileBar) -> float:
    """How far rounding may move a price: half a won of it, at least."""
    return max(_SAME, 0.51 / bar.close)


def _without_doubles(rows: Sequence[FileBar], plan: Plan) -> Iterator[FileBar]:
    """Rows by day; two of one day that say the same are one, and of those that disagree none is taken."""
    by_day: dict[int, list[FileBar]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    for _, bars in sorted(by_day.items()):
        if all(bar.says_the_same(bars[0]) for bar in bars):
            plan.merged += len(bars) - 1
            yield bars[0]
        else:
            plan.refused += [_refuse(bar, "disagrees") for bar in bars]


def _on_sessions(rows: Iterator[FileBar], sessions: AbstractSet[date], last: date, plan: Plan) -> Iterator[FileBar]:
    for bar in rows:
        day = bar.trade_date
        if day > last:
            plan.refused.append(_refuse(bar, "unfinished"))
        elif day not in sessions:
            plan.refused.append(_refuse(bar, "closed_day"))
        else:
            yield bar


def _agrees(bar: FileBar, known: StoredBar) -> bool:
    prices = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    return prices == (known.open, known.high, known.low, known.close, known.volume)


def _refuse(bar: FileBar, kind: str) -> Refused:
    prices = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    value = " ".join("-" if price is None else f"{price:g}" for price in prices)
    return Refused(bar.line, kind, bar.code, bar.trade_date.isoformat(), value)
