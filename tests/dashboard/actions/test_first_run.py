"""From an installation without keys, stocks or forecasts to the first forecast, led by the page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import asyncpg
import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.browser.visit import visiting
from tests.dashboard.conftest import SCHEDULER, Site
from tests.fixtures.installation import copied_demo, outside_world

CLICKS = 6
DONE_WITHIN_MS = 240_000
KEYLESS = {"AZAK_SOURCES_NAVER_PRICES", "AZAK_SOURCES_KIS_APP_KEY", "AZAK_SOURCES_KIS_APP_SECRET",
           "AZAK_SOURCES_PUBLIC_DATA_KEY", "AZAK_SOURCES_DART_KEY", "AZAK_SOURCES_NAVER_HUB_KEY",
           "AZAK_SOURCES_NAVER_HUB_KEY_ID", "AZAK_SOURCES_NAVER_LEGACY_CLIENT_ID",
           "AZAK_SOURCES_NAVER_LEGACY_CLIENT_SECRET"}  # fmt: skip


@pytest.fixture
def new_site(filled_data: Path) -> Iterator[Site]:
    """The demo's outside world and an azak that has neither a key nor a stock."""
    with copied_demo(filled_data) as demo, outside_world(demo) as installation:
        kept = {name: value for name, value in installation.environment.items() if name not in KEYLESS}
        installation.environment = kept | SCHEDULER
        site = Site(installation)
        try:
            yield site
        finally:
            site.close()


async def _forget_all(url: str) -> None:
    """As new: its news, too, so that nothing but what feeds show is embedded."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("TRUNCATE stocks, news, stories CASCADE")
    finally:
        await connection.close()


@pytest.mark.parametrize("device", ["phone"])
async def test_six_clicks_lead_to_the_first_forecast(
    browser: Browser, new_site: Site, device: Literal["desktop", "phone"]
) -> None:
    await _forget_all(new_site.installation.database_url)
    new_site.start("api")
    new_site.start("scheduler")
    async with visiting(browser, new_site.url, device) as visit:
        page, clicks = visit.page, 0
        await visit.sign_in(new_site.installation.key)
        await visit.open("/")
        steps = page.locator(".steps > li")
        await expect(steps).to_have_count(3)
        await page.get_by_role("button", name="네이버 시세 켜기").click()
        clicks += 1
        await expect(steps.first).to_have_attribute("data-done", "true")
        assert (await visit.overflow_px(), await visit.violations(), await visit.raw_words()) == (0, [], [])
        for name in ("삼성전자", "SK하이닉스", "카카오"):
            await page.get_by_role("button", name=f"{name} 추가").click()
            clicks += 1
        row = page.locator(".rows [data-row='005930']")
        await expect(row).to_contain_text("평소", timeout=DONE_WITHIN_MS)
        await expect(steps).to_have_count(0, timeout=DONE_WITHIN_MS)
        assert clicks <= CLICKS
        found = new_site.installation.get("/api/dashboard")["stocks"]
        assert {stock["code"] for stock in found} == {"005930", "000660", "035720"}
        assert visit.complaints == []
