"""What a chart draws beside the daily bars: an index, and a stock's events by sign."""

from backend.db.json_pages import Filters, JsonList, JsonPage
from backend.db.paging import Keyset
from backend.db.reader import Reader
from backend.services.market.stocks import fetch_of_stock

_INDEX = JsonList("index_code, trade_date, close", "index_bars", order=("trade_date",), key=("trade_date",))
_EVENTS = JsonList(
    """
    s.id AS story_id, h.id AS news_id, h.title, s.event_type, s.sign, s.materiality, s.first_known_at AS known_at
    """,
    """
    stories s JOIN news h ON h.id = s.head_news_id AND flags_count(h.flags)
      JOIN news_stocks l ON l.news_id = h.id AND l.confidence >= 0.5
    """,
    order=("s.first_known_at", "s.id"),
    key=("known_at", "story_id"),
)


async def list_index_bars(reader: Reader, index_code: str, keyset: Keyset) -> JsonPage:
    """Closes of an index, newest first; empty for one that is not collected."""
    filters = Filters()
    filters.add("index_code = {}", index_code)
    return await _INDEX.fetch(reader, keyset, filters)


async def list_events(reader: Reader, code: str, keyset: Keyset) -> JsonPage:
    """Stories of a stock, newest first, each by its head. Raises NotFoundError."""
    return await fetch_of_stock(_EVENTS, reader, code, keyset, column="l.stock_code")
