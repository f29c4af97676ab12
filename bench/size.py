"""`python -m bench.size --prices FILE [--from DATE] [--rest] [--json FILE]`: how well azak tells the size of moves.

Walk-forward over a file of daily bars (bench.harness.bars) by azak's own functions for the size of a move: its scale is
fitted each 60 sessions on what had ended by then, its shape each 20, and the widths follow every session. Moves are
those of one session, market-adjusted, close to close; stock-days from DATE on count. With --rest they are those of the
rest of a session at its opening: raw, opening to close, the gap known.

- brier_skill_3pct, brier_skill_5pct: of P(|move| > 3 % or 5 %) against the stock's own rate so far; _250: against its
  rate of the last 250 sessions; _ewma: against an EWMA of its squared moves; _t: the figure over its error (Bartlett
  weights over 15 sessions); _low and _high: 95 % interval over blocks of sessions.
- pinball_skill: of |move| over the levels .05 to .95 against the stock's own deviation so far; _ewma, _t as above.
- ece: mean distance between forecast and frequency of moves over 3 %, in ten bins of equal mass.
- coverage_80: share of closes inside the band; worst_coverage_21: in the worst 21 sessions in a row; _adjusted: of the
  band that the same rule makes for market-adjusted moves.
- interval_score_ratio: interval score of the band over that of an EWMA times pooled quantiles.
- brier_skill_3pct_YEAR, and _half_1 and _half_2 of the stocks: whether it holds in each.
"""

import sys
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import REST
from backend.models.fitting.features import compute_features
from backend.models.fitting.panel import FloatArray, build_panel
from backend.models.size import fitting, references, width
from backend.models.size.fitting import HIGH, LOW, SizeData, size_data
from backend.models.size.moves import Moves, moves_ahead, rest_ahead
from backend.models.size.scale import log_scales
from backend.models.size.shape import LEVELS, SCORED, probability
from bench.harness.bars import position_of, read_panel_or_exit
from bench.harness.command import publish, say
from bench.harness.walk.history import parser_of
from bench.harness.walk.size_figures import measure

REFIT: Final = 60
RESHAPE: Final = 20
WARM: Final = 150  # sessions before the first forecast
LARGER: Final = 0.05
Said = dict[str, FloatArray]


def walk(data: SizeData, moves: Moves, horizon: int = 1) -> Said:
    """What was said at each column before its outcome, (stocks, dates), NaN where nothing was.

    p3 and p5, and quantiles of |move| (a third axis) by the model, the own deviation and the EWMA; the edges of the
    band, of that of adjusted moves, and of the EWMA's.
    """
    said: Said = {}
    parameters: dict[str, Any] = {}
    sessions = len(data.panel.dates)
    for start in range(WARM, sessions, RESHAPE):
        past = data.until(start)
        if (start - WARM) % REFIT == 0:
            parameters = fitting.fit(past, horizon)
        elif "scale" in parameters:
            parameters |= fitting.calibrate(parameters["scale"], past, horizon)
        if "state" in parameters:
            continue
        block = slice(start, min(start + RESHAPE, sessions))
        for name, values in _block(parameters, data, moves, block, horizon).items():
            said.setdefault(name, np.full((*moves.logs.shape, *values.shape[2:]), np.nan))[:, block] = values
    return said


def _block(parameters: Mapping[str, Any], data: SizeData, moves: Moves, block: slice, horizon: int) -> Said:
    """By the parameters of the first column of `block`."""
    window = slice(max(0, block.start - fitting.RECENT), block.stop)
    length = block.stop - block.start
    scales = np.where(
        data.known[:, window], log_scales(parameters["scale"], fitting.seen(data, horizon, window)), np.nan
    )
    ewma = np.log(data.sigmas[:, window])
    own = np.log(references.own_sigmas(moves.adjusted[:, : block.stop], 1)[:, window])
    past = slice(0, scales.shape[1] - length)
    said = {}
    for name, own_scales, own_shape in (
        ("model", scales, parameters["shape"]),
        ("own", own, parameters["own_shape"]),
        ("ewma", ewma, parameters["ewma_shape"]),
    ):
        now = own_scales[:, -length:]
        said[f"p3_{name}"] = probability(own_shape, now, references.THRESHOLD)
        said[f"p5_{name}"] = probability(own_shape, now, LARGER)
        said[f"sizes_{name}"] = np.exp(now)[:, :, None] * np.exp(np.interp(SCORED, LEVELS, own_shape))
    for name, found, moved in (("raw", scales, moves.logs), ("adjusted", scales, moves.adjusted)):
        inside = moved[:, window]
        edges = _edges(inside[:, past], scales[:, past])
        _, used = width.walk(edges, found, inside, 1, 0)
        unit = np.exp(found + used)[:, -length:]
        said[f"low_{name}"], said[f"high_{name}"] = edges[0] * unit, edges[1] * unit
        pooled, unit = _edges(inside[:, past], ewma[:, past]), np.exp(ewma)[:, -length:]
        said[f"low_{name}_ewma"], said[f"high_{name}_ewma"] = pooled[0] * unit, pooled[1] * unit
    return said


def _edges(moved: FloatArray, scales: FloatArray) -> tuple[float, float]:
    """Of a band of 80 %, in scales, as the training finds them."""
    grid = fitting.fit_band(moved, scales)
    assert grid is not None  # else the parameters said so
    return grid[LOW], grid[HIGH]


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--rest", action="store_true")
    arguments = parser.parse_args()
    payload = read_panel_or_exit(arguments.prices, least=1)
    first = position_of(payload, arguments.first)
    panel = build_panel(payload)
    say(f"{len(panel.codes)} stocks, {len(panel.dates)} sessions")
    computed = compute_features(panel)
    data = size_data(panel, computed.betas, computed.early_sigmas)
    moves = rest_ahead(panel) if arguments.rest else moves_ahead(panel, computed.betas, 1)
    said = walk(data, moves, REST if arguments.rest else 1)
    if not said or first >= len(panel.dates) - 1:
        sys.exit(f"There are too few bars before or after {arguments.first}; give another --from or more stocks.")
    publish(measure(said, data, moves, first), arguments.json)


if __name__ == "__main__":
    main()
