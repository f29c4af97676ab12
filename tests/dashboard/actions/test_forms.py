"""Forms post what they show, say refusals beside their fields, lose nothing typed; signing in leads back."""

import asyncio
import json
import re
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Locator, Route, expect

from tests.dashboard.browser.visit import Visit, visiting
from tests.dashboard.conftest import Site

READERS = [("desktop", "ko"), ("phone", "en")]
LOCALES = {"ko": "ko-KR", "en": "en-US"}
WORDS: dict[str, dict[str, str]] = {
    "ko": {
        "draft": "초안", "add": "초안 만들기", "saved": "저장했어요.", "addKey": "키 만들기",
        "same": "A와 같은 버전이에요. 다른 모델이나 버전을 골라 주세요.", "long": "100자까지 입력할 수 있어요.",
        "missing": "이 항목을 입력해 주세요.", "least": "1 이상으로 입력해 주세요.", "taken": "이미 있는 이름이에요.",
        "letters": "형식이 맞지 않아요. 영문, 숫자와", "wrongKey": "키가 맞지 않아요.",
        "secret": "200자까지 입력할 수 있어요.",
        "expired": "다시 로그인해 주세요. 입력한 내용은 그대로 있어요.", "in": "로그인", "out": "로그아웃",
        "unknown": "이 종목은 아직 등록하지 않았어요.", "malformed": "종목 코드가 아니에요.",
    },
    "en": {
        "draft": "draft", "add": "Make a draft", "saved": "Saved.", "addKey": "Make a key",
        "same": "This is the same version as A. Choose another model or version.",
        "long": "Enter at most 100 characters.",
        "missing": "Fill in this field.", "least": "Enter 1 or more.", "taken": "This name is taken.",
        "letters": "The format is not valid. Up to 60", "wrongKey": "This key is not valid.",
        "secret": "Enter at most 200 characters.", "expired": "Please sign in again; your input stays.",
        "in": "Sign in", "out": "Sign out", "unknown": "You do not watch this stock yet.",
        "malformed": "This is not a stock code.",
    },
}  # fmt: skip
SHOWN = """(form) => ['model_version_a', 'model_version_b'].map((name) => {
  const version = form.querySelector(`[name=${name}]`);
  const model = version.closest('.field').previousElementSibling.querySelector('select');
  return [model.selectedOptions[0].textContent, version.selectedOptions[0].textContent];
})"""


def _card(visit: Visit, button: str) -> Locator:
    return visit.page.locator("form").filter(has=visit.page.get_by_role("button", name=button, exact=True))


async def _refused(form: Locator, name: str, words: str) -> None:
    """The field says `words` beneath its control, which names them as its description."""
    control = form.locator(f"[name={name}]")
    refusal = form.locator(".field").filter(has=form.page.locator(f"[name={name}]")).locator(".refusal")
    await expect(refusal).to_contain_text(words)
    assert await control.get_attribute("aria-describedby") == await refusal.get_attribute("id")


async def _posted(form: Locator, button: Locator) -> dict[str, Any]:
    async with form.page.expect_request(lambda request: request.method == "POST") as sent:
        await button.click()
    body: dict[str, Any] = json.loads((await sent.value).post_data or "")
    return body


@pytest.mark.parametrize(("device", "language"), READERS)
async def test_an_ab_draft_posts_what_it_shows(
    browser: Browser, site: Site, device: Literal["desktop", "phone"], language: str
) -> None:
    words = WORDS[language]
    models = site.installation.get("/api/models")["items"]
    versions = {
        version["id"]: version["version"]
        for model in models
        for version in site.installation.get(f"/api/models/{model['name']}")["versions"]
    }
    async with visiting(browser, site.url, device, LOCALES[language]) as visit:
        await visit.sign_in(site.installation.key)
        await visit.open("/settings/ab-test")
        form = _card(visit, words["add"])
        button = form.get_by_role("button", name=words["add"])
        name, select_b = form.locator("[name=name]"), form.locator("select").nth(2)

        # What stands there at first can be sent; afterwards, as after a change of B, shown and posted are one.
        for turn in range(3):
            await name.fill(f"draft {turn} {device}")
            if turn == 1:
                await select_b.select_option(models[-1]["name"])
            for version in ("model_version_a", "model_version_b"):
                await expect(form.locator(f"[name={version}] option")).not_to_have_count(0)
            (model_a, version_a), (model_b, version_b) = await form.evaluate(SHOWN)
            body = await _posted(form, button)
            await expect(form.get_by_role("status")).to_have_text(words["saved"])
            assert [versions[body["model_version_a"]], versions[body["model_version_b"]]] == [version_a, version_b]
            test = site.installation.get("/api/ab_test", limit=1)["items"][0]
            assert [test["model_version_a"], test["model_version_b"]] == [
                body["model_version_a"], body["model_version_b"]
            ]  # fmt: skip
            assert model_a != model_b
            await expect(name).to_have_value("")
        chip = visit.page.locator(".list .chip").first
        await expect(chip).to_have_text(words["draft"])
        assert visit.complaints == []


@pytest.mark.parametrize(("device", "language"), READERS)
async def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(
    browser: Browser, site: Site, device: Literal["desktop", "phone"], language: str
) -> None:
    words = WORDS[language]
    async with visiting(browser, site.url, device, LOCALES[language]) as visit:
        page = visit.page
        await visit.sign_in(site.installation.key)
        await visit.open("/settings/ab-test")
        form = _card(visit, words["add"])
        button = form.get_by_role("button", name=words["add"])
        first, minimum = form.locator("[name=name]"), form.locator("[name=minimum_sessions]")
        alpha = form.locator("[name=alpha]")

        # Refused by the browser's own rules, in the page's language all the same, even when its words come late.
        held, words_asked = asyncio.Event(), asyncio.Event()

        async def hold(route: Route) -> None:
            words_asked.set()
            await held.wait()
            await route.continue_()

        await page.route(re.compile(r"/rare[.-]"), hold)
        await alpha.fill("")
        await minimum.fill("0")
        await button.click()
        await words_asked.wait()
        held.set()
        for name, said in (("alpha", words["missing"]), ("minimum_sessions", words["least"])):
            await _refused(form, name, said)
        await expect(alpha).to_be_focused()

        # Refused by the API: too long a name, then a version against itself.
        await first.fill("W" * 200)
        await alpha.fill("0.05")
        await minimum.fill("50")
        await button.click()
        await _refused(form, "name", words["long"])
        await expect(first).to_have_value("W" * 200)
        await first.fill("W" * 100)
        await form.locator("select").nth(2).select_option(await form.locator("select").nth(0).input_value())
        await expect(form.locator("[name=model_version_b] option")).not_to_have_count(0)
        await button.click()
        await expect(form.locator(".refusal")).to_have_text([words["same"]])
        assert [await first.input_value(), await minimum.input_value()] == ["W" * 100, "50"]
        assert await visit.violations() == []

        # A name of a hundred letters without a space breaks no layout, here or where tests are shown.
        await form.locator("select").nth(2).select_option("base")
        await expect(form.locator("[name=model_version_b] option")).not_to_have_count(0)
        await first.fill(f"{device} {'W' * 90}")
        await button.click()
        await expect(form.get_by_role("status")).to_have_text(words["saved"])
        await first.fill(f"{device} {'W' * 90}")
        await button.click()
        await expect(form.locator(".refusal")).to_contain_text(words["taken"])
        await visit.go("/settings/keys")
        keys = _card(visit, words["addKey"])
        await keys.locator("[name=name]").fill("가" * 200)
        await keys.get_by_role("button").click()
        await expect(keys.locator(".refusal")).to_contain_text(words["letters"])
        await page.get_by_role("combobox").first.fill("삼" * 200)
        assert await visit.overflow_px() == 0
        for route in ("/models", "/settings/keys", "/settings/ab-test"):
            await visit.go(route)
            assert await visit.overflow_px() == 0
        await expect(first).to_have_value(f"{device} {'W' * 90}")
        assert all("409" in complaint or "422" in complaint for complaint in visit.complaints)


@pytest.mark.parametrize(("device", "language"), READERS)
async def test_a_sign_in_that_ends_in_mid_form_takes_nothing_away_and_leads_back(
    browser: Browser, site: Site, device: Literal["desktop", "phone"], language: str
) -> None:
    words = WORDS[language]
    secret = site.installation.key["Authorization"].removeprefix("Bearer ")
    async with visiting(browser, site.url, device, LOCALES[language]) as visit:
        page, head = visit.page, visit.page.locator(".head")
        await visit.sign_in(site.installation.key)
        await visit.open("/settings/keys")
        await expect(head.get_by_role("button", name=words["out"])).to_be_visible()
        keys = _card(visit, words["addKey"])
        await keys.locator("[name=name]").fill(f"late-{device}")
        await keys.locator("[name=write]").check()
        await page.context.clear_cookies()
        await keys.get_by_role("button").click()
        await expect(keys.locator(".failure")).to_contain_text(words["expired"])
        await expect(head.get_by_role("link", name=words["in"])).to_be_visible()
        await keys.locator(".failure a").click()
        key = page.locator("#sign-in-key")
        await expect(key).to_be_focused()
        for wrong, said in (("x" * 201, words["secret"]), ("not-the-key", words["wrongKey"])):
            await key.fill(wrong)
            await page.keyboard.press("Enter")
            await expect(page.locator(".refusal")).to_contain_text(said)
            await expect(page.locator("form").filter(has=key).locator(".failure")).to_have_count(0)
        await key.fill(secret)
        await page.keyboard.press("Enter")
        await expect(head.get_by_role("button", name=words["out"])).to_be_visible()
        await expect(keys.locator("[name=name]")).to_have_value(f"late-{device}")
        await keys.get_by_role("button").click()
        await expect(keys.get_by_role("status")).to_contain_text("azak_")

        # Elsewhere: the way in leads back to where it was taken.
        await head.get_by_role("button", name=words["out"]).click()
        await expect(head.get_by_role("link", name=words["in"])).to_be_visible()
        await visit.go("/stock/005930")
        await head.get_by_role("link", name=words["in"]).click()
        await key.fill(secret)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{site.url}/stock/005930")
        assert all("401" in complaint or "422" in complaint for complaint in visit.complaints)


@pytest.mark.parametrize(("device", "language"), READERS)
async def test_an_unknown_stock_is_one_card_with_a_way_on(
    browser: Browser, site: Site, device: Literal["desktop", "phone"], language: str
) -> None:
    words = WORDS[language]
    async with visiting(browser, site.url, device, LOCALES[language]) as visit:
        main = visit.page.locator("main")
        for code, said, links in (("999999", words["unknown"], 2), ("zzz", words["malformed"], 1)):
            await visit.open(f"/stock/{code}")
            await expect(main.locator(".card")).to_have_count(1)
            await expect(main).to_contain_text(said)
            await expect(main.locator(".card a")).to_have_count(links)
            await expect(main.locator(".failure")).to_have_count(0)
            assert await visit.violations() == []
        assert all("404" in complaint or "422" in complaint for complaint in visit.complaints)


async def test_an_azak_without_models_shows_no_failure(visiting_own: Any) -> None:
    async with visiting_own() as visit:
        for route in ("/models", "/settings", "/settings/ab-test"):
            await visit.open(route)
            await expect(visit.page.locator(".failure")).to_have_count(0)
            await expect(visit.page.get_by_role("button", name="초안 만들기")).to_have_count(0)
        assert visit.complaints == []
