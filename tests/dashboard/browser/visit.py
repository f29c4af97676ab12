"""One reader with one browser window: what the page shows, and what it did that nobody would see."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

AXE = Path(__file__).resolve().parents[3] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
}  # fmt: skip
Device = Literal["desktop", "phone"]
DEVICES = {"desktop": DESKTOP, "phone": PHONE}
SETTLED_WITHIN_MS = 30_000
_SHIFTS = """() => new Promise((resolve) => {
  const found = [];
  const observer = new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      const moved = sources.map(({ node, previousRect, currentRect }) =>
        `${node?.className ?? node?.nodeName} ${Math.round(previousRect.y)}->${Math.round(currentRect.y)}`);
      if (!hadRecentInput) found.push([value, moved.join(', ')]);
    }
  });
  observer.observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(found), 0));
})"""
_OVERFLOW = "() => Math.max(0, document.documentElement.scrollWidth - innerWidth)"
# Words that were never put into the reader's language show their key, e.g. "run.waiting", or an empty slot.
_RAW_WORDS = re.compile(r"\{\w+\}|\b(?:action|banner|call|forecast|metric|news|overview|problem|run|state)\.[a-z]+\b")


async def follow_link(page: Page, route: str) -> None:
    """Click a link to `route`, one that the page itself may not show."""
    await page.evaluate(
        "(route) => { const link = document.createElement('a'); link.href = route; "
        "document.body.append(link); link.click(); link.remove(); }",
        route,
    )


@dataclass
class Visit:
    """A window of a reader at `base`."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    async def open(self, route: str = "/") -> None:
        """Load the page anew at `route` and wait until every widget has what it shows."""
        await self.page.goto(f"{self.base}{route}")
        await self.settle()

    async def go(self, route: str) -> None:
        """Follow a link of the page, without loading it anew."""
        await follow_link(self.page, route)
        await self.settle()

    async def settle(self) -> None:
        """Every skeleton has given way."""
        await expect(self.page.locator("main")).not_to_be_empty(timeout=SETTLED_WITHIN_MS)
        await expect(self.page.locator(".skeleton")).to_have_count(0, timeout=SETTLED_WITHIN_MS)

    async def violations(self, only: list[str] | None = None) -> list[str]:
        """What axe finds wrong, each with its first element; by all of its rules, or those named."""
        if not await self.page.evaluate("() => 'axe' in window"):
            await self.page.evaluate(AXE.read_text())
        # The size of what is pressed is a rule of WCAG 2.2 that axe leaves out unless it is asked for.
        rules = {} if only else {"rules": {"target-size": {"enabled": True}}}
        options = {"resultTypes": ["violations"]} | rules | ({"runOnly": only} if only else {})
        found: dict[str, Any] = await self.page.evaluate("(options) => axe.run(document, options)", options)
        return [
            f"{v['id']}: {v['nodes'][0]['html'][:200]} ({v['nodes'][0]['failureSummary']})" for v in found["violations"]
        ]

    async def overflow_px(self) -> int:
        """By how much the page is wider than its window."""
        width: int = await self.page.evaluate(_OVERFLOW)
        return width

    async def raw_words(self) -> list[str]:
        """Keys of words, and slots that nobody filled, that a reader would see."""
        return _RAW_WORDS.findall(await self.page.locator("body").inner_text())

    async def layout_shift(self) -> dict[str, float]:
        """What moved since the page was loaded and by how much, without what followed a click."""
        moved: list[tuple[float, str]] = await self.page.evaluate(_SHIFTS)
        return {what: value for value, what in moved}

    async def sign_in(self, key: dict[str, str]) -> None:
        """The cookie that the settings page exchanges a key for."""
        secret = key["Authorization"].removeprefix("Bearer ")
        answer = await self.page.context.request.post(f"{self.base}/api/session", data={"key": secret})
        assert answer.ok, await answer.text()


def _watch(context: BrowserContext, visit: Visit) -> None:
    host = urlsplit(visit.base).netloc

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            visit.complaints.append(f"{message.text} ({message.location['url']})")

    def on_request(request: Request) -> None:
        if urlsplit(request.url).netloc != host and not request.url.startswith(("data:", "blob:")):
            visit.foreign.append(request.url)

    context.on("console", on_console)
    context.on("request", on_request)
    context.on("weberror", lambda error: visit.complaints.append(str(error.error)))


@asynccontextmanager
async def visiting(
    browser: Browser, base: str, device: Device = "desktop", locale: str = "ko-KR", **options: Any
) -> AsyncIterator[Visit]:
    """A reader in New York with a fresh browser; nothing may be asked of another host, and nothing go wrong unseen."""
    chosen = DEVICES[device] | {"locale": locale, "timezone_id": "America/New_York"} | options
    context = await browser.new_context(**chosen)
    visit = Visit(await context.new_page(), base)
    _watch(context, visit)
    try:
        yield visit
    finally:
        await context.close()  # a page that a failed test leaves would go on asking, four times slowed
    assert visit.foreign == []
