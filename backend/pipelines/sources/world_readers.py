"""How each source of the world's markets is read, behind one signature. Which source has which is in catalogue.py."""

from collections.abc import Awaitable, Callable
from datetime import date

from backend.domain.outside.world import WorldDay, WorldSymbol
from backend.pipelines.sources.kis_access import open_kis
from backend.pipelines.sources.visits import Visit
from backend.sources.world import kis_world, naver_world

# (visit, symbol, first and last date) -> closes of those dates and perhaps others, oldest first.
WorldReader = Callable[[Visit, WorldSymbol, date, date], Awaitable[list[WorldDay]]]


async def read_kis_world(visit: Visit, symbol: WorldSymbol, first: date, last: date) -> list[WorldDay]:
    kis = open_kis(visit.context.tools, visit.client)
    return kis_world.parse_days(await kis_world.fetch_days(kis, symbol, first, last), symbol)


async def read_naver_world(visit: Visit, symbol: WorldSymbol, _first: date, _last: date) -> list[WorldDay]:
    """The newest days, whichever were asked for: the lists take no dates."""
    return naver_world.parse_days(await naver_world.fetch_days(visit.client, symbol), symbol)
