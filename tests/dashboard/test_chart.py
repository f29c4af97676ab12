"""The price chart under the hands of a reader: wheel, pinch and scroll, and on paper."""

import re
from typing import Any

from playwright.async_api import Browser, FloatRect, expect

from tests.dashboard.browser.visit import Visit, visiting
from tests.dashboard.conftest import Site
from tests.fixtures.looking import looks

ROUTE = "/stock/005930"
NOTCH_PX = 100
# The bands are the only wide areas that let the page through: pixels of the accent colour with little alpha, by column.
_BANDS = """(canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const counts = Array(width).fill(0);
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] > 30 && data[at + 3] < 90 && data[at + 2] > data[at] + 100) counts[(at / 4) % width] += 1;
  return { width, columns: counts.flatMap((n, x) => n >= 12 * devicePixelRatio ? [[x, n]] : []) };
}"""


async def _drawn(visit: Visit) -> FloatRect:
    """Open the stock page and scroll to its chart, which stands below what leads the page; gives its place."""
    await visit.open(ROUTE)
    chart = visit.page.locator(".chart[data-drawn]")
    await chart.wait_for()
    await chart.evaluate("(element) => element.scrollIntoView({ block: 'center' })")
    box = await chart.bounding_box()
    assert box is not None
    return box


async def _fan(visit: Visit) -> tuple[int, int, int]:
    """First and last column of the fan in the next frame, and the width of the pane. Raises if it is torn."""
    await visit.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: dict[str, Any] = await visit.page.locator(".chart canvas").first.evaluate(_BANDS)
    columns = dict(found["columns"])
    if not columns:
        return (0, 0, found["width"])
    first, last = min(columns), max(columns)
    assert set(columns) == set(range(first, last + 1)), "one area"
    # The last column is cut in the middle of a pixel.
    assert max(columns.values()) - columns[max(first, last - 1)] <= 0.1 * max(columns.values()), (
        "that opens to the right"
    )
    return first, last, found["width"]


def _own(complaints: list[str]) -> list[str]:
    """Those that are not about our reading of the canvas."""
    return [line for line in complaints if "willReadFrequently" not in line]


async def test_the_wheel_scrolls_the_page_until_the_chart_is_clicked(visit: Visit) -> None:
    page, box = visit.page, await _drawn(visit)
    x, y, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, await page.evaluate("() => scrollY")
    before = await _fan(visit)
    await page.mouse.move(x, y)
    await page.mouse.wheel(0, 2 * NOTCH_PX)
    await page.wait_for_function(f"() => scrollY === {top + 2 * NOTCH_PX}")
    assert await _fan(visit) == before

    await page.evaluate(f"() => scrollTo(0, {top})")
    await page.mouse.click(x, y + 100)
    for _ in range(8):
        await page.mouse.wheel(0, -NOTCH_PX)
        await _fan(visit)
    await page.mouse.wheel(0, 8 * NOTCH_PX)
    await _fan(visit)
    assert await page.evaluate("() => scrollY") == top

    await page.keyboard.press("Escape")
    await page.mouse.wheel(0, NOTCH_PX)
    await page.wait_for_function(f"() => scrollY === {top + NOTCH_PX}")
    assert _own(visit.complaints) == []


async def test_the_edge_of_the_chart_cuts_the_fan(visit: Visit) -> None:
    page, box = visit.page, await _drawn(visit)
    first, last, width = await _fan(visit)
    assert width / 2 < first < last < width
    x, y, cut = box["x"] + first - 200, box["y"] + 300, 0
    await page.mouse.move(x, y)
    await page.mouse.down()
    for step in range(1, 9):
        await page.mouse.move(x + step * (last - first) / 8, y)
        seen_from, seen_to, _ = await _fan(visit)
        is_whole = seen_to - seen_from >= last - first - 2
        assert is_whole or seen_to >= width - 3, "it goes on beyond the edge"
        cut += not is_whole
    await page.mouse.up()
    assert cut >= 2


async def _touch(visit: Visit, *ways: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Fingers, each from one place to another."""
    client = await visit.page.context.new_cdp_session(visit.page)

    async def touch(kind: str, share: float) -> None:
        places = [
            (from_x + (to_x - from_x) * share, from_y + (to_y - from_y) * share)
            for (from_x, from_y), (to_x, to_y) in ways
        ]
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        await client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    await touch("touchStart", 0)
    for step in range(1, 11):
        await touch("touchMove", step / 10)
    await client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def test_two_fingers_zoom_and_one_scrolls(browser: Browser, site: Site) -> None:
    async with visiting(browser, site.url, "phone", "en-US") as visit:
        page, box = visit.page, await _drawn(visit)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before, top = await _fan(visit), await page.evaluate("() => scrollY")
        for start, end in ((60, 120), (120, 20)):
            await _touch(visit, ((x - start, y), (x - end, y)), ((x + start, y), (x + end, y)))
            assert await _fan(visit) != before
        assert await page.evaluate("() => [scrollY, visualViewport.scale]") == [top, 1]
        await _touch(visit, ((x, y), (x, y - 200)))
        await page.wait_for_function(f"() => scrollY > {top + 100}")
        assert _own(visit.complaints) == []


async def test_periods_reach_from_a_day_to_all_of_the_history(visit: Visit, site: Site) -> None:
    """Longer ones ask for what they need when they are chosen; an index is drawn over them."""
    page = visit.page
    await _drawn(visit)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for period in ("1주", "1년", "지수"):
        button = page.get_by_role("button", name=period, exact=True)
        await button.click()
        await visit.settle()
        assert await button.get_attribute("aria-pressed") == "true"
    async for _ in looks(within_s=10):  # nothing on the page says that a request goes out without a skeleton
        history = [url.rpartition("/api/")[2].partition("?")[0] for url in asked if "/bars?" in url]
        if "indexes/KOSPI/bars" in history:
            break
    assert history[0] == "stocks/005930/bars"
    await expect(page).to_have_url(re.compile(r"\?period=1y&index=on$"))
    await page.get_by_role("button", name="1일", exact=True).click()
    await visit.settle()
    minutes = site.installation.get("/api/stocks/005930/bars/minutes")["items"]
    shown = page.locator(".legend span").first if minutes else page.get_by_text("아직 분봉이 없어요")
    await expect(shown).to_have_text(re.compile(r"^\d{2}:\d{2}$|분봉"))
    assert _own(visit.complaints) == []


async def _pressed(visit: Visit) -> list[str]:
    await visit.settle()
    return await visit.page.locator(".card-head button[aria-pressed=true]").all_inner_texts()


async def test_what_the_chart_shows_stands_in_its_address(visit: Visit) -> None:
    """A link, back and reload show the same; what the address says and nobody knows is as if it said nothing."""
    page = visit.page
    await visit.open(f"{ROUTE}?period=3m&index=on")
    assert await _pressed(visit) == ["3개월", "지수"]
    await expect(page.locator("main [role=alert]")).to_have_count(0)
    await page.get_by_role("button", name="1개월", exact=True).click()
    await expect(page).to_have_url(f"{visit.base}{ROUTE}?period=1m&index=on")
    await page.get_by_role("button", name="지수", exact=True).click()
    await expect(page).to_have_url(f"{visit.base}{ROUTE}?period=1m")
    await page.reload()
    assert await _pressed(visit) == ["1개월"]
    await page.go_back()
    await expect(page).to_have_url(f"{visit.base}{ROUTE}?period=1m&index=on")
    assert await _pressed(visit) == ["1개월", "지수"]
    await page.get_by_role("button", name="1개월", exact=True).click()
    await expect(page).to_have_url(f"{visit.base}{ROUTE}?index=on")
    for unknown in ("?period=2m&index=kospi", "?period=constructor", "?period=&index=", "?nothing=1"):
        await visit.open(f"{ROUTE}{unknown}")
        assert await _pressed(visit) == []
        await page.locator(".chart[data-drawn]").wait_for()
        assert await page.locator("main .failure, main [role=alert]").all_inner_texts() == [], unknown
    assert _own(visit.complaints) == []
