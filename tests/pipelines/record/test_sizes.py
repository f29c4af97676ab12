"""A forecast of size is scored by the move from its base price, beside what it must beat; its record is its own."""

from typing import Any

import numpy as np
import pytest

from backend.db.session import Database
from backend.domain.record import SIZE_LOSSES
from backend.pipelines.context import RunContext
from backend.pipelines.record import scoring
from backend.pipelines.record import size_metrics as sizes
from backend.services.record import evaluations, size_metrics
from backend.stats.sizes.losses import size_losses
from backend.stats.sizes.record import summarise
from tests.pipelines import scoring_world

DAYS = scoring_world.SESSIONS
LEVELS = [level / 20 for level in range(1, 20)]
SIZE: dict[str, Any] = {
    "expected": 0.02, "usual": 0.015, "large": 0.025, "p_large": 0.3, "p_3pct": 0.25,
    "quantiles": [0.04 * level for level in LEVELS],
    "references": {
        "own": {"p_3pct": 0.1, "p_large": 0.2, "quantiles": [0.02 * level for level in LEVELS]},
        "recent": {"p_3pct": 0.15},
        "ewma": {"p_3pct": 0.2, "quantiles": [0.03 * level for level in LEVELS]},
    },
}  # fmt: skip


def losses(move: float) -> dict[str, float]:
    return dict(zip(SIZE_LOSSES, size_losses(SIZE, move), strict=True))


def test_losses_by_hand() -> None:
    """A fall of 2.8 % is large for this stock and not beyond 3 %."""
    found = losses(-0.028)
    assert found["brier_3pct"] == pytest.approx(0.25**2)
    assert found["brier_3pct_own"] == pytest.approx(0.1**2)
    assert found["brier_3pct_recent"] == pytest.approx(0.15**2)
    assert found["brier_3pct_ewma"] == pytest.approx(0.2**2)
    assert found["brier_large"] == pytest.approx(0.7**2)
    assert found["brier_large_own"] == pytest.approx(0.8**2)
    errors = [(level, 0.028 - 0.04 * level) for level in LEVELS]
    assert found["pinball"] == pytest.approx(np.mean([max(a * e, (a - 1) * e) for a, e in errors]))
    assert losses(0.028) == found


def test_the_skill_is_one_less_the_share_of_the_loss_that_is_left() -> None:
    days = np.repeat(np.arange(40), 5)
    half = {name: np.full(200, 0.02 if name.endswith(("_own", "_recent", "_ewma")) else 0.01) for name in SIZE_LOSSES}
    moves = np.where(np.arange(200) % 5 == 0, 0.05, 0.001)
    found = summarise(days, np.full(200, 0.2), moves, half, 1)
    assert (found["n"], found["n_days"]) == (200, 40)
    for name in ("brier_skill_3pct", "brier_skill_3pct_250", "brier_skill_3pct_ewma", "pinball_skill"):
        assert found["values"][name]["value"] == pytest.approx(0.5)
    assert found["values"]["ece"]["value"] == pytest.approx(0)
    assert found["values"]["rate_3pct"]["value"] == pytest.approx(0.2)
    calm = summarise(days, np.full(200, 0.2), moves, half | {"brier_3pct_own": np.zeros(200)}, 1)
    assert calm["values"]["brier_skill_3pct"] is None


@pytest.fixture
async def forecasts(world: Database) -> None:
    """Of all stocks over 20 sessions; of the first, one of the morning before that said something else."""
    async with world.write() as session:
        version = (await scoring_world.build_models(session, ("base", "size")))["size"]
        rows = [
            scoring_world.prediction(version, code, day, mode="backtest") | {"size": SIZE}
            for day in DAYS[-30:-10]
            for code in scoring_world.CODES
        ]
        early = rows[0] | {"asof": rows[0]["asof"].replace(hour=1), "size": SIZE | {"p_3pct": 0.99}}
        await scoring_world.add_predictions(session, [*rows, early])


@pytest.mark.usefixtures("forecasts")
async def test_the_move_is_from_the_base_price_less_the_market_since_that_close(
    context: RunContext, world: Database
) -> None:
    await scoring.evaluate(context)
    code, base = scoring_world.CODES[3], DAYS[-20]
    (row,) = await scoring_world.fetch(
        world,
        "SELECT o.*, p.base_price_krw FROM outcomes o JOIN predictions p ON p.id = o.prediction_id"
        " WHERE p.stock_code = :code AND p.trade_date = :day",
        code=code, day=base.trade_date,
    )  # fmt: skip
    model = await scoring.load_market_model(context, [code], base.closes_at)
    (market,) = await scoring_world.fetch(world, "SELECT market FROM stocks WHERE code = :code", code=code)
    growth = model.growth(market["market"], base.trade_date, DAYS[-19].trade_date) - 1
    move = row["exit_price_krw"] / row["base_price_krw"] - 1 - model.at(code, base.trade_date)[0] * growth
    assert row["size_move"] == pytest.approx(move)
    assert row["size_losses"] == pytest.approx(size_losses(SIZE, move))


@pytest.mark.usefixtures("forecasts")
async def test_its_record_counts_each_stock_and_session_once_and_is_on_no_list_of_directions(
    context: RunContext, world: Database
) -> None:
    await scoring.evaluate(context)
    assert await sizes.update(context) == 4
    assert await sizes.update(context) == 0
    async with world.read() as session:
        (row,) = await size_metrics.list_standings(session, horizon=1, mode="backtest", window="all")
        board = await evaluations.list_leaderboard(session, horizon=1, mode="backtest", window="all")
    assert (row["model"], row["n"], row["n_days"]) == ("size", 20 * 12, 20)
    assert sum(b["n"] for b in row["figures"]["bins"]) == 20 * 12
    assert {b["mean_p"] for b in row["figures"]["bins"]} == {0.25}  # the evening's word, not the morning's
    assert "size" not in {line["model"] for line in board}
