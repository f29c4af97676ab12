"""What people order on the page is carried out, watched to its end, and seen in every open tab."""

import re
from collections.abc import Iterator

import asyncpg
import pytest
from playwright.async_api import Page, expect

from tests.dashboard.browser.visit import Visit
from tests.dashboard.conftest import Site

DONE_WITHIN_MS = 90_000
TABS = 8


@pytest.fixture(scope="module", autouse=True)
def scheduler(site: Site) -> Iterator[None]:
    site.start("scheduler")
    yield
    site.stop("scheduler")


async def test_signing_in_with_the_key_makes_the_buttons_work(visit: Visit, site: Site) -> None:
    page = visit.page
    await visit.open("/operations")
    row = page.locator("[data-row=housekeeping]")
    await row.get_by_role("button", name="지금 실행").click()
    await expect(row.locator(".failure")).to_contain_text("로그인")
    await row.locator(".failure a").click()
    await page.get_by_label("키", exact=True).fill(site.installation.key["Authorization"].removeprefix("Bearer "))
    await page.locator("form").filter(has=page.get_by_label("키", exact=True)).get_by_role("button").click()
    await expect(page.get_by_role("button", name="로그아웃")).to_be_visible()
    stored = await page.evaluate("() => JSON.stringify(localStorage) + document.cookie")
    assert site.installation.key["Authorization"].removeprefix("Bearer ") not in stored

    await visit.go("/operations")
    await row.get_by_role("button", name="지금 실행").click()
    await expect(row.locator("[data-run=succeeded]")).to_contain_text("성공", timeout=DONE_WITHIN_MS)
    assert [line for line in visit.complaints if "401" not in line] == []


async def test_a_job_is_paused_and_resumed(visit: Visit, site: Site) -> None:
    await visit.sign_in(site.installation.key)
    await visit.open("/operations")
    row = visit.page.locator("[data-row=crawl_news]")
    await row.get_by_role("button", name="일시 중지").click()
    await expect(row).to_contain_text("일시 중지됨")
    paused = {job["id"]: job["paused_at"] for job in site.installation.get("/api/jobs")["items"]}
    assert [name for name, since in paused.items() if since] == ["crawl_news"]
    await row.get_by_role("button", name="재개").click()
    await expect(row).not_to_contain_text("일시 중지됨")
    assert visit.complaints == []


# The newest report once more, of other facts: from the same ones no report would be written.
_ADD_REPORT = """
    INSERT INTO reports OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(report, jsonb_build_object(
        'id', nextval(pg_get_serial_sequence('reports', 'id')), 'fact_hash', 'of other facts',
        'run_id', gen_random_uuid(), 'asof', report.asof + interval '1 second',
        'text_ko', report.text_ko || ' 그때는 그랬습니다.'))).*
    FROM reports AS report WHERE stock_code = '005930' ORDER BY asof DESC LIMIT 1
"""


async def _add_report(site: Site) -> None:
    connection = await asyncpg.connect(site.installation.database_url)
    try:
        await connection.execute(_ADD_REPORT)
    finally:
        await connection.close()


async def test_a_report_is_ordered_and_its_changes_are_shown(visit: Visit, site: Site) -> None:
    page = visit.page
    await _add_report(site)
    before = len(site.installation.get("/api/reports", stock_code="005930", limit=9)["items"])
    await visit.sign_in(site.installation.key)
    await visit.open("/stock/005930")
    card = page.locator(".card").filter(has=page.get_by_role("button", name="리포트 새로 쓰기"))
    await card.get_by_role("button", name="리포트 새로 쓰기").click()
    await expect(card.locator("[data-run=succeeded]")).to_be_visible(timeout=DONE_WITHIN_MS)
    await expect(card.locator("select option")).to_have_count(before + 1)
    await card.get_by_role("button", name=re.compile("달라진")).click()
    await expect(card.locator(".diff li.new").first).to_be_visible()
    await expect(card.locator(".diff li.gone").first).to_be_visible()

    # The run leads to what it wrote, here and where runs are listed.
    newest = site.installation.get("/api/reports", stock_code="005930", limit=1)["items"][0]
    link = card.locator("[data-run=succeeded]").get_by_role("link", name="리포트 보기")
    await expect(link).to_have_attribute("href", f"/report/{newest['id']}")
    await visit.go("/operations?show=runs&job=generate_reports")
    await page.locator(f"[data-row='{newest['run_id']}']").get_by_role("link", name="리포트 보기").click()
    await expect(page).to_have_url(f"{visit.base}/report/{newest['id']}")
    assert visit.complaints == []


def _streams(page: Page, opened: list[str]) -> None:
    page.on("request", lambda request: opened.append(request.url) if "/api/events" in request.url else None)


async def test_eight_tabs_share_one_stream(visit: Visit, site: Site) -> None:
    await visit.sign_in(site.installation.key)
    tabs = [visit.page, *[await visit.page.context.new_page() for _ in range(TABS - 1)]]
    opened: list[str] = []
    for tab in tabs:
        _streams(tab, opened)
        await tab.goto(f"{visit.base}/operations?show={'jobs' if tab is tabs[-1] else 'runs'}")
        await expect(tab.locator(".tabs ~ .card tbody tr").first).to_be_visible()
    assert len(opened) == 1
    await tabs[-1].locator("[data-row=housekeeping]").get_by_role("button", name="지금 실행").click()
    done = tabs[-1].locator("[data-row=housekeeping] [data-run=succeeded] a")
    await expect(done).to_be_visible(timeout=DONE_WITHIN_MS)
    run = (await done.get_attribute("href") or "").rpartition("/")[2]
    for tab in tabs[:-1]:
        await expect(tab.locator(f"[data-row='{run}'] [data-state=succeeded]")).to_be_visible(timeout=DONE_WITHIN_MS)
    async with visit.page.context.expect_event("request", lambda request: "/api/events" in request.url):
        await tabs[0].close()
    assert len(opened) == 2
    assert visit.complaints == []
