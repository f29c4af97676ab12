"""Watched stocks: list, show, add, pause, archive, check codes, and their bars of days and minutes for the API."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.conflicts import named_conflicts
from backend.db.json_pages import Filters, JsonList, JsonPage
from backend.db.paging import AnyRow, AnySelect, Keyset
from backend.db.reader import Reader
from backend.db.tables.bars import QuoteRow
from backend.db.tables.stocks import Stock
from backend.domain.market import StockKind, StockState
from backend.errors import ConflictError, NotFoundError

_COLUMNS = (
    Stock.code,
    Stock.name,
    Stock.market,
    Stock.aliases,
    Stock.priority,
    Stock.is_active,
    Stock.state,
    Stock.status,
    Stock.kind,
    Stock.listed_on,
    Stock.created_at,
    QuoteRow.last_price_krw,
    QuoteRow.previous_close_krw,
    QuoteRow.ts.label("price_at"),
)


_KIND_WORDS: Final = {StockKind.FUND: "a fund (ETF or ETN)", StockKind.OTHER: "no share"}


def _stocks() -> AnySelect:
    return select(*_COLUMNS).outerjoin(QuoteRow, QuoteRow.stock_code == Stock.code)


_LIST = JsonList(
    columns="""
        s.code, s.name, s.market, s.aliases, s.priority, s.is_active, s.state, s.status, s.kind, s.listed_on,
        s.created_at,
        q.last_price_krw, q.previous_close_krw, q.ts AS price_at,
        round(q.last_price_krw::numeric / q.previous_close_krw - 1, 6) AS change
    """,
    source="stocks s LEFT JOIN quotes q ON q.stock_code = s.code",
    order=("s.code",),
    key=("code",),
    descending=False,
)


async def list_stocks(reader: Reader, keyset: Keyset, *, state: str | None = None) -> JsonPage:
    """Stocks by code, each with its last price (null before the first quote); archived ones only by their `state`."""
    filters = Filters()
    if state is None:
        filters.add("s.state <> 'archived'")
    else:
        filters.add("s.state = {}", state)
    return await _LIST.fetch(reader, keyset, filters)


async def get_stock(session: AsyncSession, code: str) -> AnyRow:
    """One stock. Raises NotFoundError."""
    row = (await session.execute(_stocks().where(Stock.code == code))).one_or_none()
    if row is None:
        raise _unknown(code)
    return row


async def require_stock(session: AsyncSession, code: str) -> None:
    """Raise NotFoundError unless `code` is a watched stock, and ConflictError if it is paused or archived."""
    state = await session.scalar(select(Stock.state).where(Stock.code == code))
    if state is None:
        raise _unknown(code)
    if state != StockState.ACTIVE:
        raise ConflictError(
            f"The stock {code} is {state}, so no work is done on it; resume it with 'azak stocks resume {code}'.",
            kind="inactive-stock",
        )


async def require_forecast(session: AsyncSession, code: str) -> None:
    """Raise as require_stock does, and ConflictError for a fund: of its price nothing is forecast or reported."""
    await require_stock(session, code)
    if found := await list_without_forecast(session, [code]):
        ((kind, name),) = found.values()
        raise ConflictError(
            f"{name} ({code}) is {_KIND_WORDS[StockKind(kind)]}, and azak forecasts and reports on shares alone; its"
            " news and prices are kept.",
            kind="no-forecast-of-kind", values={"code": code, "name": name, "kind": kind},
        )  # fmt: skip


async def list_without_forecast(session: AsyncSession, codes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Kind and name of those of the active stocks that nothing is forecast of, by code."""
    query = select(Stock.code, Stock.kind, Stock.name).where(Stock.code.in_(codes), Stock.is_active)
    rows = await session.execute(query.where(~Stock.is_forecast).order_by(Stock.code))
    return {row.code: (row.kind, row.name) for row in rows}


async def list_unknown(session: AsyncSession, codes: Collection[str]) -> list[str]:
    """The codes that are not active watched stocks, sorted."""
    known = set(await session.scalars(select(Stock.code).where(Stock.code.in_(codes), Stock.is_active)))
    return sorted(set(codes) - known)


def _unknown(code: str) -> NotFoundError:
    return NotFoundError(f"The stock {code} is not watched; add it with 'azak stocks add {code}'.")


async def change_state(session: AsyncSession, code: str, state: StockState) -> None:
    """Pause, resume or archive a stock; what is stored of it stays. Raises NotFoundError."""
    changed = update(Stock).where(Stock.code == code).values(state=state).returning(Stock.code)
    if await session.scalar(changed) is None:
        raise _unknown(code)


async def add_stock(
    session: AsyncSession,
    *,
    code: str,
    name: str,
    market: str,
    aliases: Sequence[str],
    priority: int,
    kind: str = StockKind.SHARE,
    listed_on: date | None = None,
) -> None:
    """Add a watched stock, or bring an archived one back. Raises ConflictError if it is watched already."""
    is_archived = (Stock.code == code) & (Stock.state == StockState.ARCHIVED)
    restored = update(Stock).where(is_archived).values(state=StockState.ACTIVE).returning(Stock.code)
    if await session.scalar(restored) is not None:
        return
    values = {
        "code": code, "name": name, "market": market, "aliases": list(aliases), "priority": priority, "kind": kind,
        "listed_on": listed_on,
    }  # fmt: skip
    with named_conflicts():
        await session.execute(insert(Stock).values(values))


_BARS = JsonList(
    columns="""
        trade_date, open_krw, high_krw, low_krw, regular_close_krw, volume, adjust_factor, source, is_final, basis,
        base_price_krw, flags
    """,
    source="daily_bars",
    order=("trade_date",),
    key=("trade_date",),
)


async def list_bars(reader: Reader, code: str, keyset: Keyset) -> JsonPage:
    """Daily bars of a stock, newest first. Raises NotFoundError."""
    return await fetch_of_stock(_BARS, reader, code, keyset)


async def fetch_of_stock(
    rows: JsonList, reader: Reader, code: str, keyset: Keyset, *, column: str = "stock_code"
) -> JsonPage:
    """A page of the rows whose `column` is the stock; an unknown stock is none without rows. Raises NotFoundError."""
    filters = Filters()
    filters.add(f"{column} = {{}}", code)
    page = await rows.fetch(reader, keyset, filters)
    if not page.items:
        await require_listed(reader, code)
    return page


_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_NEVER: Final = datetime(1, 1, 2, tzinfo=UTC)
# So many minutes make sure of one bar more than the limit: a bar has at most as many as it is long.
# A bar whose minute has not come is of a clock that is wrong.
_MINUTE_BARS: Final = """
    SELECT row_to_json(item)::text AS body, item.ts FROM (
        SELECT bar AS ts, (array_agg(open_krw ORDER BY ts))[1] AS open_krw, max(high_krw) AS high_krw,
               min(low_krw) AS low_krw, (array_agg(close_krw ORDER BY ts DESC))[1] AS close_krw,
               sum(volume)::bigint AS volume, min(source) AS source
          FROM (
              SELECT m.*, date_bin($2, ts, timestamptz '2000-01-01 00:00:00+09') AS bar FROM minute_bars m
               WHERE stock_code = $1 AND ts >= $3 AND ts < $4::timestamptz + $2 AND ts <= now()
                 AND date_bin($2, ts, timestamptz '2000-01-01 00:00:00+09') >= $3
                 AND date_bin($2, ts, timestamptz '2000-01-01 00:00:00+09') < $4
               ORDER BY ts DESC LIMIT $5
          ) minutes
         GROUP BY bar ORDER BY bar DESC LIMIT $6
    ) item
"""


async def list_minute_bars(reader: Reader, code: str, keyset: Keyset, *, minutes: int) -> JsonPage:
    """Bars of `minutes` each, newest first, by the moment at which they begin. Raises NotFoundError."""
    since = keyset.since or _NEVER
    before = min(moment for moment in (keyset.until, keyset.after and keyset.after[0], _EVER) if moment is not None)
    length = timedelta(minutes=minutes)
    last = min(before, _EVER - length)
    more = keyset.limit + 1
    rows = await reader.fetch(_MINUTE_BARS, code, length, since, last, more * minutes, more)
    page = rows[: keyset.limit]
    if not page:
        await require_listed(reader, code)
    return JsonPage([row[0] for row in page], (page[-1][1],) if len(rows) > keyset.limit else None)


async def require_listed(reader: Reader, code: str) -> None:
    """Raise NotFoundError unless `code` is a watched stock, active or not."""
    if not await reader.fetch("SELECT FROM stocks WHERE code = $1", code):
        raise _unknown(code)
