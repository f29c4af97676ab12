"""Minute bars for the API, joined to bars of some minutes."""

from datetime import UTC, datetime, timedelta
from typing import Final

from backend.db.json_pages import JsonPage
from backend.db.paging import Keyset
from backend.db.reader import Reader
from backend.services.market.stocks import require_listed

_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_NEVER: Final = datetime(1, 1, 2, tzinfo=UTC)
# So many minutes make sure of one bar more than the limit: a bar has at most as many as it is long.
_BARS: Final = """
    SELECT row_to_json(item)::text AS body, item.ts FROM (
        SELECT bar AS ts, (array_agg(open_krw ORDER BY ts))[1] AS open_krw, max(high_krw) AS high_krw,
               min(low_krw) AS low_krw, (array_agg(close_krw ORDER BY ts DESC))[1] AS close_krw,
               sum(volume)::bigint AS volume, min(source) AS source
          FROM (
              SELECT m.*, date_bin($2, ts, timestamptz '2000-01-01 00:00:00+09') AS bar FROM minute_bars m
               WHERE stock_code = $1 AND ts >= $3 AND ts < $4::timestamptz + $2
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
    rows = await reader.fetch(_BARS, code, length, since, last, more * minutes, more)
    page = rows[: keyset.limit]
    if not page:
        await require_listed(reader, code)
    return JsonPage([row[0] for row in page], (page[-1][1],) if len(rows) > keyset.limit else None)
