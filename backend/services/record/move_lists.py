"""Moves as the API and reports read them: parts by name, and the stories that fit with their heads of today."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.json_pages import JsonList, JsonPage
from backend.db.paging import Keyset
from backend.db.reader import Reader
from backend.domain.understanding.moves import USUAL_SIGMAS, MoveCause
from backend.services.market.stocks import fetch_of_stock

# A story that all articles have left, because they joined another one, has no head to show.
_COLUMNS: Final = f"""
    m.stock_code, m.trade_date, m.is_final, m.known_at, m.move, m.market_return, m.industry_stocks, m.own_sigmas,
    (SELECT json_agg(json_build_object('part', p.part, 'share', p.share) ORDER BY p.place)
       FROM (VALUES (1, 'market', m.market_part), (2, 'industry', m.industry_part), (3, 'own', m.own_part))
            AS p (place, part, share) WHERE p.share IS NOT NULL) AS parts,
    CASE WHEN abs(m.own_sigmas) < {USUAL_SIGMAS} THEN '{MoveCause.USUAL}'
         WHEN m.story_ids IS NULL THEN '{MoveCause.UNKNOWN}'
         WHEN told.stories IS NULL THEN '{MoveCause.NO_STORY}' ELSE '{MoveCause.STORY}' END AS cause,
    coalesce(told.stories, '[]') AS stories
"""  # noqa: S608  (constants of this code)
_TOLD: Final = """
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object(
                   'story_id', s.id, 'news_id', h.id, 'title', h.title, 'publisher', h.publisher,
                   'known_at', s.first_known_at, 'event_type', s.event_type, 'sign', s.sign
               ) ORDER BY a.place) AS stories
          FROM unnest(m.story_ids) WITH ORDINALITY AS a (story_id, place)
          JOIN stories s ON s.id = a.story_id JOIN news h ON h.id = s.head_news_id
    ) told
"""
_LIST = JsonList(_COLUMNS, f"moves m {_TOLD}", order=("m.trade_date",), key=("trade_date",))
_NEWEST = text(
    f"SELECT {_COLUMNS} FROM moves m {_TOLD} WHERE m.stock_code = :code ORDER BY m.trade_date DESC LIMIT 1"  # noqa: S608
).columns(parts=JSON, stories=JSON)
_AFTER = text(
    f"""
    SELECT {_COLUMNS} FROM moves m {_TOLD}
    WHERE m.stock_code = :code AND m.known_at > :after AND m.trade_date <= :through ORDER BY m.trade_date LIMIT :most
    """  # noqa: S608
).columns(parts=JSON, stories=JSON)
_OF_DAY = text(
    f"""
    SELECT {_COLUMNS} FROM moves_as_of(:asof, :asof) m {_TOLD}
    WHERE m.stock_code = ANY (CAST(:codes AS text[])) AND m.trade_date = :trade_date
    """  # noqa: S608
).columns(parts=JSON, stories=JSON)


async def list_moves(reader: Reader, code: str, keyset: Keyset) -> JsonPage:
    """Moves of a stock, newest first. Raises NotFoundError."""
    return await fetch_of_stock(_LIST, reader, code, keyset, column="m.stock_code")


async def get_newest(session: AsyncSession, code: str) -> Row[Any] | None:
    """The move of the session that runs, or of the last one; None without any."""
    return (await session.execute(_NEWEST, {"code": code})).one_or_none()


async def list_after(
    session: AsyncSession, code: str, *, after: datetime, through: date, limit: int
) -> Sequence[Row[Any]]:
    """The first moves of a stock that ended after the moment `after`, oldest first, up to the session `through`."""
    bound = {"code": code, "after": after, "through": through, "most": limit}
    return (await session.execute(_AFTER, bound)).all()


async def list_of_day(
    session: AsyncSession, codes: Sequence[str], *, asof: datetime, trade_date: date
) -> dict[str, Row[Any]]:
    """Moves of a session as they were known at `asof`, by stock."""
    bound = {"codes": list(codes), "asof": asof, "trade_date": trade_date}
    return {row.stock_code: row for row in await session.execute(_OF_DAY, bound)}
