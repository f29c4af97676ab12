"""Stocks on the page: added by name alone, with a word on prices that are off, paused, archived and brought back."""

from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

import pytest
from playwright.async_api import ViewportSize, expect
from sqlalchemy import text

from backend.db.session import Database
from backend.domain.operations import SourceSwitch, needs_key
from backend.services.operations.sources import record_switches
from tests.dashboard.browser.visit import Visit
from tests.factories import SAMSUNG, add_heartbeat, add_listing, add_stock

KEY = "key-of-the-test"
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
RUNS = """
    INSERT INTO runs (id, kind, active_key, origin, state, arguments, reason, message, counts, started_at, finished_at)
    SELECT gen_random_uuid(), kind, kind, 'api', state, CAST(arguments AS jsonb), reason, 'English only.',
           CAST(counts AS jsonb), now(), now()
    FROM (VALUES
        ('train_models', 'skipped', '{}', 'no_price_source', NULL),
        ('generate_reports', 'succeeded', '{"stock_codes": ["005930"]}', NULL,
         '{"written": 1, "detail": {"reports": 1}}'),
        ('generate_predictions', 'succeeded', '{"stock_codes": ["005930"]}', NULL,
         '{"read": 1, "written": 0, "detail": {"predictions": 0, "unchanged": 21}}')
    ) AS r (kind, state, arguments, reason, counts)
"""
WORDS = {
    "ko": (
        "켜진 가격 출처가 없어 가격도", "1건 저장: 리포트 1", "저장 0건: 변경 없음 21", "리포트 보기",
        "켜진 가격 출처가 없어요.",
    ),
    "en": (
        "No source of prices is on, so", "Wrote 1: reports 1", "Wrote 0: unchanged 21", "See the report",
        "Every source of prices is off; switch one on",
    ),
}  # fmt: skip


class Opening(Protocol):
    def __call__(self) -> AbstractAsyncContextManager[Visit]: ...


@pytest.fixture
async def without_prices(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A start without keys: the exchange's list is there, every source of prices is off."""
    monkeypatch.setenv("AZAK_API_KEY", KEY)
    off = needs_key("AZAK_SOURCES_KIS_APP_KEY")
    async with database.write() as session:
        await record_switches(session, [SourceSwitch("kis", "prices", off), SourceSwitch("rss_mk", "news")])
        await add_listing(session, "035720", "카카오")
        await add_heartbeat(session)
    return database


async def test_a_stock_is_added_by_its_name_paused_archived_and_brought_back(
    visiting_own: Opening, without_prices: Database
) -> None:
    async with visiting_own() as visit:
        await visit.sign_in({"Authorization": f"Bearer {KEY}"})
        await visit.open("/settings/stocks")
        page = visit.page
        card = page.locator(".card").filter(has=page.get_by_role("button", name="종목 추가"))
        await expect(card.locator("[data-missing=prices]")).to_contain_text("AZAK_SOURCES_NAVER_PRICES=true")
        await card.locator("input[name=name]").fill("카카")
        await card.get_by_role("button", name="종목 추가").click()
        await expect(card.get_by_role("alert")).to_contain_text("카카오 (035720)")
        await card.locator("input[name=name]").fill("카카오")
        await card.get_by_role("button", name="종목 추가").click()
        row = card.locator("[data-row='035720']")
        await expect(row).to_contain_text("KOSPI")
        await expect(card.locator("[data-run]")).to_contain_text("초기 분석")

        await page.set_viewport_size(PHONE)
        await row.get_by_role("button", name="일시 중지: 카카오").click()
        await expect(row.locator("[data-stock-state=paused]")).to_have_text("일시 중지")
        await row.get_by_role("button", name="재개: 카카오").click()
        await expect(row.locator("[data-stock-state=active]")).to_be_visible()
        await row.get_by_role("button", name="보관: 카카오").click()
        await expect(row).to_contain_text("기록은 남고 언제든 되돌릴 수 있어요")
        await row.get_by_role("button", name="보관: 카카오").click()
        await expect(row).to_have_count(0)
        assert (await visit.overflow_px(), await visit.violations(), await visit.raw_words()) == (0, [], [])
        await card.get_by_text("보관한 종목 1개").click()
        await card.get_by_role("button", name="되돌리기: 카카오").click()
        await expect(row).to_be_visible()
        await visit.go("/stock/035720")
        await expect(page.locator("[data-missing=prices]")).to_be_visible()
        assert [line for line in visit.complaints if "422" not in line and "404" not in line] == []


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_runs_say_what_they_wrote_or_why_they_did_nothing(
    visiting_own: Opening, without_prices: Database, language: str
) -> None:
    async with without_prices.write() as session:
        await add_stock(session)
        await session.execute(text(RUNS))
    async with visiting_own() as visit:
        page = visit.page
        await visit.open("/operations?show=runs")
        if language == "en":
            await page.locator("[data-switch=language]").click()
        skipped, report, nothing, link, missing = WORDS[language]
        for words in (skipped, report, nothing):
            await expect(page.get_by_text(words).first).to_be_visible()
        await expect(page.get_by_text("English only.")).to_have_count(0)
        await expect(page.get_by_text(missing)).to_be_visible()
        await page.set_viewport_size(PHONE)
        assert (await visit.overflow_px(), await visit.violations(), await visit.raw_words()) == (0, [], [])
        await page.get_by_role("link", name=link).first.click()
        await expect(page).to_have_url(f"{visit.base}/stock/{SAMSUNG}")
