"""What a page costs on the wire, and that it stands still while it loads. Times: python -m bench.dashboard."""

import pytest
from playwright.async_api import Browser

from tests.dashboard.browser.traffic import counted, slowed
from tests.dashboard.browser.visit import visiting
from tests.dashboard.conftest import Site

STOCK_PAGE_BYTES = 150_000
MOST_REQUESTS = 25
MOST_SHIFT = 0.05


async def test_stock_page_over_the_wire(browser: Browser, site: Site) -> None:
    async with visiting(browser, site.url, "phone") as visit:
        traffic = await counted(visit.page)
        # One load: `open` loads twice, and how far the first one comes before the second is chance.
        await visit.page.goto(f"{site.url}/#/stock/005930")
        await visit.settle()
        await visit.page.locator(".chart canvas").first.wait_for()
        assert 60_000 < traffic.received < STOCK_PAGE_BYTES
        assert traffic.requests < MOST_REQUESTS
        assert visit.complaints == []


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("route", ["#/", "#/stock/005930", "#/news", "#/models", "#/operations", "#/settings"])
async def test_nothing_moves_while_it_loads(browser: Browser, site: Site, device: str, route: str) -> None:
    async with visiting(browser, site.url, "phone" if device == "phone" else "desktop") as visit:
        await slowed(visit.page, latency_ms=120)
        await visit.open(route)
        moved = await visit.layout_shift()
        assert sum(moved.values()) <= MOST_SHIFT, moved
