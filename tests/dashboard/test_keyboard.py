"""Everything is reached without a mouse, and one sees where one is."""

import re

from playwright.async_api import expect

from tests.dashboard.browser.visit import Visit

_FOCUS = """() => {
  const on = document.activeElement;
  const style = getComputedStyle(on);
  const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return [on.tagName, on.textContent.trim().slice(0, 40), isSeen];
}"""


async def test_walk_through_the_page(visit: Visit) -> None:
    page = visit.page
    await visit.open("/operations")
    reached = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        tag, text, is_seen = await page.evaluate(_FOCUS)
        assert is_seen, (tag, text)
        reached.append(text)
    assert reached[0] == "본문으로 건너뛰기"
    assert {"홈", "뉴스", "모델", "운영", "설정", "지금 실행", "일시 중지"} <= set(reached)


async def test_skip_link_and_pages(visit: Visit) -> None:
    page = visit.page
    await visit.open("/")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.get_by_role("navigation").get_by_text("뉴스").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("뉴스")
    await expect(page.get_by_role("main")).to_be_focused()


async def test_search_by_initial_consonants(visit: Visit) -> None:
    page = visit.page
    await visit.open("/news")
    await page.keyboard.press("/")
    search = page.get_by_role("combobox", name="종목 찾기")
    await expect(search).to_be_focused()
    await page.keyboard.insert_text("ㅅㅅㅈㅈ")
    await expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text("삼성전자")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_have_count(0)
    await search.fill("하이")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page).to_have_title(re.compile("000660"))
