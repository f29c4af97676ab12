"""News and reports are written by strangers: what they write is shown as text. And an azak without any says so."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from playwright.async_api import expect

from backend import clock
from backend.db.session import Database
from tests.dashboard.browser.visit import Visit
from tests.factories import SAMSUNG, add_bar, add_heartbeat, add_news, add_report, add_stock, add_story, add_version

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
TITLES = [
    SCRIPT,
    "{{constructor.constructor('document.title=1')()}} ${document.title=1}",
    "\u202e가격 폭락\u200b\u2066 A" * 3,
    "한글없는아주긴단어" * 40,
    "&lt;b&gt; &amp;amp; %00 \\u003cscript\\u003e",
]
REPORT = f"""# {SCRIPT}

**결론** {SCRIPT} [클릭](javascript:document.title='owned') [둘](data:text/html,<script>1</script>)
- [안전](https://example.com/a) [기사](/api/news/1)

| <iframe src=//evil.example> | 값 |
|---|---|
| {"아주긴단어" * 60} | 1 |
"""
ROUTES = ["/", "/stock/005930", "/news", "/models", "/operations", "/settings", "/settings/stocks", "/settings/ab-test"]


class Opening(Protocol):
    def __call__(self) -> AbstractAsyncContextManager[Visit]: ...


async def test_titles_and_reports_of_strangers_stay_text(visiting_own: Opening, database: Database) -> None:
    async with database.write() as session:
        await add_stock(session, name=f"삼성{SCRIPT}")
        await add_bar(session, clock.now().date())
        stories = [await add_story(session, SAMSUNG, title=title) for title in TITLES]
        bad = await add_news(session, SAMSUNG, title="나쁜 주소", url="javascript:document.title='owned'", ago_s=10)
        await add_report(session, await add_version(session), text_ko=REPORT, text_en=REPORT)
        await add_heartbeat(session)
    assert len(stories) == len(TITLES)
    async with visiting_own() as visit:
        page = visit.page
        await visit.open("/news")
        for title in TITLES[:2]:
            await expect(page.get_by_text(title, exact=True).first).to_be_visible()
        await visit.go(f"/news/{bad}")
        assert await page.locator("a[href^='javascript'], a[href^='data']").count() == 0
        for route in ROUTES:
            await visit.go(route)
            assert (await visit.overflow_px(), await page.title() != "owned") == (0, True), route
        await visit.go("/stock/005930")
        report = page.locator(".markdown")
        await expect(report).to_contain_text("onerror=")
        assert await report.locator("script, img, iframe").count() == 0
        links = await report.locator("a").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
        assert links == ["https://example.com/a", "/news/1"]
        assert await visit.violations() == []
        assert visit.complaints == []


async def test_an_empty_azak_says_what_to_do(visiting_own: Opening) -> None:
    async with visiting_own() as visit:
        await visit.open("/")
        await expect(visit.page.locator("main")).to_contain_text("azak up --demo")
        await expect(visit.page.locator("[data-scheduler=unknown]")).to_be_visible()
        for route in ROUTES:
            await visit.go(route)
            found = {"violations": await visit.violations(), "raw": await visit.raw_words()}
            assert found == {"violations": [], "raw": []}, route
        missing = [line for line in visit.complaints if "404" not in line]
        assert missing == []
