"""Every page in both languages and themes, on both devices: nothing broken, nothing unreadable, nothing foreign."""

import re
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.browser.traffic import counted
from tests.dashboard.browser.visit import Visit, visiting
from tests.dashboard.conftest import Site

STOCK = "005930"
WORDS = {
    "ko": {
        "overview": "홈", "stock": "종목", "call": "예측", "report": "리포트", "news": "뉴스",
        "models": "모델", "operations": "운영", "settings": "설정",
    },
    "en": {
        "overview": "Overview", "stock": "Stock", "call": "Forecast", "report": "Report", "news": "News",
        "models": "Models", "operations": "Operations", "settings": "Settings",
    },
}  # fmt: skip
SUBJECTS = ("stocks", "ab-test", "ratings", "language-model", "keys")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def routes_of(site: Site) -> dict[str, str]:
    """A route of each page, by name."""
    story = site.installation.get("/api/dashboard")["stories"][0]["news_id"]
    run = site.installation.get("/api/runs", limit=1)["items"][0]["id"]
    calls = site.installation.get("/api/prediction", stock_code=STOCK, model="gated", mode="backtest")["items"]
    call = next(call["id"] for call in calls if call["outcome_state"] == "final")
    report = site.installation.get("/api/reports", stock_code=STOCK, limit=1)["items"][0]["id"]
    return {
        "overview": "/", "stock": f"/stock/{STOCK}", "call": f"/call/{call}", "report": f"/report/{report}",
        "news": f"/news/{story}", "models": "/models", "operations": f"/operations/{run}", "settings": "/settings",
        **{f"settings-{subject}": f"/settings/{subject}" for subject in SUBJECTS},
    }  # fmt: skip


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("language", ["ko", "en"])
async def test_every_page(
    browser: Browser, site: Site, device: Literal["desktop", "phone"], language: Literal["ko", "en"]
) -> None:
    """Each page in both themes; the choices of colours go round, so that each is seen in both themes too."""
    locale = {"ko": "ko-KR", "en": "en-US"}[language]
    async with visiting(browser, site.url, device, locale) as visit:
        page, root = visit.page, visit.page.locator("html")
        await visit.open()
        await expect(root).to_have_attribute("lang", language)
        colours = set()
        for name, route in routes_of(site).items():
            await visit.go(route)
            await expect(page).to_have_title(re.compile(f"azak · {WORDS[language][name.partition('-')[0]]}"))
            for theme in THEMES:
                await page.emulate_media(color_scheme=theme)
                await expect(root).to_have_attribute("data-theme", theme)
                # Only contrast differs between themes, and it is the dear half of axe.
                found = await visit.violations(only=None if theme == "light" else ["color-contrast"])
                assert found == [], (name, theme)
            assert (await visit.overflow_px(), await visit.raw_words()) == (0, []), name
            colours.add(await root.get_attribute("data-colours"))
            await page.locator("[data-switch=colours]").click()
        assert colours == {"red-up", "green-up", "safe"}
        assert visit.complaints == []


async def test_what_a_reader_chose_stays(visit: Visit) -> None:
    await visit.open("/models")
    await expect(visit.page.locator("h1")).to_have_text("모델")
    await visit.page.locator("[data-switch=language]").click()
    await expect(visit.page.locator("h1")).to_have_text("Models")  # a language is chosen once its words have come
    await visit.page.locator("[data-switch=theme]").click()
    await visit.page.reload()
    await expect(visit.page.locator("h1")).to_have_text("Models")
    await expect(visit.page.locator("html")).to_have_attribute("data-theme", "light")


async def test_the_chart_is_drawn_and_has_a_table(visit: Visit) -> None:
    await visit.open(f"/stock/{STOCK}")
    canvas = visit.page.locator(".chart canvas").first
    await expect(canvas).to_be_visible()
    painted = await canvas.evaluate(
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((part) => part)"
    )
    assert painted
    await visit.page.locator(".chart-head button").click()
    prices = visit.page.locator(".chart-head + .wide table")
    await expect(prices.locator("tbody tr")).to_have_count(30)
    answer = await visit.page.context.request.get(f"{visit.base}/api/stocks/{STOCK}/bars?limit=1")
    newest = (await answer.json())["items"][0]["trade_date"]
    await expect(prices.locator("tbody tr").first).to_contain_text(newest)


async def test_times_are_seouls_wherever_the_reader_is(visit: Visit) -> None:
    await visit.open("/news")
    first = visit.page.locator(".list time", has_text=":").first  # a filing may have its day alone
    shown = await first.inner_text()
    assert shown.endswith("KST")
    moment = await first.get_attribute("datetime")
    assert moment is not None
    hour_in_seoul = (int(moment[11:13]) + 9) % 24
    assert f" {hour_in_seoul:02}:" in shown


async def test_an_unchanged_answer_is_not_sent_again(visit: Visit) -> None:
    """The browser asks with the ETag it has, and the body does not travel a second time."""
    traffic = await counted(visit.page)
    await visit.open("/models")
    first, traffic.received = traffic.received, 0
    await visit.page.reload()
    await visit.settle()
    assert 0 < traffic.received < first / 2


async def test_the_browser_refuses_what_the_page_does_not_bring(visit: Visit) -> None:
    """The content security policy is the second wall, if ever something got through the first."""
    await visit.open("/settings")
    await visit.page.evaluate(
        """() => {
          const script = document.createElement('script');
          script.textContent = "document.title = 'owned'";
          document.body.append(script);
          const style = document.createElement('style');
          style.textContent = 'main { display: none }';
          document.body.append(style);
        }"""
    )
    assert await visit.page.title() != "owned"
    await expect(visit.page.locator("main")).to_be_visible()
    assert len([line for line in visit.complaints if "Content Security Policy" in line]) == 2


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
async def test_the_head_is_one_line_on_a_desk(browser: Browser, site: Site, locale: str) -> None:
    """With everything that it may have to say: the demo's badge, hours, a trouble, a paused job, a way out."""
    job = f"{site.url}/api/jobs/crawl_news"
    async with visiting(browser, site.url, "desktop", locale) as visit:
        await visit.sign_in(site.installation.key)
        assert (await visit.page.context.request.patch(job, data={"paused": True})).ok
        await visit.open("/")
        await expect(visit.page.locator(".chip-paused")).to_be_visible()
        heights = {}
        for width in (1240, 1280, 1366, 1440):
            await visit.page.set_viewport_size({"width": width, "height": 720})
            box = await visit.page.locator(".head").bounding_box()
            assert box is not None
            heights[width] = box["height"]
            assert await visit.overflow_px() == 0
        assert max(heights.values()) < 64, heights
        assert (await visit.page.context.request.patch(job, data={"paused": False})).ok
