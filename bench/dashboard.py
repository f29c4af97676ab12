"""How long the stock page takes on a phone: `uv run python -m bench.dashboard URL`.

Chromium plays a phone with its profile "slow 4G" (1.6 Mbit/s, 150 ms) and a processor four times slower than this
machine's, with an empty cache. It prints the bytes and requests on the wire, the first paint, the moment the chart is
on its canvas, and the layout shift. To reach: a chart within 3.2 s on a quiet machine.
"""

import asyncio
import statistics
import sys
from typing import Final

from tests.dashboard.browser.chromium import launched, require_chromium
from tests.dashboard.browser.traffic import SLOW_4G, counted, slowed
from tests.dashboard.browser.visit import visiting

TIMES: Final = 5
STOCK: Final = "005930"
_MOMENTS: Final = """() => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const chart = performance.getEntriesByName('azak.chart')[0];
  return [paint.startTime / 1000, chart.startTime / 1000];
}"""


async def _once(url: str, path: str) -> tuple[float, float, float, int, int]:
    async with launched(path) as browser, visiting(browser, url, "phone") as visit:
        traffic = await counted(visit.page)
        await slowed(visit.page, **SLOW_4G, cpu=4)
        await visit.page.goto(f"{url}/stock/{STOCK}")
        await visit.page.locator(".chart[data-drawn]").wait_for(timeout=60_000)
        await visit.settle()
        paint_s, chart_s = await visit.page.evaluate(_MOMENTS)
        return paint_s, chart_s, sum((await visit.layout_shift()).values()), traffic.received, traffic.requests


async def _main(url: str) -> None:
    path = require_chromium()
    found = [await _once(url, path) for _ in range(TIMES)]
    paint_s, chart_s, shift = (statistics.median(row[column] for row in found) for column in range(3))
    print(f"stock page, phone, slow 4G, CPU / 4, median of {TIMES} cold loads")
    print(f"  on the wire      {found[-1][3] / 1000:6.1f} kB in {found[-1][4]} requests")
    print(f"  first paint      {paint_s:6.2f} s")
    charts_s = sorted(row[1] for row in found)
    print(f"  chart drawn      {chart_s:6.2f} s   ({charts_s[0]:.2f} .. {charts_s[-1]:.2f})")
    print(f"  layout shift     {shift:6.4f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.dashboard http://127.0.0.1:8000")
    asyncio.run(_main(sys.argv[1].rstrip("/")))
