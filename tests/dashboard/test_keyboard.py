"""Everything is reached without a mouse, and one sees where one is; also at 200 % zoom (1280 x 720 are 640 x 360)."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize, expect

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
_FOCUS = """() => {
  const on = document.activeElement;
  const style = getComputedStyle(on);
  const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return [on.tagName, on.textContent.trim().slice(0, 40), isSeen];
}"""


async def test_walk_through_the_page(visit: Visit) -> None:
    page = visit.page
    await visit.open("/operations")
    reached = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        tag, text, is_seen = await page.evaluate(_FOCUS)
        assert is_seen, (tag, text)
        reached.append(text)
    assert reached[0] == "본문으로 건너뛰기"
    assert {"홈", "뉴스", "모델", "운영", "설정", "지금 실행", "일시 중지"} <= set(reached)


async def test_skip_link_and_pages(visit: Visit) -> None:
    page = visit.page
    await visit.open("/")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.get_by_role("navigation").get_by_text("뉴스").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("뉴스")
    await expect(page.get_by_role("main")).to_be_focused()


async def test_search_by_initial_consonants(visit: Visit) -> None:
    page = visit.page
    await visit.open("/news")
    await page.keyboard.press("/")
    search = page.get_by_role("combobox", name="종목 찾기")
    await expect(search).to_be_focused()
    await page.keyboard.insert_text("ㅅㅅㅈㅈ")
    await expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text("삼성전자")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_have_count(0)
    await search.fill("하이")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page).to_have_title(re.compile("000660"))


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
async def test_operations_when_zoomed(browser: Browser, site: Site, locale: str) -> None:
    async with visiting(browser, site.url, locale=locale, viewport=ZOOMED) as visit:
        await visit.sign_in(site.installation.key)
        for route in (*(f"/operations?show={part}" for part in PARTS), routes_of(site)["operations"]):
            await _look(visit, route)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_settings_when_zoomed(browser: Browser, site: Site, locale: str) -> None:
    async with visiting(browser, site.url, locale=locale, viewport=ZOOMED) as visit:
        await visit.sign_in(site.installation.key)
        for route in ("/settings", *(f"/settings/{subject}" for subject in SUBJECTS)):
            await _look(visit, route)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_calls_and_reports_when_zoomed(browser: Browser, site: Site, locale: str) -> None:
    routes = routes_of(site)
    async with visiting(browser, site.url, locale=locale, viewport=ZOOMED) as visit:
        for name in ("overview", "call", "report"):
            await _look(visit, routes[name])


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_the_first_run_when_zoomed(visiting_own: Any, database: Database, locale: str) -> None:
    async with database.write() as session:
        await add_heartbeat(session)
    async with visiting_own(locale=locale) as visit:
        await visit.page.set_viewport_size(ZOOMED)
        await _look(visit, "/")
