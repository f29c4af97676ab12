"""refresh_stocks over real HTTP: which of the exchange's files of a morning are believed, and what they change."""

from datetime import date, datetime

import pytest

from backend import clock
from backend.clock import KST
from backend.config import Settings
from backend.db.session import Database
from backend.errors import SourcesFailedError
from backend.internal import RefreshArguments
from backend.krx import KrxCalendar
from backend.pipelines.market import refresh_stocks
from backend.services.operations.health import get_health
from tests.fixtures.page_words import list_unworded
from tests.sources import world
from tests.sources.answers import master_line, zipped
from tests.sources.outside import Outside, http

FILES = "/kis-master/common/master/{}_code.mst.zip"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@pytest.mark.parametrize(
    ("moment", "session", "known_at", "has_prices"),
    [
        ("2026-10-13 07:59", "2026-10-12", "2026-10-12 08:00", False),
        ("2026-10-13 08:10", "2026-10-13", "2026-10-13 08:00", True),
        ("2026-10-13 11:00", "2026-10-13", "2026-10-13 08:00", True),
        ("2026-10-13 15:30", "2026-10-13", "2026-10-13 08:00", False),
        ("2026-10-17 12:00", "2026-10-16", "2026-10-16 08:00", False),
        ("2026-11-19 08:30", "2026-11-18", "2026-11-18 08:00", False),
        ("2026-11-19 09:00", "2026-11-19", "2026-11-19 09:00", True),
    ],
    ids=["before the lead", "morning", "session", "after the close", "saturday", "exam day early", "exam day"],
)
def test_a_file_is_of_the_session_that_opens_within_the_hour_or_runs(
    moment: str, session: str, known_at: str, has_prices: bool
) -> None:
    found = refresh_stocks.find_morning(KrxCalendar(), at(moment))
    expected = (date.fromisoformat(session), at(known_at), has_prices)
    assert (found.trade_date, found.known_at, found.has_prices) == expected
    assert found.previous_closed_at.astimezone(KST).date() == found.previous < found.trade_date


def serve(outside: Outside, day: int, **contents: bytes) -> None:
    """Files of one morning: five, two and two stocks, or the given contents."""
    base = f"{70_000 + day:09}"
    usual = {
        "kospi": b"".join(master_line(f"00{number}000", f"주식{number}", base=base) for number in range(1, 6)),
        "kosdaq": b"".join(master_line(f"10{number}000", f"닥{number}", "KOSDAQ", base=base) for number in range(2)),
        "konex": b"".join(master_line(f"20{number}000", f"넥{number}", "KONEX", base=base) for number in range(2)),
    }
    for name, content in (usual | contents).items():
        outside.replies[FILES.format(name)] = http(zipped(f"{name}_code.mst", content))


async def test_a_file_that_was_cut_shrank_or_is_yesterdays_changes_nothing_and_health_says_so(
    settings: Settings, database: Database, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.sources.kis_master_url = f"{outside.url}/kis-master"
    await world.add_stocks(database, (("001000", "주식1"), ("100000", "닥0"), ("200000", "넥0")))
    calendar = KrxCalendar()

    async def refresh(day: int, *, accept_smaller: bool = False) -> tuple[int, int]:
        monkeypatch.setattr(clock, "now", lambda: at(f"2026-10-{day} 08:10"))
        context = await world.new_context(settings, database, calendar, "refresh_stocks")
        counts = await refresh_stocks.run(context, RefreshArguments(accept_smaller=accept_smaller))
        return counts.written, counts.failed

    async def told() -> list[str]:
        health = await get_health(database, silent_after_s=60)
        assert list_unworded(health.listing_reasons) == []
        return [reason.sentence for reason in health.listing_reasons]

    async def statuses() -> list[object]:
        return [row[0] for row in await world.fetch_all(database, "SELECT status FROM stocks ORDER BY code")]

    serve(outside, 12)
    assert [(await refresh(12))[0] > 0, await refresh(12)] == [True, (0, 0)]
    assert await world.fetch_all(database, "SELECT market, kind FROM stocks ORDER BY code") == [
        ("KOSPI", "share"), ("KOSDAQ", "share"), ("KONEX", "share"),
    ]  # fmt: skip
    assert (await told(), await statuses()) == ([], ["normal"] * 3)

    one = master_line("005000", "주식5")
    cut = b"".join(master_line(f"10{number}000", "닥", "KOSDAQ") for number in range(2))[:-9]
    serve(outside, 13, kospi=one, kosdaq=cut)
    assert (await refresh(13))[1] == 1
    assert await told() == [
        "kis_master sent a KOSDAQ file that ends within a line; it is asked again. The last good one is of 2026-10-12.",
        (
            "kis_master's KOSPI file has 1 stocks where the last good one had 5, so nothing is taken from it; if that"
            " many are gone, run refresh_stocks with accept_smaller. The last good one is of 2026-10-12."
        ),
    ]
    days = "SELECT stock_code, base_price_krw FROM reference_days WHERE trade_date = '2026-10-13' ORDER BY 1"
    assert await world.fetch_all(database, days) == [("200000", 70_013), ("201000", 70_013)]
    serve(outside, 12)
    with pytest.raises(SourcesFailedError, match="KOSPI file is that of an earlier session again"):
        await refresh(14)
    assert await statuses() == ["normal"] * 3

    serve(outside, 15, kospi=one)
    written, failed = await refresh(15, accept_smaller=True)
    assert (written > 0, failed) == (True, 0)
    assert (await told(), await statuses()) == ([], ["delisted", "normal", "normal"])
    events = "SELECT stock_code, kind FROM listing_events ORDER BY 1"
    assert await world.fetch_all(database, events) == [(f"00{number}000", "delisted") for number in range(1, 5)]
