"""Moments to predict at, with the sessions that follow from them: shared by the live jobs, the replay and the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from backend.domain.forecasts import HORIZONS, REST
from backend.domain.knowledge import Knowledge
from backend.krx import Calendar

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AsOf:
    """A moment to predict at.

    `base`: the running session, else the last closed one; horizons count from it. `closed`: the last closed session.
    """

    asof: datetime
    base: date
    closed: date
    news_since: datetime
    entry_ts: datetime
    exits: Mapping[int, date]
    recorded_by: datetime

    @property
    def knowledge(self) -> Knowledge:
        """What may be read for this moment."""
        return Knowledge(self.asof, self.recorded_by)


def plan_moment(calendar: Calendar, asof: datetime, *, recorded_by: datetime | None = None) -> AsOf:
    """When the predicted return begins and ends.

    `recorded_by`: what was stored by then may be read; `asof` itself unless given, as live.

    In a session it begins with the first minute that starts at least 60 s after `asof`, since nobody trades on a
    prediction sooner; else, or when the session closes before, at the next opening. It ends at the close of the session
    `horizon` sessions after the base session.
    """
    running, closed = calendar.at(asof), calendar.last_closed(asof)
    base = (running or closed).trade_date
    entry_ts = calendar.next_open(asof).opens_at
    minute = (asof + _MINUTE).replace(second=0, microsecond=0) + _MINUTE
    if running and minute < running.closes_at:
        entry_ts = minute
    return AsOf(
        asof=asof,
        base=base,
        closed=closed.trade_date,
        news_since=calendar.shift(base, -1).closes_at,
        entry_ts=entry_ts,
        exits={horizon: calendar.shift(base, horizon).trade_date for horizon in (REST, *HORIZONS)},
        recorded_by=recorded_by or asof,
    )
