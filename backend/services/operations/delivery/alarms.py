"""Troubles from their begin to their end, and the two lines that each channel is told of one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import Row, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.deliveries import Alarm, Delivery
from backend.domain.operations import Reason
from backend.services.operations.delivery import outbox
from backend.services.operations.delivery.outbox import Entry
from backend.trouble import CHANNEL_FAILS

TOPIC: Final = "alarm"
_KEEP: Final = timedelta(days=180)
_LOCK: Final = 0x617A616B  # "azak"
_NOW: Final = func.clock_timestamp()


async def record(
    session: AsyncSession, found: Sequence[Reason], *, gone: Collection[str], channels: Collection[str]
) -> None:
    """Begin the troubles `found`, end the open ones whose key is in `gone`, and put both in for every channel.

    Any process may call this with what it has seen: a trouble that is open begins no second time. A channel that was
    configured while a trouble lasts is told of it, too.
    """
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    await begin(session, found)
    ended = [row for row in await list_open(session) if f"{row.code}:{row.subject}" in gone]
    if ended:
        ending = update(Alarm).where(Alarm.id.in_([row.id for row in ended]))
        await session.execute(ending.values(ended_at=func.greatest(_NOW, Alarm.began_at)))
    await _put(session, [_began(row) for row in [*ended, *await list_open(session)]], channels)
    await _put(session, [_ended(row) for row in ended], channels)


async def begin(session: AsyncSession, found: Sequence[Reason], *, ago_s: float = 0) -> None:
    """Store the troubles that are not open yet, as of `ago_s` seconds ago."""
    if not found:
        return
    began_at = _NOW - timedelta(seconds=ago_s)
    rows = [
        {"code": reason.code, "subject": reason.subject, "sentence": reason.sentence, "began_at": began_at}
        for reason in found
    ]
    await session.execute(insert(Alarm).values(rows).on_conflict_do_nothing())


async def list_open(session: AsyncSession) -> Sequence[Row[Any]]:
    """Open troubles, oldest first: id, code, subject, sentence, began_at, age_s."""
    age_s = func.extract("epoch", _NOW - Alarm.began_at).label("age_s")
    columns = (Alarm.id, Alarm.code, Alarm.subject, Alarm.sentence, Alarm.began_at, age_s)
    query = select(*columns).where(Alarm.ended_at.is_(None)).order_by(Alarm.began_at, Alarm.id)
    return cast(Sequence[Row[Any]], (await session.execute(query)).all())


async def are_told(session: AsyncSession) -> bool:
    """Whether at least one channel took the begin of every open trouble."""
    key = func.concat(f"{TOPIC}:", Alarm.id, ":began")
    told = exists().where(Delivery.key == key, Delivery.delivered_at.is_not(None))
    return not await session.scalar(select(exists().where(Alarm.ended_at.is_(None), ~told)))


def key_of_begin(alarm_id: int) -> str:
    return f"{TOPIC}:{alarm_id}:began"


async def _put(session: AsyncSession, entries: Sequence[tuple[Row[Any], Entry]], channels: Collection[str]) -> None:
    """A channel is not told that it does not work: it hears of that from the others."""
    for channel in channels:
        told = [entry for row, entry in entries if (row.code, row.subject) != (CHANNEL_FAILS.code, channel)]
        await outbox.put(session, [channel], told)


def _began(row: Row[Any]) -> tuple[Row[Any], Entry]:
    return row, Entry(TOPIC, key_of_begin(row.id), row.sentence, _event(row, "began"))


def _ended(row: Row[Any]) -> tuple[Row[Any], Entry]:
    line = f"Over after {max(1, round(float(row.age_s) / 60))} min: {row.sentence}"
    return row, Entry(TOPIC, f"{TOPIC}:{row.id}:ended", line, _event(row, "ended"))


def _event(row: Row[Any], phase: str) -> Mapping[str, Any]:
    return {
        "phase": phase, "alarm": row.id, "code": row.code, "subject": row.subject, "sentence": row.sentence,
        "began_at": row.began_at.isoformat(),
    }  # fmt: skip


async def delete_old_alarms(session: AsyncSession) -> int:
    old = Alarm.ended_at < func.now() - _KEEP
    return len((await session.execute(delete(Alarm).where(old).returning(Alarm.id))).all())
