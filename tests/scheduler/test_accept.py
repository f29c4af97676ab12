"""What the scheduler accepts, whoever asks it: the API over /internal, the clock or another run."""

from typing import Any

import pytest

from backend.db.session import Database
from backend.domain.runs import Origin
from backend.errors import AzakError
from backend.scheduler.accept import accept


@pytest.mark.parametrize(
    ("kind", "arguments", "named"),
    [
        ("generate_reports", {"stock_codes": ["999999", "999998"]}, "999998, 999999"),
        ("generate_predictions", {"stock_codes": ["999999"]}, "999999"),
        ("initial_analysis", {"stock_code": "999999"}, "999999"),
        ("backtest", {"models": ["gatde"]}, "gatde"),
        ("backtest", {"first": "2026-01-02", "last": "2026-01-05"}, "load_history"),
        ("backfill_model", {"model": "gatde"}, "gatde"),
    ],
)
async def test_work_on_what_does_not_exist_is_refused_and_named(
    database: Database, kind: str, arguments: dict[str, Any], named: str
) -> None:
    async with database.write() as session:
        with pytest.raises(AzakError, match=named):
            await accept(session, kind, arguments, origin=Origin.API)
