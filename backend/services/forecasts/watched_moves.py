"""Why each watched stock moved last, and its closes of four weeks beside those of the indexes: one statement as JSON.

It reads by index only the newest rows of each stock, like the overview that it stands beside.
"""

from typing import Final

from backend.db.reader import Reader
from backend.domain.market import MISSING_PRICES, Market
from backend.domain.understanding.moves import USUAL_SIGMAS, MoveCause
from backend.services.forecasts.dashboard import MAX_STOCKS

SESSIONS: Final = 20

_STATEMENT: Final = f"""
WITH watched AS (
    SELECT code, priority FROM stocks WHERE is_active ORDER BY priority, code LIMIT {MAX_STOCKS}
), items AS (
    SELECT w.code AS stock_code, row_to_json(moved) AS move, coalesce(bars.closes_krw, '{{}}') AS closes_krw
      FROM watched w
      LEFT JOIN LATERAL (
           SELECT m.trade_date, m.is_final, m.known_at, m.move, m.own_sigmas, row_to_json(told) AS story,
                  CASE WHEN abs(m.own_sigmas) < {USUAL_SIGMAS} THEN '{MoveCause.USUAL}'
                       WHEN m.story_ids IS NULL THEN '{MoveCause.UNKNOWN}'
                       WHEN told IS NULL THEN '{MoveCause.NO_STORY}' ELSE '{MoveCause.STORY}' END AS cause
             FROM moves m
             LEFT JOIN LATERAL (
                  SELECT s.id AS story_id, h.id AS news_id, h.title, h.publisher, s.first_known_at AS known_at,
                         s.event_type, s.sign
                    FROM unnest(m.story_ids) WITH ORDINALITY AS a (story_id, place)
                    JOIN stories s ON s.id = a.story_id JOIN news h ON h.id = s.head_news_id
                   ORDER BY a.place LIMIT 1
             ) told ON true
            WHERE m.stock_code = w.code ORDER BY m.trade_date DESC LIMIT 1
      ) moved ON true
      LEFT JOIN LATERAL (
           SELECT array_agg(close_krw ORDER BY trade_date) AS closes_krw
             FROM (SELECT trade_date, round(regular_close_krw * adjust_factor)::int AS close_krw FROM daily_bars
                    WHERE stock_code = w.code AND NOT flags && '{{{",".join(sorted(MISSING_PRICES))}}}'
                    ORDER BY trade_date DESC LIMIT {SESSIONS}) newest
      ) bars ON true
     ORDER BY w.priority, w.code
), indexes AS (
    SELECT i.index_code, array_agg(i.close ORDER BY i.trade_date) AS closes
      FROM (VALUES ('{Market.KOSPI}'), ('{Market.KOSDAQ}')) AS k (code)
     CROSS JOIN LATERAL (
           SELECT index_code, trade_date, close FROM index_bars WHERE index_code = k.code
            ORDER BY trade_date DESC LIMIT {SESSIONS}) i
     GROUP BY i.index_code
)
SELECT json_build_object(
    'items', (SELECT coalesce(json_agg(row_to_json(items)), '[]') FROM items),
    'indexes', (SELECT coalesce(json_agg(row_to_json(indexes) ORDER BY index_code), '[]') FROM indexes)
)::text
"""  # noqa: S608  (constants of this code)


async def get_watched_moves(reader: Reader) -> str:
    """JSON with `items` by priority and code, and `indexes` by code; see backend.api.watched_moves."""
    ((found,),) = await reader.fetch(_STATEMENT)
    return str(found)
