"""Every page in both languages and themes, on both devices: nothing broken, nothing unreadable, nothing foreign."""

import re
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.conftest import Site
from tests.dashboard.visit import Visit, visiting

STOCK = "005930"
WORDS = {
    "ko": {
        "overview": "한눈에", "stock": "종목", "news": "뉴스", "models": "모델", "operations": "운영",
        "settings": "설정",
    },
    "en": {
        "overview": "Overview", "stock": "Stock", "news": "News", "models": "Models", "operations": "Operations",
        "settings": "Settings",
    },
}  # fmt: skip
COLOURS = ["red-up", "green-up", "safe"]


def _routes(site: Site) -> dict[str, str]:
    story = site.installation.get("/api/dashboard")["stories"][0]["news_id"]
    run = site.installation.get("/api/runs", limit=1)["items"][0]["id"]
    return {
        "overview": "#/", "stock": f"#/stock/{STOCK}", "news": f"#/news/{story}", "models": "#/models",
        "operations": f"#/operations/{run}", "settings": "#/settings",
    }  # fmt: skip


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page(
    browser: Browser,
    site: Site,
    device: Literal["desktop", "phone"],
    language: Literal["ko", "en"],
    theme: Literal["light", "dark"],
) -> None:
    locale = {"ko": "ko-KR", "en": "en-US"}[language]
    async with visiting(browser, site.url, device, locale, color_scheme=theme) as visit:
        await visit.open()
        await expect(visit.page.locator("html")).to_have_attribute("data-theme", theme)
        await expect(visit.page.locator("html")).to_have_attribute("lang", language)
        for name, route in _routes(site).items():
            await visit.go(route)
            await expect(visit.page).to_have_title(re.compile(f"azak · {WORDS[language][name]}"))
            found = {
                "violations": await visit.violations(),
                "overflow": await visit.overflow_px(),
                "raw words": await visit.raw_words(),
            }
            assert found == {"violations": [], "overflow": 0, "raw words": []}, name
        assert visit.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_each_choice_of_colours_can_be_read(
    browser: Browser, site: Site, theme: Literal["light", "dark"]
) -> None:
    async with visiting(browser, site.url, color_scheme=theme) as visit:
        await visit.open(f"#/stock/{STOCK}")
        seen = set()
        for _ in COLOURS:
            seen.add(await visit.page.locator("html").get_attribute("data-colours"))
            assert await visit.violations() == []
            await visit.page.locator("[data-switch=colours]").click()
        assert seen == set(COLOURS)


async def test_what_a_reader_chose_stays(visit: Visit) -> None:
    await visit.open("#/models")
    await expect(visit.page.locator("h1")).to_have_text("모델")
    await visit.page.locator("[data-switch=language]").click()
    await visit.page.locator("[data-switch=theme]").click()
    await visit.page.reload()
    await expect(visit.page.locator("h1")).to_have_text("Models")
    await expect(visit.page.locator("html")).to_have_attribute("data-theme", "light")


async def test_the_chart_is_drawn_and_has_a_table(visit: Visit) -> None:
    await visit.open(f"#/stock/{STOCK}")
    canvas = visit.page.locator(".chart canvas").first
    await expect(canvas).to_be_visible()
    painted = await canvas.evaluate(
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((part) => part)"
    )
    assert painted
    await visit.page.locator(".chart-head button").click()
    prices = visit.page.locator(".chart-head + .wide table")
    await expect(prices.locator("tbody tr")).to_have_count(30)
    newest = visit_bars(visit)
    await expect(prices.locator("tbody tr").first).to_contain_text(await newest)


async def visit_bars(visit: Visit) -> str:
    """The newest trading day, straight from the API."""
    answer = await visit.page.context.request.get(f"{visit.base}/api/stocks/{STOCK}/bars?limit=1")
    return str((await answer.json())["items"][0]["trade_date"])


async def test_times_are_seouls_wherever_the_reader_is(visit: Visit) -> None:
    await visit.open("#/news")
    shown = await visit.page.locator(".list time").first.inner_text()
    assert shown.endswith("KST")
    moment = await visit.page.locator(".list time").first.get_attribute("datetime")
    assert moment is not None
    hour_in_seoul = (int(moment[11:13]) + 9) % 24
    assert f" {hour_in_seoul:02}:" in shown


async def test_an_unchanged_answer_is_not_sent_again(visit: Visit) -> None:
    await visit.open("#/models")
    async with visit.page.expect_response(lambda answer: answer.url.endswith("/api/models")) as first:
        await visit.page.reload()
    assert (await first.value).status in {200, 304}
    answer = await visit.page.context.request.get(f"{visit.base}/api/models")
    again = await visit.page.context.request.get(
        f"{visit.base}/api/models", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status == 304
