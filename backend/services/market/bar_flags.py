"""Columns of stored bars for finding those that lie, and the flags that were found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.market import BarFlag, Basis


@dataclass(frozen=True, slots=True)
class StockColumns:
    """Stored bars of one stock, one entry a session and None without a bar; `flags` as they are stored.

    `bases`: by source the base price that it told. `limited`: whether the session had price limits.
    `adjusted`: None of an adjusted bar that was stored on its own day, when there was nothing to adjust yet.
    """

    opens: Sequence[float | None]
    highs: Sequence[float | None]
    lows: Sequence[float | None]
    closes: Sequence[float | None]
    volumes: Sequence[int | None]
    adjusted: Sequence[bool | None]
    flags: Sequence[frozenset[BarFlag]]
    bases: Mapping[str, Sequence[float | None]]
    limited: Sequence[bool]


async def load_columns(session: AsyncSession, days: Sequence[date]) -> dict[str, StockColumns]:
    """Every stock with a bar in the sessions `days`, oldest first."""
    positions = {day: n for n, day in enumerate(days)}
    bases: dict[str, dict[str, list[float | None]]] = {}
    limited: dict[str, list[bool]] = {}
    for row in await session.execute(_BASES, {"days": list(days)}):
        if not row.is_limited:
            limited.setdefault(row.stock_code, [True] * len(days))[positions[row.trade_date]] = False
        if row.base_price_krw is not None:
            own = bases.setdefault(row.stock_code, {})
            own.setdefault(row.source, [None] * len(days))[positions[row.trade_date]] = row.base_price_krw
    rows = await session.execute(_COLUMNS, {"days": list(days)})
    return {
        row.stock_code: StockColumns(
            opens=row.opens,
            highs=row.highs,
            lows=row.lows,
            closes=row.closes,
            volumes=row.volumes,
            adjusted=[None if basis is None else basis == Basis.ADJUSTED for basis in row.bases],
            flags=[frozenset(map(BarFlag, (flags or "").split())) for flags in row.flags],
            bases=bases.get(row.stock_code, {}),
            limited=limited.get(row.stock_code, [True] * len(days)),
        )
        for row in rows
    }


async def record_flags(session: AsyncSession, rows: Sequence[Mapping[str, Any]], *, recorded_at: datetime) -> int:
    """Set the flags (a blank between two) of stored bars: rows with stock_code, trade_date, flags. Returns how many."""
    if not rows:
        return 0
    columns = {name: [row[name] for row in rows] for name in ("stock_code", "trade_date", "flags")}
    return len((await session.execute(_SET, columns | {"recorded_at": recorded_at})).all())


async def get_last_found(session: AsyncSession) -> dict[str, int]:
    """What the newest collection of daily bars found: bars by flag, and `missing_sessions`."""
    detail = await session.scalar(_LAST) or {}
    found = {name.removeprefix("flag."): number for name, number in detail.items() if name.startswith("flag.")}
    missing = detail.get("missing_sessions")
    return found | ({"missing_sessions": missing} if missing else {})


_COLUMNS = text("""
    SELECT s.code AS stock_code,
           array_agg(b.open_krw ORDER BY d.day) AS opens, array_agg(b.high_krw ORDER BY d.day) AS highs,
           array_agg(b.low_krw ORDER BY d.day) AS lows, array_agg(b.regular_close_krw ORDER BY d.day) AS closes,
           array_agg(b.volume ORDER BY d.day) AS volumes,
           array_agg(CASE WHEN b.basis = 'raw' OR b.hindsight THEN b.basis END ORDER BY d.day) AS bases,
           array_agg(array_to_string(b.flags, ' ') ORDER BY d.day) AS flags
      FROM stocks s
     CROSS JOIN unnest(CAST(:days AS date[])) AS d (day)
      LEFT JOIN daily_bars b ON b.stock_code = s.code AND b.trade_date = d.day
     GROUP BY s.code
    HAVING count(b.trade_date) > 0
""")
_BASES = text("""
    SELECT stock_code, trade_date, source, base_price_krw, is_limited FROM session_bases
     WHERE trade_date = ANY (CAST(:days AS date[])) AND (base_price_krw IS NOT NULL OR NOT is_limited)
""")
_SET = text("""
    UPDATE daily_bars b SET flags = string_to_array(n.flags, ' '), recorded_at = :recorded_at
      FROM unnest(CAST(:stock_code AS text[]), CAST(:trade_date AS date[]), CAST(:flags AS text[]))
           AS n (stock_code, trade_date, flags)
     WHERE b.stock_code = n.stock_code AND b.trade_date = n.trade_date
    RETURNING b.stock_code
""")
_LAST = text("""
    SELECT counts -> 'detail' FROM runs WHERE kind = 'collect_daily_bars' AND state = 'succeeded'
     ORDER BY created_at DESC, id DESC LIMIT 1
""")
