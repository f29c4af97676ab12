"""How large the next moves will be, as people read it: of one stock, and for the overview."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import JSON, Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.forecasts import HIGH, LOW, REST
from backend.domain.members import SIZE

# Of a forecast `p` of size: what is expected and what is usual of this stock (fractions), and the band of the price.
COLUMNS: Final = f"""
    p.id, p.horizon, p.asof, p.exit_trade_date, p.base_price_krw,
    p.quantiles_krw[{LOW + 1}] AS low_krw, p.quantiles_krw[{HIGH + 1}] AS high_krw,
    (p.size ->> 'expected')::float8 AS expected, (p.size ->> 'usual')::float8 AS usual,
    (p.size ->> 'large')::float8 AS large, (p.size ->> 'p_large')::float8 AS p_large,
    (p.size ->> 'p_3pct')::float8 AS p_3pct
"""
# The newest live ones whose session is not over; LIMIT 1 keeps the look-up by key.
NEWEST: Final = f"""
    SELECT n.stock_code, size.* FROM newest_predictions n JOIN models m ON m.id = n.model_id AND m.name = '{SIZE}'
     CROSS JOIN LATERAL (
           SELECT {COLUMNS} FROM predictions p
            WHERE p.id = n.prediction_id AND p.size IS NOT NULL
              AND p.exit_trade_date >= (now() AT TIME ZONE 'Asia/Seoul')::date
              AND (p.horizon > {REST} OR (p.explanation ->> 'closes_at')::timestamptz > now()) LIMIT 1) AS size
     WHERE NOT n.is_scored
"""  # noqa: S608  (constants of this code)
_OF_STOCK: Final = text(f"SELECT * FROM ({NEWEST}) AS newest WHERE stock_code = :code ORDER BY horizon")  # noqa: S608

# By stock the event of the last three days that matters most, of those that the head of a story tells. One pass over
# the newest stories: the articles of all stocks are several times as many, and the overview is read all the time.
MOST_EVENTS: Final = 1000
EVENTS: Final = f"""
    SELECT DISTINCT ON (l.stock_code) l.stock_code, json_build_object(
               'story_id', s.id, 'news_id', h.id, 'title', h.title, 'event_type', s.event_type, 'sign', s.sign,
               'known_at', s.first_known_at) AS item
      FROM (SELECT * FROM stories
             WHERE first_known_at > now() - interval '3 days' AND event_type NOT IN ('other', 'price_move')
             ORDER BY first_known_at DESC, id DESC LIMIT {MOST_EVENTS}) s
      JOIN news h ON h.id = s.head_news_id AND flags_count(h.flags)
      JOIN news_stocks l ON l.news_id = h.id AND l.confidence >= 0.5
     ORDER BY l.stock_code, s.materiality DESC, s.first_known_at DESC, s.id DESC
"""  # noqa: S608  (constants of this code)
_EVENT_OF_STOCK: Final = text(f"SELECT item FROM ({EVENTS}) AS events WHERE stock_code = :code").columns(  # noqa: S608
    item=JSON
)


async def list_sizes(session: AsyncSession, code: str) -> Sequence[Row[Any]]:
    """The newest live forecasts of the size of a stock's moves, shortest horizon first."""
    return (await session.execute(_OF_STOCK, {"code": code})).all()


async def get_event(session: AsyncSession, code: str) -> dict[str, Any] | None:
    """The event of the last three days that matters most for a stock; None without one."""
    event: dict[str, Any] | None = await session.scalar(_EVENT_OF_STOCK, {"code": code})
    return event
