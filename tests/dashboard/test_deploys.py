"""An open tab when azak is updated or cannot be reached, and a browser whose clock is wrong."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from backend import clock
from backend.config import DASHBOARD_DIST
from tests.dashboard.browser.visit import Visit, follow_link, visiting
from tests.dashboard.conftest import Site

BACK_WITHIN_MS = 90_000
UNITS_S = {"초": 1, "분": 60, "시간": 3600, "일": 86400}


@contextmanager
def another_build() -> Iterator[None]:
    """The files of the page under other names, as the next build has them; the names of now do not exist meanwhile."""
    before = {path: path.read_bytes() for path in DASHBOARD_DIST.rglob("*") if path.suffix in {".js", ".css", ".html"}}
    renamed = {path: path.with_name(f"{path.stem}-next{path.suffix}") for path in before if path.suffix == ".js"}
    made: dict[Path, bytes] = {}
    for path, code in before.items():
        text = code.decode()
        for old, new in renamed.items():
            text = text.replace(old.name, new.name)
        made[renamed.get(path, path)] = text.encode()
    for path in before:
        path.unlink()
    for path, code in made.items():
        path.write_bytes(code)
    try:
        yield
    finally:
        for path in made:
            path.unlink()
        for path, code in before.items():
            path.write_bytes(code)


def _restart(site: Site) -> None:
    site.stop("api")
    site.start("api")


async def _loads(visit: Visit) -> int:
    """How often this tab has loaded the page, by its own count."""
    count: int = await visit.page.evaluate("() => Number(sessionStorage.getItem('loads'))")
    return count


async def test_a_tab_over_an_update_is_told_and_reloads_once_by_itself(visit: Visit, site: Site) -> None:
    page = visit.page
    await page.add_init_script("sessionStorage.setItem('loads', 1 + Number(sessionStorage.getItem('loads')))")
    await visit.open("/")
    loads = await _loads(visit)
    writing = await page.context.new_page()
    await writing.goto(f"{site.url}/settings/ab-test")
    name = writing.locator("[name=alpha]").locator("xpath=ancestor::form").locator("[name=name]")
    await name.fill("half a name")
    try:
        with another_build():
            _restart(site)
            await expect(page.locator("[data-banner=build]")).to_contain_text("새 버전", timeout=BACK_WITHIN_MS)
            await follow_link(page, "/models")
            await expect(page.locator("h1")).to_have_text("모델", timeout=BACK_WITHIN_MS)
            await expect(page.locator("[data-banner=build]")).to_have_count(0)
            assert await _loads(visit) == loads + 1

            # Where something typed is not sent, the reader is told and decides.
            await follow_link(writing, "/models")
            await expect(writing.locator("main .failure")).to_contain_text("작성 중인 내용")
            await follow_link(writing, "/settings/ab-test")
            await expect(name).to_have_value("half a name")
    finally:
        _restart(site)

    # A file that is missing although the build is the same: no reload helps, so none is done.
    await page.route("**/assets/page-*.js", lambda route: route.fulfill(status=404))
    await visit.open("/")
    loads = await _loads(visit)
    await follow_link(page, "/models")
    await expect(page.locator("main .failure")).to_contain_text("화면을 불러오지 못함")
    assert await _loads(visit) == loads


async def test_offline_says_offline_and_mends_itself(visit: Visit) -> None:
    page = visit.page
    await visit.open("/")
    await page.context.set_offline(True)
    await follow_link(page, "/models")
    await expect(page.locator("main .failure")).to_contain_text("오프라인")
    await expect(page.locator(".banner-bad")).to_contain_text("네트워크에 연결되어 있지 않아요", timeout=BACK_WITHIN_MS)
    await expect(page.locator("body")).not_to_contain_text("새 버전")
    await page.context.set_offline(False)
    await expect(page.locator("h1")).to_have_text("모델", timeout=BACK_WITHIN_MS)
    await expect(page.locator(".banner-bad, main .failure")).to_have_count(0, timeout=BACK_WITHIN_MS)


@pytest.mark.parametrize("off", [timedelta(hours=2), timedelta(hours=-26)])
async def test_ages_count_from_the_servers_clock(browser: Browser, site: Site, off: timedelta) -> None:
    async with visiting(browser, site.url) as visit:
        await visit.page.clock.set_system_time(clock.now() + off)
        await visit.open("/operations")
        shown = await visit.page.locator("main time").evaluate_all(
            "(all) => all.map((element) => [element.dateTime, element.textContent])"
        )
        ages = [(at, found) for at, text in shown if (found := re.fullmatch(r"(\d+)(초|분|시간|일) 전", text))]
        assert len(ages) >= 10
        for at, found in ages:
            real_s = (clock.now() - datetime.fromisoformat(at)).total_seconds()
            unit_s = UNITS_S[found[2]]
            assert abs(real_s - int(found[1]) * unit_s) < unit_s + 30, (at, found[0])
        assert visit.complaints == []
