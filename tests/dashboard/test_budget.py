"""What a page costs on the wire, and that it stands still while it loads. Times: python -m bench.dashboard."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Route, expect

from tests.dashboard.browser.traffic import SLOW_4G, counted, slowed
from tests.dashboard.browser.visit import visiting
from tests.dashboard.conftest import Site
from tests.dashboard.test_pages import routes_of

STOCK_PAGE_BYTES = 150_000
OTHER_PAGE_BYTES = 90_000
MOST_REQUESTS = 25
MOST_SHIFT = 0.05


@pytest.mark.parametrize(
    "route",
    ["/", "/news", "/models", "/operations", "/settings", "/settings/stocks", "/settings/ab-test", "call", "report"],
)
async def test_the_chart_is_fetched_by_the_stock_page_only(browser: Browser, site: Site, route: str) -> None:
    route = route if route.startswith("/") else routes_of(site)[route]
    async with visiting(browser, site.url, "phone") as visit:
        traffic, asked = await counted(visit.page), []
        visit.page.on("request", lambda request: asked.append(request.url))
        await visit.page.goto(f"{site.url}{route}")
        await visit.settle()
        assert [url for url in asked if "price-chart" in url.rpartition("/")[2]] == []
        assert traffic.received < OTHER_PAGE_BYTES


async def test_stock_page_over_the_wire(browser: Browser, site: Site) -> None:
    async with visiting(browser, site.url, "phone") as visit:
        traffic = await counted(visit.page)
        await visit.open("/stock/005930")
        await visit.page.locator(".chart canvas").first.wait_for()
        assert 60_000 < traffic.received < STOCK_PAGE_BYTES
        assert traffic.requests < MOST_REQUESTS
        assert visit.complaints == []


async def test_nothing_moves_on_a_slow_phone(browser: Browser, site: Site) -> None:
    for name, route in {**routes_of(site), "filtered": "/news?stock=005930", "list": "/news"}.items():
        async with visiting(browser, site.url, "phone") as visit:
            await slowed(visit.page, **SLOW_4G, cpu=4)
            await visit.page.goto(f"{site.url}{route}")
            await visit.settle()
            moved = await visit.layout_shift()
            assert sum(moved.values()) <= MOST_SHIFT, (name, moved)


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize(
    "route",
    ["/", "/stock/005930", "/news", "/models", "/operations", "/settings", "/settings/stocks", "/settings/ab-test"],
)
async def test_nothing_moves_while_it_loads(browser: Browser, site: Site, device: str, route: str) -> None:
    async with visiting(browser, site.url, "phone" if device == "phone" else "desktop") as visit:
        await slowed(visit.page, latency_ms=120)
        await visit.open(route)
        moved = await visit.layout_shift()
        assert sum(moved.values()) <= MOST_SHIFT, moved


async def test_a_reason_to_look_moves_nothing_when_its_words_come(browser: Browser, site: Site) -> None:
    """Its words come after it, and the cards below stood a line higher once they were there."""
    reasons: list[dict[str, Any]] = [
        {"code": code, "subject": "", "reason": "The database refuses. " * 8, "values": {}, "since": None}
        for code in ("database-read-only", "database-rights", "database-tls")
    ]
    health = site.installation.get("/api/health") | {"status": "degraded", "troubles": reasons}

    async def answer(route: Route) -> None:
        await route.fulfill(json=health)

    held, asked = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await held.wait()
        await route.continue_()

    async with visiting(browser, site.url, "phone") as visit:
        await visit.page.route("**/api/health", answer)
        await visit.page.route(re.compile(r"/(rare|reasons)[.-]"), hold)
        await visit.page.goto(f"{site.url}/operations")
        await asked.wait()
        await expect(visit.page.locator("main h1")).to_be_visible()
        assert await visit.page.locator("main .figures").count() == 0
        held.set()
        await visit.settle()
        await expect(visit.page.get_by_text("데이터베이스 읽기 전용").first).to_be_visible()
        moved = await visit.layout_shift()
        assert sum(moved.values()) <= MOST_SHIFT, moved


async def test_rows_wait_for_the_moves_that_order_them(browser: Browser, site: Site) -> None:
    """Drawn before, they changed places under the reader's eye: a third of the screen moved."""
    moves = site.installation.get("/api/dashboard/moves")
    last = next(item for item in reversed(moves["items"]) if item["move"] is not None)
    last["move"] |= {"own_sigmas": 9.0}
    held, drawn = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.fulfill(json=moves)

    async with visiting(browser, site.url, "phone") as visit:
        visit.page.on("response", lambda answer: drawn.set() if answer.url.endswith("/api/dashboard") else None)
        await visit.page.route("**/api/dashboard/moves", hold)
        await visit.page.goto(f"{site.url}/")
        await drawn.wait()
        await expect(visit.page.locator("main .skeleton").first).to_be_visible()
        held.set()
        await visit.settle()
        await expect(visit.page.locator(f"[data-row='{last['stock_code']}']")).to_be_visible()
        moved = await visit.layout_shift()
        assert sum(moved.values()) <= MOST_SHIFT, moved
