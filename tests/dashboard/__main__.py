"""`python -m tests.dashboard [--out docs/images]`: pictures of every page, from a demo that the real chain has filled.

It runs `azak up --demo` in an empty home of its own (about 80 s), starts its processes, drafts and starts one A/B test,
and looks at each page in Debian's Chromium. Nothing in the pictures is made up for them but that test.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import httpx
from playwright.async_api import Browser

from backend.cli.commands.dashboard import build_dashboard
from tests.dashboard.browser.chromium import launched, require_chromium
from tests.dashboard.browser.visit import visiting
from tests.fixtures.installation import Installation, newly_filled_demo, outside_world, wait_until

STOCK: Final = "005930"
# name: route, height of the picture, and what must be there before it is taken
PAGES: Final = {
    "overview": ("/", 1000, ".figures"),
    "stock": (f"/stock/{STOCK}", 1500, ".chart[data-drawn]"),
    "news": ("/news/{story}", 900, ".sticky table"),
    "models": ("/models", 1500, ".running"),
    "operations": ("/operations", 1000, "[data-row=crawl_news]"),
    "settings": ("/settings/stocks", 900, "form"),
}
DEVICES: Final[tuple[Literal["desktop", "phone"], ...]] = ("desktop", "phone")
ON_PHONES: Final = ("overview", "stock", "operations")


@contextmanager
def _running(url: str | None) -> Iterator[str]:
    """The address of a filled demo: the one that runs at `url`, else a new one for as long as it is needed."""
    if url is not None:
        yield url.rstrip("/")
        return
    with newly_filled_demo() as filled, outside_world(filled) as demo, ExitStack() as stack:
        stack.enter_context(demo.process("api", "-m", "backend.main", ready=f"{demo.api}/readyz"))
        ready = f"http://127.0.0.1:{demo.ports['scheduler']}/readyz"
        stack.enter_context(demo.process("scheduler", "-m", "backend.scheduler_main", ready=ready))
        wait_until(lambda: demo.get("/api/health")["status"] == "ok")
        _start_test(demo)
        yield demo.api


def _start_test(demo: Installation) -> None:
    """An A/B test of two members, so that its card is not empty."""
    versions = [demo.get(f"/api/models/{name}")["versions"][0]["id"] for name in ("knn", "base")]
    body = {"name": "비슷한 과거 소식, 기본 비율", "model_version_a": versions[0], "model_version_b": versions[1]}
    demo.post(f"/api/ab_test/{demo.post('/api/ab_test', body).json()['id']}/start").raise_for_status()


def _reader(device: Literal["desktop", "phone"]) -> dict[str, Any]:
    """A Korean at a desk by day, an English reader on a phone at night."""
    if device == "desktop":
        return {"device": device, "locale": "ko-KR", "color_scheme": "light"}
    return {"device": device, "locale": "en-US", "color_scheme": "dark"}


async def _shoot(browser: Browser, url: str, out: Path, device: Literal["desktop", "phone"], story: int) -> None:
    names, suffix = (tuple(PAGES), "") if device == "desktop" else (ON_PHONES, "-phone")
    async with visiting(browser, url, **_reader(device)) as visit:
        for name in names:
            route, height, awaited = PAGES[name]
            if device == "desktop":
                await visit.page.set_viewport_size({"width": 1280, "height": height})
            await visit.open(route.format(story=story))
            await visit.page.locator(awaited).first.wait_for()
            await visit.page.screenshot(path=out / f"{name}{suffix}.png", animations="disabled")
        assert visit.complaints == []


async def _story(url: str) -> int:
    """The newest story of the stock whose reaction is measured."""
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        for item in (await client.get("/api/news", params={"stock_code": STOCK, "limit": 100})).json()["items"]:
            detail = (await client.get(f"/api/news/{item['id']}")).json()
            if any(impact["state"] == "final" for impact in detail["impacts"]):
                return int(item["id"])
    raise AssertionError("no story of this demo has a measured reaction yet")


async def _main(url: str, out: Path) -> None:
    with tempfile.TemporaryDirectory() as logs:
        await build_dashboard(print, Path(logs) / "build.log")
    story = await _story(url)
    async with launched(require_chromium()) as browser:
        for device in DEVICES:
            await _shoot(browser, url, out, device, story)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.dashboard", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="folder of the pictures")
    parser.add_argument("--url", help="address of a demo that runs already")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with _running(given.url) as address:
        asyncio.run(_main(address, given.out))
    print(f"pictures in {given.out}")
