"""What people come for, each within its clicks from the overview and with its answer in the first screen.

The first run without keys has a file of its own, because it needs an azak of its own: actions/test_first_run.py.
"""

import re
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Locator, expect

from backend import clock
from backend.db.session import Database
from tests.dashboard.browser.visit import Visit, visiting
from tests.dashboard.conftest import Site
from tests.factories import add_heartbeat, add_source, add_stock

STOCK, NAME = "005930", "삼성전자"
HEIGHTS = {"desktop": 720, "phone": 844}
both_devices = pytest.mark.parametrize("device", ["desktop", "phone"])
Device = Literal["desktop", "phone"]


async def at_start(visit: Visit, device: Device) -> None:
    """The overview in the window of the table: 1280 x 720, or a phone of 390 x 844."""
    await visit.page.set_viewport_size({"width": 1280 if device == "desktop" else 390, "height": HEIGHTS[device]})
    await visit.open("/")


async def in_first_screen(visit: Visit, *answers: Locator) -> None:
    """Each of them is there, whole and above the fold of a page that nobody has scrolled."""
    await visit.settle()
    height = await visit.page.evaluate("() => innerHeight")
    assert await visit.page.evaluate("() => scrollY") == 0
    for answer in answers:
        await expect(answer).to_be_visible()
        box = await answer.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height, (await answer.inner_text(), box)


@both_devices
async def test_what_is_said_of_a_stock_takes_one_click(browser: Browser, site: Site, device: Device) -> None:
    """What, why, how large, how sure, what would change it, and how often it was right."""
    async with visiting(browser, site.url, device) as visit:
        await at_start(visit, device)
        await visit.page.locator(f"[data-row='{STOCK}'] th a").click()
        await expect(visit.page.locator("h1")).to_contain_text(NAME)
        lines = visit.page.locator(".lead dd")
        await expect(lines.nth(5)).to_be_visible()  # a session that runs adds a seventh, of the rest of it
        await in_first_screen(visit, *[lines.nth(place) for place in range(6)])
        await expect(lines.nth(2)).to_contain_text(re.compile(r"±\d+\.\d%\s*평소 ±\d+\.\d%"))
        await expect(lines.nth(3)).to_contain_text(re.compile(r"평소 100번 중 [\d.]+번, 지금 [\d.]+번"))
        await expect(lines.nth(4)).to_contain_text(re.compile(r"80% 범위 적중 \d+/\d+"))


@both_devices
async def test_why_a_past_call_was_wrong_takes_two_clicks(browser: Browser, site: Site, device: Device) -> None:
    async with visiting(browser, site.url, device) as visit:
        await at_start(visit, device)
        await visit.page.locator(f"[data-row='{STOCK}'] th a").click()
        await visit.settle()
        past = visit.page.locator(".card").filter(has=visit.page.locator(".strip-of-calls"))
        call = past.locator("tbody tr", has=visit.page.locator(".hold, .right, .wrong")).first
        day = await call.locator("th time").get_attribute("datetime")
        await call.locator("th a").click()
        await expect(visit.page).to_have_url(re.compile(r"/call/\d+$"))
        answer = visit.page.locator(".card").first
        await in_first_screen(visit, answer.locator(".headline"), *[answer.locator("dd").nth(n) for n in range(3)])
        await expect(answer.locator("dd").nth(1)).to_contain_text("시장")
        await expect(answer.locator("dd").nth(2)).to_contain_text(re.compile("종목만의 움직임|소식|나눠 보지"))
        found = site.installation.get(f"/api/calls/{visit.page.url.rpartition('/')[2]}")
        assert day is not None
        assert datetime.fromisoformat(found["prediction"]["asof"]) == datetime.fromisoformat(day)


@both_devices
async def test_what_moved_the_most_and_why_takes_no_click(browser: Browser, site: Site, device: Device) -> None:
    async with visiting(browser, site.url, device) as visit:
        await at_start(visit, device)
        most = visit.page.locator("[data-most]")
        await in_first_screen(visit, most)
        stocks = site.installation.get("/api/dashboard")["stocks"]
        moved = max((row for row in stocks if row["change"] is not None), key=lambda row: abs(row["change"]))
        assert await most.get_attribute("data-most") == moved["code"]
        assert re.search(r"[▲▼] [+−]\d+\.\d\d%\s*·\s*\S+", await most.inner_text())


@both_devices
async def test_whether_to_believe_the_model_takes_one_click(browser: Browser, site: Site, device: Device) -> None:
    async with visiting(browser, site.url, device) as visit:
        await at_start(visit, device)
        await visit.page.locator("nav a", has_text="모델").click()
        belief = visit.page.locator("[data-belief]")
        await expect(belief).to_contain_text("종합")
        await in_first_screen(visit, belief)


@both_devices
async def test_what_is_stale_takes_one_click(browser: Browser, site: Site, device: Device) -> None:
    """Nobody runs the scheduler here: what, since when and what to do stand below one click on the health."""
    async with visiting(browser, site.url, device) as visit:
        await at_start(visit, device)
        await visit.page.locator("a.health").click()
        await expect(visit.page).to_have_url(f"{site.url}/operations")
        reasons = visit.page.locator(".card", has=visit.page.get_by_role("heading", name="점검 항목"))
        await in_first_screen(visit, reasons.locator("li").first)
        await expect(reasons.locator("li").first).to_contain_text(
            re.compile(r"\d{2}:\d{2} KST부터.*스케줄러", re.DOTALL)
        )
        banner = visit.page.locator(".banner")
        await expect(banner).to_contain_text(re.compile(r"\d{2}:\d{2}:\d{2} KST|한 번도"))
        await expect(banner.locator("code")).not_to_be_empty()


@both_devices
async def test_data_that_stopped_coming_takes_one_click(visiting_own: Any, database: Database, device: Device) -> None:
    """What does not come, since when, and a link to where its sources are switched and tried."""
    since = clock.now() - timedelta(hours=3)
    async with database.write() as session:
        await add_stock(session)
        await add_heartbeat(session)
        await add_source(session, "public_data", kind="prices", last_ok_at=since, consecutive_failures=4)
        await add_source(session, "rss_mk", last_ok_at=clock.now())
    async with visiting_own(device) as visit:
        await at_start(visit, device)
        await expect(visit.page.locator("a.health")).to_have_text("점검 필요")
        await visit.page.locator("a.health").click()
        trouble = visit.page.locator("li", has_text="가격 출처가 모두 제대로 응답하지 않아요")
        await in_first_screen(visit, trouble)
        told = await trouble.locator("time").get_attribute("datetime")
        assert told is not None
        assert datetime.fromisoformat(told) == since
        await expect(trouble.locator("time")).to_have_text(re.compile(r"KST부터$"))
        await trouble.get_by_role("link", name="출처 보기").click()
        source = visit.page.locator("[data-row=public_data]")
        await expect(source.get_by_role("button", name="시험하기")).to_be_visible()


@both_devices
async def test_a_job_is_paused_and_resumed_within_two_clicks(browser: Browser, site: Site, device: Device) -> None:
    """One to the jobs and one on the first of them; another window sees it paused on every page, and resumes it."""
    async with visiting(browser, site.url, device) as visit, visiting(browser, site.url, device) as other:
        await visit.sign_in(site.installation.key)
        await at_start(visit, device)
        await visit.page.locator("nav a", has_text="운영").click()
        row = visit.page.locator("[data-row=aggregate_performance]")
        await row.get_by_role("button", name="일시 중지").click()
        await expect(row).to_contain_text("일시 중지됨")
        await other.sign_in(site.installation.key)
        paused = other.page.get_by_role("link", name="일시 중지한 작업: 성적 집계")
        for route in ("/", f"/stock/{STOCK}", "/news", "/models", "/settings", "/operations?show=sources"):
            await other.open(route)
            await in_first_screen(other, paused)
            assert await other.overflow_px() == 0
        await other.open("/")
        await paused.click()
        again = other.page.locator("main").get_by_role("button", name="재개: 성적 집계").first
        await in_first_screen(other, again)
        await again.click()
        await expect(paused).to_have_count(0)
        await expect(row).not_to_contain_text("일시 중지됨")


@both_devices
async def test_an_ab_test_starts_with_what_stands_in_its_form(browser: Browser, site: Site, device: Device) -> None:
    """Settings, their part and one button: everything has a value, and an empty name becomes that of the time."""
    async with visiting(browser, site.url, device) as visit:
        await visit.sign_in(site.installation.key)
        await at_start(visit, device)
        await visit.page.locator("nav a", has_text="설정").click()
        await visit.page.locator(".tabs a", has_text="A/B 테스트").click()
        await expect(visit.page).to_have_url(f"{site.url}/settings/ab-test")
        form = visit.page.locator("form").filter(has=visit.page.get_by_role("button", name="초안 만들기"))
        await expect(form.locator("[name=model_version_b] option")).not_to_have_count(0)
        await form.get_by_role("button", name="만들고 바로 시작").click()
        await expect(form.get_by_role("status")).to_have_text("A/B 테스트를 시작했어요.")
        await expect(visit.page.locator("[data-test] .chip").first).to_have_text("진행 중")
        test = site.installation.get("/api/ab_test", limit=1)["items"][0]
        assert re.fullmatch(r"A/B \d{4}-\d\d-\d\d \d\d:\d\d:\d\d( KST)?", test["name"])
        assert test["state"] == "running"
        stop = f"{site.url}/api/ab_test/{test['id']}/stop"
        assert (await visit.page.context.request.post(stop)).ok, "only one test may run at a time"


@both_devices
async def test_rows_of_the_overview_are_a_line(browser: Browser, site: Site, device: Device) -> None:
    """At most 44 px on a desk, and two lines of 72 px on a phone; ten and six of them above the fold."""
    async with visiting(browser, site.url, device) as visit:
        await at_start(visit, device)
        rows = visit.page.locator(".rows tbody tr")
        heights = await rows.evaluate_all("(rows) => rows.map((row) => row.getBoundingClientRect().height)")
        assert max(heights) <= {"desktop": 44, "phone": 72}[device]
        await in_first_screen(visit, *[rows.nth(place) for place in range({"desktop": 10, "phone": 6}[device])])


async def test_order_and_choice_of_the_overview_stand_in_its_address(visit: Visit, site: Site) -> None:
    page = visit.page
    names = sorted(row["name"] for row in site.installation.get("/api/dashboard")["stocks"])
    await visit.open("/?sort=name")
    assert sorted(await page.locator(".rows tbody th").all_inner_texts()) == names
    await expect(page.locator(".rows tbody th").first).to_have_text(re.compile("^[가-힣]"))
    await page.get_by_label("보기").select_option("events")
    await expect(page).to_have_url(f"{site.url}/?sort=name&show=events")
    events = [row for row in site.installation.get("/api/dashboard")["stocks"] if row["event"]]
    await expect(page.locator(".rows tbody tr")).to_have_count(len(events))
    await page.reload()
    await expect(page.locator(".rows tbody tr")).to_have_count(len(events))
    await visit.open("/?sort=luck&show=all")
    await expect(page.locator("main").get_by_role("alert")).to_contain_text("sort=luck")
    await page.locator("main").get_by_role("alert").get_by_role("link").click()
    await expect(page.locator(".rows tbody tr")).to_have_count(len(names))
