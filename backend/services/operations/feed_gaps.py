"""The gaps of the feeds as they are stored: found, tried, closed, and told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.clock import KST
from backend.db.tables.news import News
from backend.db.tables.sources import FeedGapRow
from backend.db.upsert import upsert
from backend.domain.operations import Reason
from backend.domain.outside.feed_gaps import FeedGap
from backend.trouble import NEWS_NOT_SEEN

# A gap that nobody fills is told by health for so long; it stays in the list of gaps.
TOLD_FOR: Final = timedelta(days=1)
LISTED_FOR: Final = timedelta(days=30)
MOST_LISTED: Final = 200
TRY_AGAIN: Final = timedelta(hours=1)
_MOST_NAMED: Final = 5  # gaps in one sentence of health


@dataclass(frozen=True, slots=True)
class StoredGap:
    """An open gap and its id."""

    id: int
    gap: FeedGap


async def is_any_stored(session: AsyncSession, url_keys: Collection[str]) -> bool:
    """Whether an article with one of these keys is stored, from whatever source."""
    found = await session.scalar(select(News.id).where(News.url_key.in_(url_keys)).limit(1)) if url_keys else None
    return found is not None


async def record_gap(session: AsyncSession, gap: FeedGap) -> None:
    """Store a gap; the same one a second time changes nothing."""
    row = {"source": gap.source, "since": gap.since, "until": gap.until, "found_at": clock.now(),
           "next_try_at": clock.now()}  # fmt: skip
    await upsert(session, FeedGapRow, [row], key=["source", "since"])


async def list_due(session: AsyncSession) -> list[StoredGap]:
    """Open gaps whose next try has come, the oldest first."""
    query = select(FeedGapRow).where(FeedGapRow.closed_at.is_(None), FeedGapRow.next_try_at <= clock.now())
    rows = await session.scalars(query.order_by(FeedGapRow.since, FeedGapRow.source))
    return [StoredGap(row.id, FeedGap(row.source, row.since, row.until)) for row in rows]


async def close(session: AsyncSession, ids: Collection[int], *, filled_by: str) -> None:
    """`filled_by` was asked for all of these."""
    values: dict[str, Any] = {"closed_at": clock.now(), "filled_by": filled_by, "reason": None, "next_try_at": None}
    await session.execute(update(FeedGapRow).where(FeedGapRow.id.in_(ids)).values(values))


async def keep_open(session: AsyncSession, gap_id: int, reason: str, *, next_try_at: datetime | None) -> None:
    """It could not be filled for `reason`; `next_try_at` None: and never can be."""
    values: dict[str, Any] = {"reason": reason, "next_try_at": next_try_at}
    await session.execute(update(FeedGapRow).where(FeedGapRow.id == gap_id).values(values))


async def list_gaps(session: AsyncSession) -> list[dict[str, Any]]:
    """Open gaps, and those closed in the last 30 days, the newest first; at most 200."""
    columns = FeedGapRow.__table__.columns
    recent = FeedGapRow.closed_at > clock.now() - LISTED_FOR
    query = select(*columns).where(or_(FeedGapRow.closed_at.is_(None), recent))
    rows = await session.execute(query.order_by(FeedGapRow.found_at.desc(), FeedGapRow.id.desc()).limit(MOST_LISTED))
    return [dict(row) for row in rows.mappings()]


async def list_reasons(session: AsyncSession) -> list[Reason]:
    """What health says of open gaps that were found within a day, one for each reason why they are open.

    Its value `why`: `next` not tried yet, `again` tried and tried again, `never` tried and lost.
    """
    is_new = FeedGapRow.found_at > clock.now() - TOLD_FOR
    query = select(FeedGapRow).where(FeedGapRow.closed_at.is_(None), is_new)
    told: dict[str, tuple[str, list[FeedGap]]] = {}
    for row in await session.scalars(query.order_by(FeedGapRow.since, FeedGapRow.source)):
        reason = row.reason or "it is filled at the next 'crawl_news'."
        why = "next" if row.reason is None else "never" if row.next_try_at is None else "again"
        told.setdefault(reason, (why, []))[1].append(FeedGap(row.source, row.since, row.until))
    return [_reason(gaps, why, reason) for reason, (why, gaps) in told.items()]


def _reason(gaps: Sequence[FeedGap], why: str, reason: str) -> Reason:
    sentence = f"News was not seen ({_named(gaps)}): {reason}"
    first, last = min(gap.since for gap in gaps), max(gap.until for gap in gaps)
    sources = ", ".join(sorted({gap.source for gap in gaps}))
    values: dict[str, str | int | float] = {
        "sources": sources, "gaps": len(gaps), "since": f"{first.astimezone(KST):%Y-%m-%d %H:%M}",
        "until": f"{last.astimezone(KST):%Y-%m-%d %H:%M}", "why": why,
    }  # fmt: skip
    return Reason(NEWS_NOT_SEEN.code, sentence, sentence, values)


def _named(gaps: Sequence[FeedGap]) -> str:
    more = f" and {len(gaps) - _MOST_NAMED} more" if len(gaps) > _MOST_NAMED else ""
    return ", ".join(f"{gap.source} {tell_span(gap)}" for gap in gaps[:_MOST_NAMED]) + more


def tell_span(gap: FeedGap) -> str:
    """The span of a gap in Korean time."""
    first, last = gap.since.astimezone(KST), gap.until.astimezone(KST)
    day = "" if last.date() == first.date() else f"{last:%Y-%m-%d }"
    return f"{first:%Y-%m-%d %H:%M} to {day}{last:%H:%M}"
