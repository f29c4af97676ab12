"""After bars were stored: the factors of corporate actions, and the flags of bars that lie.

Both rest on all that is stored, so a check looks at every stock over the sessions from the first that changed, and at
some before them. What it finds is told in the run's detail and log.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from backend import clock
from backend.db.recording import take_recording_moment
from backend.domain.market import BarFlag
from backend.krx import Calendar, TradingDay
from backend.pipelines.context import RunContext
from backend.services.market import bar_flags, corporate_actions
from backend.services.market.bar_flags import StockColumns
from backend.services.market.corporate_actions import ActionRow, Adjustment
from backend.stats.bars.factors import agree, told_factors
from backend.stats.bars.flaws import LOOK_BACK, StockBars, find_flaws

# Said of sessions whose bars are no flaw of a source.
_USUAL: Final = frozenset({BarFlag.NO_TRADE})
Told = Mapping[date, Mapping[str, float | None]]


@dataclass(slots=True)
class Checked:
    """`adjusted`: bars with another factor; `flagged`: bars with other flags; `missing`: sessions without any bar."""

    adjusted: int = 0
    flagged: int = 0
    found: Counter[str] = field(default_factory=Counter)
    missing: list[date] = field(default_factory=list)

    @property
    def detail(self) -> dict[str, int]:
        counts = {"flagged": self.flagged, "missing_sessions": len(self.missing)}
        counts |= {f"flag.{name}": number for name, number in sorted(self.found.items())}
        return {"adjusted": self.adjusted} | {name: number for name, number in counts.items() if number}


async def check_bars(context: RunContext, codes: Collection[str], first: date) -> Checked:
    """Adjust the bars of `codes` for what is known of their actions, and flag all bars from the session `first` on."""
    sessions = _sessions(context, first)
    days = [session.trade_date for session in sessions]
    async with context.read() as session:
        columns = await bar_flags.load_columns(session, days)
        stored = await corporate_actions.list_told(session, columns)
    told = [row for code in codes if code in columns for row in _told(code, columns[code], sessions, stored)]
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        await corporate_actions.upsert_actions(session, told, recorded_at=recorded_at)
    async with context.read() as session:
        stored = await corporate_actions.list_told(session, columns)
        before = await corporate_actions.list_closes_before(session, columns)
    begin = next((t for t, day in enumerate(days) if day >= first), len(days))
    stocks = {
        code: build_stock(own, days, stored.get(code, {}), before.get(code, {}), begin) for code, own in columns.items()
    }
    flags = await asyncio.to_thread(find_flaws, stocks, begin)
    changed = [row for code in flags for row in _changed(code, columns[code], days, flags[code], first)]
    checked = Checked(found=_count(columns, flags, days, first), missing=_missing(columns, days, first))
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        for code in sorted(set(codes) & columns.keys()):
            actions = _agreed(context.calendar, stored.get(code, {}), before.get(code, {}))
            checked.adjusted += await corporate_actions.adjust_earlier_bars(
                session, code, actions, recorded_at=recorded_at
            )
        checked.flagged = await bar_flags.record_flags(session, changed, recorded_at=recorded_at)
    await _tell(context, checked)
    return checked


def _sessions(context: RunContext, first: date) -> list[TradingDay]:
    """From LOOK_BACK sessions before `first` to the last that closed."""
    calendar = context.calendar
    oldest = calendar.between(first, calendar.last_closed(clock.now()).trade_date)
    begin = calendar.shift(oldest[0].trade_date, -LOOK_BACK).trade_date if oldest else first
    return calendar.between(begin, calendar.last_closed(clock.now()).trade_date)


def _told(code: str, own: StockColumns, sessions: Sequence[TradingDay], stored: Mapping[str, Told]) -> list[ActionRow]:
    """What base prices tell: an action where they differ from the close before, or that there is none after all."""
    rows = []
    for source, bases in own.bases.items():
        for t, factor in told_factors(_stock(own, bases, [1.0] * len(sessions))).items():
            day = sessions[t]
            others = stored.get(code, {}).get(day.trade_date, {})
            is_action = agree({"base": factor, "none": 1.0}, own.closes[t - 1]) is None
            if is_action or others:
                rows.append(ActionRow(code, day.trade_date, source, factor, day.closes_at))
    return rows


def _stock(own: StockColumns, bases: Sequence[float | None], factors: Sequence[float | None]) -> StockBars:
    return StockBars(own.opens, own.highs, own.lows, own.closes, own.volumes, bases, own.adjusted, factors, own.limited)


def build_stock(
    own: StockColumns, days: Sequence[date], told: Told, closes: Mapping[date, float], begin: int
) -> StockBars:
    """The columns in which flaws are found, with the base of the first source that told one.

    `closes`: the last ones before the sessions of `told`. Sessions before `begin` were looked at before; a volume that
    was found broken there is none.
    """
    bases = [next((base for base in told_bases if base is not None), None) for told_bases in _by_day(own, len(days))]
    factors = [agree(told[day], closes.get(day)) if day in told else 1.0 for day in days]
    volumes = [
        None if t < begin and BarFlag.VOLUME_BREAK in found else volume
        for t, (volume, found) in enumerate(zip(own.volumes, own.flags, strict=True))
    ]
    return _stock(replace(own, volumes=volumes), bases, factors)


def _by_day(own: StockColumns, length: int) -> list[tuple[float | None, ...]]:
    return list(zip(*own.bases.values(), strict=True)) if own.bases else [()] * length


def _agreed(calendar: Calendar, told: Told, closes: Mapping[date, float]) -> list[Adjustment]:
    """The factors that sources agree on. `closes`: the last before those sessions; they say how large a tick is."""
    factors = {day: agree(by_source, closes.get(day)) for day, by_source in told.items()}
    return [
        Adjustment(day, factor, session.opens_at)
        for day, factor in factors.items()
        if factor is not None
        for session in calendar.between(day, day)
    ]


def _changed(
    code: str, own: StockColumns, days: Sequence[date], flags: Sequence[set[BarFlag]], first: date
) -> list[dict[str, Any]]:
    """Bars whose flags are not the stored ones; that a row was unfinished only its own source can take back."""
    rows = []
    for day, found, before, close in zip(days, flags, own.flags, own.closes, strict=True):
        now = found | (before & {BarFlag.UNFINISHED})
        if close is not None and day >= first and now != before:
            rows.append({"stock_code": code, "trade_date": day, "flags": " ".join(sorted(now))})
    return rows


def _count(
    columns: Mapping[str, StockColumns], flags: Mapping[str, Sequence[set[BarFlag]]], days: Sequence[date], first: date
) -> Counter[str]:
    return Counter(
        flag.value
        for code in columns
        for day, found in zip(days, flags[code], strict=True)
        if day >= first
        for flag in found
    )


def _missing(columns: Mapping[str, StockColumns], days: Sequence[date], first: date) -> list[date]:
    """Sessions between the first and the last with a bar that have none: the sources left them out."""
    full = [any(own.closes[t] is not None for own in columns.values()) for t in range(len(days))]
    if True not in full:
        return []
    begin, end = full.index(True), len(full) - 1 - full[::-1].index(True)
    return [day for t, day in enumerate(days) if begin < t < end and not full[t] and day >= first]


async def _tell(context: RunContext, checked: Checked) -> None:
    lies = {name: number for name, number in checked.found.items() if name not in _USUAL}
    if lies and checked.flagged:
        found = ", ".join(f"{name} {number}" for name, number in sorted(lies.items()))
        await context.log(f"Bars that are not used, by what is wrong with them: {found}.", level="warning", **lies)
    if checked.missing:
        days = ", ".join(map(str, checked.missing[:20]))
        await context.log(
            f"No source has a bar of {len(checked.missing)} sessions of the calendar: {days}.", level="warning"
        )
