from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from tests.sources.outside import Outside, running_outside


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    """An outside world of our own on loopback."""
    async with running_outside() as outside:
        yield outside


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    """Retries happen, but nobody waits for them."""
    stamina.set_testing(True, attempts=3, cap=True)
    yield
    stamina.set_testing(False)
