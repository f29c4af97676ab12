"""Which models say the same of every item of a window, in the digits that people see: they share a rank."""

from collections.abc import Mapping

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.evaluations import EqualModel
from backend.domain.record import METRIC_VERSION


async def record_equal(
    session: AsyncSession, *, horizon: int, mode: str, windows: Mapping[str, Mapping[int, int]]
) -> None:
    """Replace what is stored of this horizon and mode. `windows`: name -> model_id -> the first model it equals."""
    place = {"horizon": horizon, "mode": mode, "metric_version": METRIC_VERSION}
    await session.execute(delete(EqualModel).filter_by(**place))
    rows = [
        {**place, "window_name": name, "model_id": model_id, "same_as": same_as}
        for name, models in windows.items()
        for model_id, same_as in models.items()
    ]
    if rows:
        await session.execute(insert(EqualModel), rows)
