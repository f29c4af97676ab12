"""Addresses of the page: real paths that reload, go back and can be sent, also below a path of a proxy."""

import os

from playwright.async_api import Browser, expect

from backend.config import Settings
from tests.dashboard.browser.visit import Visit, visiting
from tests.dashboard.conftest import PATIENT, Site
from tests.fixtures.api_process import instances


async def test_links_load_nothing_anew_and_lead_back(visit: Visit, site: Site) -> None:
    page = visit.page
    await visit.open("/")
    await page.evaluate("() => { window.loadedOnce = true; }")
    await page.locator("nav a", has_text="뉴스").first.click()
    await expect(page).to_have_url(f"{site.url}/news")
    await page.locator("nav a", has_text="모델").first.click()
    await expect(page).to_have_url(f"{site.url}/models")
    await page.go_back()
    await expect(page).to_have_url(f"{site.url}/news")
    await expect(page.locator("h1")).to_have_text("뉴스")
    assert await page.evaluate("() => window.loadedOnce")
    await page.reload()
    await expect(page.locator("h1")).to_have_text("뉴스")


async def test_what_is_not_the_pages_is_left_to_the_browser(visit: Visit, site: Site) -> None:
    page = visit.page
    await visit.open("/")
    async with page.context.expect_page() as opened:
        await page.locator("nav a", has_text="뉴스").first.click(modifiers=["Control"])
    await expect(await opened.value).to_have_url(f"{site.url}/news")
    await expect(page).to_have_url(f"{site.url}/")


async def test_links_of_earlier_azaks_lead_where_they_led(visit: Visit, site: Site) -> None:
    await visit.page.goto(f"{site.url}/#/news?stock=005930")
    await expect(visit.page).to_have_url(f"{site.url}/news?stock=005930")
    await visit.settle()
    await expect(visit.page.locator("h1")).to_have_text("뉴스")


async def test_below_a_path_of_a_proxy(browser: Browser, settings: Settings) -> None:
    environment = dict(os.environ) | PATIENT | {"AZAK_API_BASE_PATH": "/azak"}
    with instances(settings, environment) as (url, _):
        async with visiting(browser, url) as visit:
            await visit.open("/azak/operations")
            await visit.page.locator("nav a", has_text="설정").first.click()
            await expect(visit.page).to_have_url(f"{url}/azak/settings")
            await visit.settle()
            await visit.page.locator(".brand").click()
            await expect(visit.page).to_have_url(f"{url}/azak/")
            await visit.settle()
            assert visit.complaints == []
