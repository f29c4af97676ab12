"""Every page on paper: whole, light, and without what can only be pressed."""

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.dashboard.browser.visit import visiting
from tests.dashboard.conftest import Site
from tests.dashboard.test_pages import routes_of

# A4 less its margins.
PAPER: ViewportSize = {"width": 688, "height": 1000}
_CUT = """() => {
  const seen = (part) => part.checkVisibility() && !part.closest('.hidden');
  const scrolls = (part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX !== 'visible';
  const isCut = (part) => part.getBoundingClientRect().right > innerWidth + 1 || scrolls(part);
  const cut = [...document.querySelectorAll('body *')].filter((part) => seen(part) && isCut(part));
  return cut.map((part) => part.outerHTML.slice(0, 120));
}"""
_IS_LIGHT = """() => {
  const brightness = (colour) => colour.match(/\\d+/g).slice(0, 3).map(Number).reduce((sum, part) => sum + part) / 765;
  return brightness(getComputedStyle(document.querySelector('h1')).color) < 0.3
    && brightness(getComputedStyle(document.querySelector('.card')).backgroundColor) > 0.9;
}"""
_FAN = """(canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let bands = 0;
  for (let at = 0; at < data.length; at += 4)
    bands += data[at + 3] > 30 && data[at + 3] < 90 && data[at + 2] > data[at] + 100;
  return bands / data.length * 4;
}"""


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_every_page_on_paper(browser: Browser, site: Site, locale: str) -> None:
    async with visiting(browser, site.url, locale=locale, color_scheme="dark") as visit:
        page = visit.page
        for name, route in routes_of(site).items():
            await visit.open(route)
            if name == "stock":
                await page.locator(".chart[data-drawn]").wait_for()
            await page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
            await page.emulate_media(media="print", color_scheme="dark")
            await page.set_viewport_size(PAPER)
            assert await page.evaluate(_CUT) == [], name
            assert await page.evaluate(_IS_LIGHT), name
            await expect(page.locator("nav:visible, button:visible, input:visible, form:visible")).to_have_count(0)
            if name == "stock":
                assert await page.locator(".chart-print canvas").evaluate(_FAN) > 0.005
            await page.emulate_media(media="screen", color_scheme="dark")
            await page.evaluate("() => dispatchEvent(new Event('afterprint'))")
            await expect(page.locator(".chart-print canvas")).to_have_count(0)
            await page.set_viewport_size({"width": 1280, "height": 800})
        assert visit.complaints == []
