"""What goes over the wire, as Chromium's own network layer counts it, and a slower wire."""

from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import Page

# Chromium's own profile "Slow 4G": 1.6 Mbit/s down, 0.75 up, 150 ms.
SLOW_4G: Final = {"latency_ms": 150, "down_bps": 1_600_000, "up_bps": 750_000}


@dataclass
class Traffic:
    """Bytes as they came (packed, with headers) and requests, without those answered from a cache."""

    received: int = 0
    requests: int = 0


async def counted(page: Page) -> Traffic:
    """Counts from now on."""
    traffic = Traffic()

    def on_finished(event: dict[str, Any]) -> None:
        traffic.received += int(event["encodedDataLength"])
        traffic.requests += 1

    client = await page.context.new_cdp_session(page)
    client.on("Network.loadingFinished", on_finished)
    await client.send("Network.enable")
    return traffic


async def slowed(page: Page, *, latency_ms: float, down_bps: float = -1, up_bps: float = -1, cpu: float = 1) -> None:
    """A wire with that delay and those rates in bits a second (-1: as it is), a processor `cpu` times slower."""
    client = await page.context.new_cdp_session(page)
    rates = {
        name: bps / 8 if bps > 0 else -1
        for name, bps in (("downloadThroughput", down_bps), ("uploadThroughput", up_bps))
    }
    await client.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency_ms, **rates})
    if cpu > 1:
        await client.send("Emulation.setCPUThrottlingRate", {"rate": cpu})
