"""Health names a model whose live forecasts come true otherwise than in its backtest; by hand."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.tables.evaluations import Metric
from backend.domain.record import METRIC_VERSION
from backend.services.forecasts.calibration_drift import count_apart, list_drifting_models
from tests.factories import add, add_version

Bin = dict[str, float]


def bins(shift: float, width: float = 0.02) -> list[Bin]:
    """Ten groups that said .45 to .54 and came true `shift` more often, with a band of `width` on both sides."""
    said = [0.45 + n / 100 for n in range(10)]
    return [
        {"n": 500, "mean_p": p, "mean_y": p + shift, "low": p + shift - width, "high": p + shift + width} for p in said
    ]


@pytest.mark.parametrize(("live", "apart"), [(0.0, 0), (0.03, 0), (0.05, 10), (-0.05, 10)])
def test_bands_that_touch_are_within_chance(live: float, apart: int) -> None:
    assert count_apart(bins(live), bins(0.0)) == apart


def test_what_a_backtest_was_off_a_live_model_may_be_off() -> None:
    assert count_apart(bins(0.08), bins(0.07)) == 0


def test_a_group_that_said_what_the_backtest_never_said_is_measured_from_its_nearest() -> None:
    high = [{"n": 500.0, "mean_p": 0.7, "mean_y": 0.55, "low": 0.53, "high": 0.57}]
    assert count_apart(high, bins(0.0)) == 1


async def add_metric(session: AsyncSession, version: int, mode: str, found: list[Bin], n_days: int = 60) -> None:
    await add(
        session, Metric, model_version_id=version, horizon=1, mode=mode, window_name="60" if mode == "live" else "all",
        trade_date=clock.now().date(), metric_version=METRIC_VERSION, n=5000, n_days=n_days, n_eff=None,
        values={"ece": {"value": 0.01, "bins": found}}, input_hash="0",
    )  # fmt: skip


async def test_a_model_that_left_its_backtest_is_named_with_what_to_do(session: AsyncSession) -> None:
    sound, off, new = [await add_version(session, name) for name in ("gated", "price", "knn")]
    for version, shift, days in ((sound, 0.02, 60), (off, 0.05, 60), (new, 0.05, 39)):
        await add_metric(session, version, "live", bins(shift), days)
        await add_metric(session, version, "backtest", bins(0.0), 250)
    (found,) = await list_drifting_models(session)
    assert (found.name, found.horizon, found.apart, found.bins) == ("price", 1, 10, 10)
    assert "azak models rollback price" in found.reason
