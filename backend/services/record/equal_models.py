"""Which models say the same of every item of a window, in the digits that people see: they share a rank."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.evaluations import EqualModel
from backend.domain.record import METRIC_VERSION


async def record_equal(
    session: AsyncSession, *, horizon: int, mode: str, windows: Mapping[str, Mapping[int, int]]
) -> None:
    """Replace what is stored of this horizon and mode. `windows`: name -> model_id -> the first model it equals.

    What is stored already is not written again.
    """
    place = {"horizon": horizon, "mode": mode, "metric_version": METRIC_VERSION}
    columns = (EqualModel.window_name, EqualModel.model_id, EqualModel.same_as)
    stored = {tuple(row) for row in await session.execute(select(*columns).filter_by(**place))}
    if stored == {(name, *pair) for name, models in windows.items() for pair in models.items()}:
        return
    await session.execute(delete(EqualModel).filter_by(**place))
    rows = [
        {**place, "window_name": name, "model_id": model_id, "same_as": same_as}
        for name, models in windows.items()
        for model_id, same_as in models.items()
    ]
    if rows:
        await session.execute(insert(EqualModel), rows)
