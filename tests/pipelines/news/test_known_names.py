"""The names that a crawl reads with: all of the exchange's list, of which only the watched stocks get links."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.market import NameKind, WatchedStock
from backend.pipelines.news.known_names import read_names
from backend.services.market.stock_names import add_names, list_listed
from tests.factories import add_listing
from tests.services.forecasts.forecasting_world import make_context
from tests.text.linking.titles import linked


async def _fill(session: AsyncSession) -> None:
    await add_listing(session, "999910", "가람")
    await add_listing(session, "999920", "가람 새사업")
    await add_listing(session, "999930", "가람옛사업", delisted_on=date(2026, 10, 1))
    await add_listing(session, "999915", "가람우", kind="preferred")
    now = clock.now()
    names = [("999910", NameKind.LEGAL, "주식회사 가람산업"), ("999920", NameKind.EARLIER, "가람 첫사업")]
    await add_names(session, names, source="dart", known_at=now, recorded_at=now)


async def test_listed_names_keep_titles_from_a_shorter_one(database: Database, settings: Settings) -> None:
    async with database.write() as session:
        await _fill(session)
    async with database.read() as session:
        listed = await list_listed(session)
    assert [(one.code, one.name, one.aliases) for one in listed] == [
        ("999910", "가람", ("주식회사 가람산업",)),
        ("999920", "가람 새사업", ("가람 첫사업",)),
    ]
    context = await make_context(database, settings)
    names = await read_names(context, [WatchedStock("999910", "가람", "KOSPI")])
    assert [linked(title, names) for title in ("가람, 실적 발표", "가람우, 배당 확대", "가람산업 유상증자")] == [
        ["999910"]
    ] * 3
    assert linked("가람 새사업, 수주", names) == linked("가람 첫사업, 수주", names) == []
    assert linked("가람 옛사업, 수주", names) == ["999910"]
