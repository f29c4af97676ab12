"""A part of azak dies for real: the page says which and since when, keeps what it had, and mends itself."""

from playwright.async_api import expect

from tests.dashboard.browser.visit import Visit
from tests.dashboard.conftest import Site

BANNER_WITHIN_MS = 20_000
BACK_WITHIN_MS = 60_000


async def test_scheduler_is_killed_and_comes_back(visit: Visit, site: Site) -> None:
    site.start("scheduler")
    page, banner = visit.page, visit.page.locator("[data-scheduler]")
    await visit.sign_in(site.installation.key)
    await visit.open("/operations")
    await expect(banner).to_have_count(0, timeout=BACK_WITHIN_MS)

    site.kill("scheduler")
    await expect(banner).to_have_attribute("data-scheduler", "silent", timeout=BANNER_WITHIN_MS)
    await expect(banner).to_contain_text("스케줄러가 응답하지 않아요")
    await expect(banner).to_contain_text("KST")
    await visit.go("/stock/005930")
    await expect(page.locator(".chart canvas").first).to_be_visible()
    assert await visit.violations() == []

    await visit.go("/operations")
    row = page.locator("[data-row=housekeeping]")
    await row.get_by_role("button", name="지금 실행").click()
    await expect(row.locator("[data-run=queued]")).to_contain_text("스케줄러를 기다리는 중")
    await row.locator("[data-run] a").click()
    await page.get_by_role("button", name="취소").click()
    await expect(page.locator(".facts")).to_contain_text("취소됨")

    site.start("scheduler")
    await expect(banner).to_have_count(0, timeout=BACK_WITHIN_MS)
    site.stop("scheduler")
    await expect(banner).to_have_attribute("data-scheduler", "stopped", timeout=BANNER_WITHIN_MS)
    await expect(banner).to_contain_text("정상 종료")
    assert visit.complaints == []


async def test_api_is_killed_and_the_page_recovers_by_itself(visit: Visit, site: Site) -> None:
    page = visit.page
    await visit.open("/")
    stocks = await page.locator("tr[data-row]").count()
    assert stocks >= 20
    site.kill("api")
    await expect(page.get_by_text("API에 연결할 수 없어요.")).to_be_visible(timeout=BANNER_WITHIN_MS)
    await expect(page.locator(".health-lost")).to_be_visible()
    await expect(page.locator("tr[data-row]")).to_have_count(stocks)
    site.start("api")
    await expect(page.get_by_text("API에 연결할 수 없어요.")).to_have_count(0, timeout=BACK_WITHIN_MS)
    await expect(page.locator(".stale")).to_have_count(0, timeout=BACK_WITHIN_MS)
    assert all("Failed to load resource" in complaint for complaint in visit.complaints)
