"""Checks that the stocks, models and days in a run's arguments exist; otherwise it would succeed and do nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.bars import DailyBarRow
from backend.db.tables.models import Model
from backend.errors import InvalidInputError
from backend.services.forecasts.model_versions import require_trainable
from backend.services.market.stocks import list_unknown, list_without_forecast

MOST_NAMED: Final = 20  # names per sentence
# Kinds of runs whose stocks must be shares.
_OF_SHARES: Final = frozenset({"generate_predictions", "generate_reports", "initial_analysis", "backtest"})


async def require_named(session: AsyncSession, kind: str, arguments: Mapping[str, Any]) -> None:
    """Check the `arguments` of a run before it is accepted.

    Raises InvalidInputError for unknown stocks or models, for funds where something would be forecast of them, or for a
    first day before all prices; NotFoundError for the one `model` of a backfill.
    """
    codes = [*arguments.get("stock_codes", ()), *(arguments[name] for name in ("stock_code",) if name in arguments)]
    if codes and (unknown := await list_unknown(session, codes)):
        raise InvalidInputError(
            f"Not watched, or paused: {_listed(unknown)}; add or resume each ('azak stocks'), or leave it out."
        )
    if kind in _OF_SHARES and (funds := await list_without_forecast(session, codes)):
        named = [f"{name} ({code})" for code, (_, name) in funds.items()]
        told = f"No shares, so nothing is forecast or reported of them: {_listed(named)}; leave them out."
        raise InvalidInputError(told)
    if names := arguments.get("models"):
        known = set(await session.scalars(select(Model.name).where(Model.name.in_(names))))
        if unknown := sorted(set(names) - known):
            raise InvalidInputError(f"There is no model {_listed(unknown)}; list them with GET /api/models.")
    if "first" in arguments:
        await _require_prices(session, date.fromisoformat(arguments["first"]))
    if "model" in arguments:
        await require_trainable(session, arguments["model"])


async def _require_prices(session: AsyncSession, first: date) -> None:
    """A replay computes every session from `first` on, so a misspelt year (0026) would compute centuries."""
    oldest = await session.scalar(select(func.min(DailyBarRow.trade_date)))
    if oldest is None:
        raise InvalidInputError("There are no prices to replay; run load_history first.")
    if first < oldest:
        raise InvalidInputError(f"The oldest price is of {oldest}; give a `first` from then on.")


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
