"""The table of deliveries: what is put in, claimed, delivered or tried again. One sender a channel at a time.

A claim ends by itself, so that a process that dies while sending loses nothing: its lines are sent again. Moments that
lie further ahead than this code ever sets them were written by another clock, and count as over.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, case, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.channels.kinds import CHANNEL_SETTINGS
from backend.channels.request import LONGEST_PAUSE_S
from backend.db.tables.deliveries import Delivery
from backend.domain.operations import Reason
from backend.trouble import CHANNEL_FAILS

LATE_S: Final = 25.0  # so that the other channels are told within 30 s
CLAIM: Final = timedelta(seconds=30)  # three times what one request may take
MAX_LINES: Final = 100  # in one message
KEEP: Final = timedelta(days=30)
GIVE_UP: Final = timedelta(days=7)
_FIRST_PAUSE_S: Final = 2.0
# While it is young a delivery is tried often enough to arrive within 30 s of its channel's recovery.
_PAUSE_S: Final = 20.0
_YOUNG: Final = timedelta(hours=2)
_LATER_PAUSE_S: Final = 300.0
_NOW: Final = func.clock_timestamp()
_WAITS: Final = and_(Delivery.delivered_at.is_(None), Delivery.dropped_at.is_(None))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to tell; `key` says what it is about, and is told once to a channel. `event`: the same for programs."""

    topic: str
    key: str
    line: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What waits for a channel: how many lines, the oldest for `waiting_s` seconds, and why it did not take them."""

    channel: str
    waiting: int
    waiting_s: float
    attempts: int
    error: str | None

    @property
    def is_late(self) -> bool:
        return self.waiting_s > LATE_S


def channel_reason(state: ChannelState) -> Reason:
    """What health says of a channel that is late; the others are told it."""
    setting = CHANNEL_SETTINGS.get(state.channel, "AZAK_WATCHDOG_*")
    values: dict[str, str | int | float] = {"channel": state.channel, "waiting": state.waiting, "setting": setting}
    sentence = CHANNEL_FAILS.sentence.format(**values)
    return Reason(CHANNEL_FAILS.code, state.channel, f"{sentence} ({state.error})" if state.error else sentence, values)


async def put(session: AsyncSession, channels: Collection[str], entries: Sequence[Entry]) -> None:
    """Put `entries` in for every channel; what a channel has already been given is left as it is."""
    rows = [
        {
            "channel": channel, "topic": entry.topic, "key": entry.key, "line": entry.line,
            "event": dict(entry.event),
        }
        for channel in sorted(channels) for entry in entries
    ]  # fmt: skip
    if rows:
        await session.execute(insert(Delivery).values(rows).on_conflict_do_nothing())


async def mark_told(session: AsyncSession, channel: str, keys: Collection[str]) -> None:
    """Entries that were told past the table, while the database was away."""
    told = and_(Delivery.channel == channel, Delivery.key.in_(keys), Delivery.delivered_at.is_(None))
    await session.execute(update(Delivery).where(told).values(delivered_at=_NOW))


def _is_over(moment: ColumnElement[Any], longest: timedelta) -> ColumnElement[bool]:
    return or_(moment <= _NOW, moment > _NOW + longest)


_IS_DUE: Final = _is_over(Delivery.due_at.expression, timedelta(seconds=2 * LONGEST_PAUSE_S))


def _due_channel() -> ColumnElement[bool]:
    """Whether the oldest line of its channel is due: the end of something is never told before its begin."""
    older = aliased(Delivery)
    waits = and_(older.delivered_at.is_(None), older.dropped_at.is_(None))
    return and_(_WAITS, _IS_DUE, ~exists().where(older.channel == Delivery.channel, waits, older.id < Delivery.id))


async def list_due_channels(session: AsyncSession, channels: Collection[str]) -> list[str]:
    """The channels among `channels` for which something is due."""
    query = select(Delivery.channel).where(_due_channel(), Delivery.channel.in_(channels))
    return sorted(await session.scalars(query))


async def claim(session: AsyncSession, channel: str) -> Sequence[Row[Any]]:
    """What waits for a channel, oldest first: id, topic, line, event. Empty while another process sends to it."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"out:{channel}"})
    sending = aliased(Delivery)
    is_busy = exists().where(
        sending.channel == channel, sending.delivered_at.is_(None),
        sending.claimed_until > _NOW, sending.claimed_until <= _NOW + CLAIM,
    )  # fmt: skip
    is_due = select(Delivery.id).where(_due_channel(), Delivery.channel == channel, ~is_busy).exists()
    waiting = select(Delivery.id).where(_WAITS, Delivery.channel == channel, is_due).order_by(Delivery.id)
    ids = (await session.scalars(waiting.limit(MAX_LINES))).all()
    taking = update(Delivery).where(Delivery.id.in_(ids))
    await session.execute(taking.values(claimed_until=_NOW + CLAIM, attempts=Delivery.attempts + 1))
    columns = (Delivery.id, Delivery.topic, Delivery.line, Delivery.event, Delivery.created_at)
    return (await session.execute(select(*columns).where(Delivery.id.in_(ids)).order_by(Delivery.id))).all()


async def record_delivered(session: AsyncSession, ids: Collection[int]) -> None:
    await session.execute(
        update(Delivery).where(Delivery.id.in_(ids)).values(delivered_at=_NOW, claimed_until=None, error=None)
    )


async def record_failed(
    session: AsyncSession, ids: Collection[int], error: str, *, pause_s: float | None = None
) -> None:
    """Try again after a growing pause, or after `pause_s` if the channel asked for longer."""
    grown = func.least(_PAUSE_S, _FIRST_PAUSE_S * func.power(2, func.least(Delivery.attempts, 5) - 1))
    is_young = Delivery.created_at > _NOW - _YOUNG
    wait_s = func.greatest(pause_s or 0.0, case((is_young, grown), else_=_LATER_PAUSE_S))
    due_at = _NOW + func.make_interval(0, 0, 0, 0, 0, 0, wait_s)
    await session.execute(
        update(Delivery).where(Delivery.id.in_(ids)).values(due_at=due_at, claimed_until=None, error=error[:500])
    )


async def list_channel_states(session: AsyncSession) -> list[ChannelState]:
    """Every channel for which something waits that was tried at least once."""
    oldest_s = func.extract("epoch", _NOW - func.min(Delivery.created_at))
    error = func.max(Delivery.error)
    query = select(Delivery.channel, func.count(), oldest_s, func.max(Delivery.attempts), error)
    rows = await session.execute(query.where(_WAITS, Delivery.attempts > 0).group_by(Delivery.channel))
    return [ChannelState(name, count, float(age_s), attempts, why) for name, count, age_s, attempts, why in rows]


async def delete_old_deliveries(session: AsyncSession) -> int:
    """Drop what no channel took in a week, and delete what is over for a month. Returns how many were deleted."""
    await session.execute(update(Delivery).where(_WAITS, Delivery.created_at < _NOW - GIVE_UP).values(dropped_at=_NOW))
    ended = func.coalesce(Delivery.delivered_at, Delivery.dropped_at) < _NOW - KEEP
    return len((await session.execute(delete(Delivery).where(ended).returning(Delivery.id))).all())
