"""How well past stories predict new ones, by the weighting of similarity (docs/decisions/0007).

`python -m bench.knn_weights postgresql://azak:PASSWORD@127.0.0.1:5439/azak` reads the labelled stories of a
filled demo, predicts each from those whose label had ended, and prints the Brier skill by horizon.
"""

import asyncio
import sys
from typing import Any, Final

import asyncpg
import numpy as np
import numpy.typing as npt

from backend.domain.forecasts import HORIZONS
from backend.domain.members import KnnParameters

DEFAULTS: Final = KnnParameters()
Array = npt.NDArray[Any]
MINIMUM_PAST: Final = 100
_STORIES = """
    SELECT i.horizon, i.y, i.exit_trade_date AS ended, s.first_known_at::date AS known, e.vector::text AS vector
    FROM impacts i JOIN stories s ON s.id = i.story_id
    JOIN embeddings e ON e.news_id = i.news_id AND e.version = i.version
    WHERE i.state = 'final' ORDER BY s.first_known_at, i.story_id, i.stock_code
"""


async def read(dsn: str) -> list[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        rows: list[Any] = await connection.fetch(_STORIES)
        return rows
    finally:
        await connection.close()


def skill(rows: list[Any], temperature: float, *, above_background: bool) -> str:
    """Brier skill against the shrunk base rate, its t clustered by day, and n."""
    vectors = np.array([[float(x) for x in row["vector"][1:-1].split(",")] for row in rows])
    y, known, ended = (np.array([row[name] for row in rows]) for name in ("y", "known", "ended"))
    similarity = vectors @ vectors.T
    floor = np.quantile(similarity[np.triu_indices(len(rows), 1)], 0.9) if above_background else 0.0
    gains, days = [], []
    for item in range(len(rows)):
        past = np.flatnonzero(ended < known[item])
        if len(past) < MINIMUM_PAST:
            continue
        base = (y[past].sum() + 250) / (len(past) + 500)
        near = past[np.argsort(-similarity[item, past])][: DEFAULTS.k]
        weights = np.exp(((similarity[item, near] - floor) / (1 - floor) - 1) / temperature)
        prior = DEFAULTS.shrinkage * weights.mean()
        p = np.clip((weights @ y[near] + prior * base) / (weights.sum() + prior), 0.05, 0.95)
        gains.append((base - y[item]) ** 2 - (p - y[item]) ** 2)
        days.append(known[item])
    gain, day = np.array(gains), np.array(days)
    mean = gain.mean()
    error = np.sqrt(sum(float((gain[day == d] - mean).sum()) ** 2 for d in np.unique(day))) / len(gain)
    return f"{mean / 0.25:+.2%} (t {mean / error:+.1f}, n {len(gain)})"


def main() -> None:
    rows = asyncio.run(read(sys.argv[1]))
    for horizon in HORIZONS:
        own = [row for row in rows if row["horizon"] == horizon]
        print(f"horizon {horizon}: raw 0.2 {skill(own, 0.2, above_background=False)}", end="")
        for temperature in (0.1, 0.2, 0.3):
            print(f" | above {temperature} {skill(own, temperature, above_background=True)}", end="")
        print()


if __name__ == "__main__":
    main()
