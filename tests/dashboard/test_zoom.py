"""A reader at 200 % zoom and without a mouse: 1280 x 720 pixels are 640 x 360 of the page, and Tab leads everywhere."""

from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize

from backend.db.session import Database
from tests.dashboard.browser.visit import Visit, visiting
from tests.dashboard.conftest import Site
from tests.dashboard.test_pages import SUBJECTS, routes_of
from tests.factories import add_heartbeat

ZOOMED: ViewportSize = {"width": 640, "height": 360}
PARTS = ("jobs", "runs", "sources", "processes")
MOST_STOPS = 600

# What can be pressed or filled in, each marked with its place in the page.
_MARK = """() => {
  const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]');
  const seen = [...all].filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
  seen.forEach((one, place) => { one.dataset.stop = place; });
  return seen.map((one) => `${one.tagName} ${(one.getAttribute('aria-label') ?? one.textContent).trim().slice(0, 40)}`);
}"""
# Where the focus is: its mark, whether it is outlined, and whether a part of it is on the screen with nothing over it.
_STOP = """() => {
  const on = document.activeElement;
  if (!on || on === document.body) return null;
  const style = getComputedStyle(on);
  const [box] = on.getClientRects();
  const [from, to] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  const top = document.elementFromPoint(box.left + Math.min(box.width, 40) / 2, from + Math.min(to - from, 40) / 2);
  return {
    stop: on.dataset.stop ?? null,
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    uncovered: top !== null && (on.contains(top) || top.contains(on)),
    isWhole: box.left >= 0 && box.right <= innerWidth,
  };
}"""


async def _walk(visit: Visit) -> None:
    """Tab from the head of the page to its end, over everything that can be pressed or filled in."""
    await visit.page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    names: list[str] = await visit.page.evaluate(_MARK)
    assert len(names) < MOST_STOPS
    reached: set[int] = set()
    for _ in range(len(names) + 10):
        await visit.page.keyboard.press("Tab")
        found: dict[str, Any] | None = await visit.page.evaluate(_STOP)
        if found is None:
            break
        stop = found.pop("stop")
        if stop is not None and int(stop) in reached:
            break
        name = names[int(stop)] if stop is not None else "of no mark"
        assert all(found.values()), (name, found)
        reached |= {int(stop)} if stop is not None else set()
    assert [name for place, name in enumerate(names) if place not in reached] == []


async def _look(visit: Visit, route: str) -> None:
    await visit.open(route)
    assert await visit.overflow_px() == 0, route
    await _walk(visit)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_operations_by_keyboard(browser: Browser, site: Site, locale: str) -> None:
    async with visiting(browser, site.url, locale=locale, viewport=ZOOMED) as visit:
        await visit.sign_in(site.installation.key)
        for route in (*(f"/operations?show={part}" for part in PARTS), routes_of(site)["operations"]):
            await _look(visit, route)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_settings_by_keyboard(browser: Browser, site: Site, locale: str) -> None:
    async with visiting(browser, site.url, locale=locale, viewport=ZOOMED) as visit:
        await visit.sign_in(site.installation.key)
        for route in ("/settings", *(f"/settings/{subject}" for subject in SUBJECTS)):
            await _look(visit, route)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_calls_and_reports_by_keyboard(browser: Browser, site: Site, locale: str) -> None:
    routes = routes_of(site)
    async with visiting(browser, site.url, locale=locale, viewport=ZOOMED) as visit:
        for name in ("overview", "call", "report"):
            await _look(visit, routes[name])


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_the_first_run_by_keyboard(visiting_own: Any, database: Database, locale: str) -> None:
    async with database.write() as session:
        await add_heartbeat(session)
    async with visiting_own(locale=locale) as visit:
        await visit.page.set_viewport_size(ZOOMED)
        await _look(visit, "/")
