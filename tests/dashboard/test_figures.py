"""Figures on the page are what they are called: calls and leans, chances to beat the market, prices of bands."""

import re
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.browser.visit import visiting
from tests.dashboard.conftest import Site

STOCK = "005930"
LOCALES = {"ko": "ko-KR", "en": "en-US"}
OPINIONS = {
    "ko": r"▲ 시장 상회 \d+\s?▼ 시장 하회 \d+\s?△ 상회 쪽 기울기 \d+\s?▽ 하회 쪽 기울기 \d+\s?의견 없음 \d+",
    "en": r"▲ outperform \d+\s?▼ underperform \d+\s?△ leans outperform \d+\s?▽ leans underperform \d+\s?no call \d+",
}
BAND = {"ko": "80% 범위 적중 {inside}/{n}", "en": "{inside} of {n} inside the 80% band"}
OUTCOME = {
    "ko": r"[\d,]+원 범위 (?:안|밖)\s+시장 대비 (?:[▲▼] [+−])?\d+\.\d\d%",
    "en": r"₩[\d,]+ (?:in|out)side\s+vs market (?:[▲▼] [+−])?\d+\.\d\d%",
}
# Where the head of the table says "of 100".
ODDS_IN_ROW = {"ko": r"평소 [\d.]+, 지금 [\d.]+", "en": r"usually [\d.]+, now [\d.]+"}
ODDS = {"ko": r"평소 100번 중 [\d.]+번, 지금 [\d.]+번", "en": r"usually [\d.]+ of 100, now [\d.]+"}
# A minus after a digit is a date's, or stands before the hash in the name of a version.
WRONG = re.compile(r"\d %|(?<!\d)[-−]0(?:\.0+)?(?![\d.])|상승 확률|오를 확률|chance of a rise")


@pytest.mark.parametrize(
    ("language", "device"), [("ko", "desktop"), ("ko", "phone"), ("en", "desktop"), ("en", "phone")]
)
async def test_figures_are_called_what_they_are(
    browser: Browser, site: Site, language: Literal["ko", "en"], device: Literal["desktop", "phone"]
) -> None:
    records = site.installation.get("/api/dashboard")["record"]
    record = min(records, key=lambda row: (["live", "backtest", "backfill"].index(row["mode"]), row["horizon"] or 9))
    n, band = f"{record['n']:,}", record["band_coverage"]
    shown = record["accuracy_shown"]
    found = {"n": n, "inside": f"{round(band['value'] * band['n']):,}"}
    async with visiting(browser, site.url, device, LOCALES[language]) as visit:
        page = visit.page
        await visit.open("/")
        headline = page.locator(".figure-main")
        await expect(headline.locator("strong")).to_have_text(f"{shown['value'] * 100:.1f}%")
        await expect(headline).to_contain_text(BAND[language].format(**found))
        await expect(page.locator(".opinions")).to_have_text(re.compile(OPINIONS[language]))
        await expect(page.locator("main")).to_contain_text(re.compile(ODDS_IN_ROW[language]))
        assert WRONG.findall(await page.locator("main").inner_text()) == []
        await visit.go(f"/stock/{STOCK}")
        report = page.locator(".markdown")
        await expect(report).to_contain_text(re.compile(ODDS_IN_ROW[language]))
        await expect(page.locator("main")).to_contain_text(re.compile(ODDS[language]))
        await expect(report).to_contain_text("{inside}/{n}".format(**found))
        calls = page.locator(".card").filter(has=page.locator(".strip-of-calls"))
        outcome = calls.locator("tbody tr").last.locator("td").nth(1)
        assert re.search(OUTCOME[language], " ".join((await outcome.inner_text()).split()))
        hidden = "(table) => table.parentElement.scrollWidth - table.parentElement.clientWidth"
        assert await calls.locator("table").evaluate(hidden) == 0
        assert WRONG.findall(await page.locator("main").inner_text()) == []
        await visit.go("/models")
        assert WRONG.findall(await page.locator("main").inner_text()) == []
        assert (await visit.overflow_px(), visit.complaints) == (0, [])
