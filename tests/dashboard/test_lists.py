"""Lists: filters in the address, never the list of another filter, and no end before the last item."""

import asyncio
import re
import uuid
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Protocol

import pytest
from playwright.async_api import Locator, Page, Route, expect
from sqlalchemy import update

from backend import clock
from backend.db.session import Database
from backend.db.tables.news import Story
from backend.db.tables.runs import Run
from tests.dashboard.browser.visit import Device, Visit
from tests.factories import HYNIX, SAMSUNG, add, add_bar, add_heartbeat, add_news, add_source, add_stock, add_story

ITEMS = 210
RUNS = 65
READERS: list[tuple[Device, str]] = [("desktop", "ko-KR"), ("phone", "en-US")]
WORDS: dict[str, dict[str, Any]] = {
    "ko-KR": {
        "stock": "종목", "source": "출처", "older": "이전 소식 더 보기", "newer": "새 소식 1건 보기",
        "reset": "전체 보기",
        "all": "모두 보기", "close": "닫기", "size": "기사 2건", "unknown": "주소에 알 수 없는 필터가 있어요: {}.",
        "job": "작업", "crawl": "뉴스 수집", "older runs": "이전 항목 더 보기",
    },
    "en-US": {
        "stock": "Stock", "source": "Source", "older": "Show older stories", "newer": "Show 1 new items",
        "reset": "Show all", "all": "Show all", "close": "Close", "size": "articles: 2",
        "unknown": "This address has an unknown filter: {}.", "job": "Job", "crawl": "Crawl news",
        "older runs": "Show older items",
    },
}  # fmt: skip


class Opening(Protocol):
    def __call__(self, device: Device, locale: str) -> AbstractAsyncContextManager[Visit]: ...


def _of(code: str) -> list[str]:
    """Titles about a stock: every third is SK하이닉스's, which mk wrote."""
    return [f"소식 {number}" for number in range(ITEMS) if (number % 3 == 0) == (code == HYNIX)]


async def _add_news(database: Database) -> None:
    """News 0 (newest) to 209, one a minute; number 1 repeats an older story."""
    async with database.write() as session:
        await add_stock(session)
        await add_stock(session, HYNIX, "SK하이닉스")
        await add_bar(session, clock.now().date())
        await add_source(session, "hankyung")
        await add_source(session, "mk")
        story = await add_story(session, SAMSUNG, title="사건", ago_s=60 * (ITEMS + 1))
        await session.execute(update(Story).values(size=2))
        for number in range(ITEMS):
            code, source = (HYNIX, "mk") if number % 3 == 0 else (SAMSUNG, "hankyung")
            story_id = story if number == 1 else None
            ago_s = 60 * (number + 1)
            await add_news(session, code, source=source, title=f"소식 {number}", ago_s=ago_s, story_id=story_id)
        await add_heartbeat(session)


def _select(page: Page, label: str) -> Locator:
    """The select of a filter; its label begins with its name and goes on with its choices."""
    return page.locator("label").filter(has_text=re.compile(f"^{label}")).locator("select")


async def _expect_titles(visit: Visit, titles: list[str]) -> None:
    await expect(visit.page.locator(".list > li > a:first-child")).to_have_text(titles)


@pytest.mark.parametrize(("device", "locale"), READERS)
async def test_filters_of_news(visiting_own: Opening, database: Database, device: Device, locale: str) -> None:
    await _add_news(database)
    words, of_hynix, of_samsung = WORDS[locale], _of(HYNIX), _of(SAMSUNG)
    async with visiting_own(device, locale) as visit:
        page = visit.page
        await visit.open("/news")
        stock = _select(page, words["stock"])
        older = page.get_by_role("button", name=words["older"])
        await _expect_titles(visit, [f"소식 {number}" for number in range(80)])

        await stock.select_option(HYNIX)
        await _expect_titles(visit, of_hynix)
        await expect(older).to_have_count(0)
        await stock.select_option(SAMSUNG)
        await _expect_titles(visit, of_samsung[:80])
        # The oldest item belongs to the story of number 1: it heads it, and is not told twice.
        await older.click()
        await _expect_titles(visit, ["사건", *of_samsung[1:]])
        await expect(older).to_have_count(0)

        await page.go_back()
        await _expect_titles(visit, of_hynix)
        await page.reload()
        await expect(stock).to_have_value(HYNIX)
        await _expect_titles(visit, of_hynix)
        await _select(page, words["source"]).select_option("hankyung")
        await _expect_titles(visit, [])
        await expect(page).to_have_url(f"{visit.base}/news?stock={HYNIX}&source=hankyung")

        await visit.go(f"/stock/{SAMSUNG}")
        await page.get_by_role("link", name=words["all"]).click()
        await _expect_titles(visit, of_samsung[:80])
        await page.get_by_role("link", name="소식 4", exact=True).click()
        await expect(page.locator(".headline")).to_have_text("소식 4")
        await page.get_by_role("link", name=words["close"]).click()
        await expect(page).to_have_url(f"{visit.base}/news?stock={SAMSUNG}")
        assert visit.complaints == []


@pytest.mark.parametrize(("device", "locale"), READERS)
async def test_what_a_list_of_news_never_shows(
    visiting_own: Opening, database: Database, device: Device, locale: str
) -> None:
    """The list of another filter meanwhile, another list for an unknown filter, a part of a story as the whole."""
    await _add_news(database)
    words = WORDS[locale]
    async with visiting_own(device, locale) as visit:
        page, release = visit.page, asyncio.Event()

        async def hold(route: Route) -> None:
            await release.wait()
            await route.continue_()

        await visit.open("/news")
        await expect(page.locator(".list > li").nth(1)).to_contain_text(words["size"])
        await page.get_by_role("link", name="소식 1", exact=True).click()
        await expect(page.locator(".sticky")).to_contain_text(words["size"])

        await visit.go("/news")
        await page.route("**/api/news?*source=mk*", hold)
        await _select(page, words["source"]).select_option("mk")
        await expect(page.locator(".skeleton")).to_be_visible()
        await _expect_titles(visit, [])
        release.set()
        await _expect_titles(visit, _of(HYNIX))

        for unknown in ("source=nosuch", "stock=x", "stock=999999", "kind=gossip", "stok=005930"):
            await visit.go(f"/news?{unknown}")
            refusal = page.locator(".failure")
            await expect(refusal).to_contain_text(words["unknown"].format(unknown))
            await _expect_titles(visit, [])
            assert await visit.violations() == []
            await refusal.get_by_role("link", name=words["reset"]).click()
            await expect(page.locator(".list > li")).to_have_count(80)

        async with database.write() as session:
            await add_news(session, SAMSUNG, title="새 소식", ago_s=1)
        # The page asks when it is looked at again; until the reader wants it, the list stands still.
        await page.evaluate("() => dispatchEvent(new Event('visibilitychange'))")
        await page.get_by_role("button", name=words["newer"]).click()
        await expect(page.locator(".list > li > a:first-child").first).to_have_text("새 소식")
        assert [line for line in visit.complaints if "404" not in line] == []


@pytest.mark.parametrize(("device", "locale"), READERS)
async def test_runs_are_filtered_and_paged(
    visiting_own: Opening, database: Database, device: Device, locale: str
) -> None:
    words, made = WORDS[locale], []
    async with database.write() as session:
        for number in range(RUNS):
            kind, state = (("crawl_news", "failed"), ("housekeeping", "succeeded"))[number % 5 == 0]
            values = {
                "active_key": str(number),
                "origin": "clock",
                "created_at": clock.now() - timedelta(minutes=number),
            }
            made.append((str(await add(session, Run, id=uuid.uuid4(), kind=kind, state=state, **values)), kind))
        await add_heartbeat(session)
    crawls = [run for run, kind in made if kind == "crawl_news"]
    async with visiting_own(device, locale) as visit:
        page = visit.page
        card = page.locator(".card").filter(has=page.locator(".run-bars"))
        rows, older = card.locator("tbody tr"), card.get_by_role("button", name=words["older runs"])
        await visit.open("/operations?show=runs")
        await expect(rows).to_have_count(30)
        await older.click()
        await expect(rows).to_have_count(60)
        await older.click()
        await expect(rows).to_have_count(RUNS)
        await expect(older).to_have_count(0)
        await _select(page, words["job"]).select_option(label=words["crawl"])
        await expect(rows).to_have_count(30)
        await older.click()
        await expect(rows).to_have_count(len(crawls))
        assert [await row.get_attribute("data-row") for row in await rows.all()] == crawls
        await rows.first.locator("a").first.click()
        await expect(page).to_have_url(f"{visit.base}/operations/{crawls[0]}?show=runs&job=crawl_news")
        await page.get_by_role("link", name=words["close"]).click()
        await expect(page).to_have_url(f"{visit.base}/operations?show=runs&job=crawl_news")
        await page.reload()
        await expect(rows.first).to_contain_text(words["crawl"])
        await visit.go("/operations?state=asleep")
        await expect(page.locator(".failure")).to_contain_text(words["unknown"].format("state=asleep"))
        await visit.go("/models?horizon=2")
        await expect(page.locator(".failure")).to_contain_text(words["unknown"].format("horizon=2"))
        assert visit.complaints == []
