"""Twelve stocks with bars and a model, for reports."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.bars import DailyBarRow
from backend.db.tables.models import Model, ModelVersion
from backend.db.tables.stocks import Stock
from tests.services.reports.report_world import CODES, TODAY, add


@pytest.fixture
async def version(session: AsyncSession) -> int:
    """Twelve stocks with seven daily bars each, and a trained gated model."""
    await add(session, Stock, *({"code": code, "name": f"회사{code}", "market": "KOSPI"} for code in CODES))
    bars = [
        {
            "stock_code": code, "trade_date": TODAY - timedelta(days=7 - n), "open_krw": 9_900, "high_krw": 10_100,
            "low_krw": 9_800, "regular_close_krw": 10_000 + 100 * n, "volume": 1000 + n, "source": "sise",
            "is_final": True,
        }
        for code in CODES
        for n in range(7)
    ]  # fmt: skip
    await add(session, DailyBarRow, *bars)
    (model,) = await add(session, Model, {"name": "gated", "kind": "gated", "is_shown": True})
    (made,) = await add(session, ModelVersion, {"model_id": model, "version": "v1", "data_hash": "d", "parameters": {}})
    return made
