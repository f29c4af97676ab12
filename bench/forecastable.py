"""`python -m bench.forecastable --size FILE --direction FILE --what TEXT [--out FILE]`: what can be forecast.

Writes the page docs/forecastable.md from the figures that `bench.size --json` and `bench.direction --json` left of the
same bars. TEXT says which bars they were, for people.
"""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

from backend.stats.costs import round_trip_cost

Figures = dict[str, Any]
_PAGE: Final = Path("docs/forecastable.md")
_TEXT: Final = """# What azak can and cannot forecast

Written by `python -m bench.forecastable` from walk-forward runs of azak's own members over real daily bars: {what}.
Reference information, not investment advice. A skill of 1 % means that the squared error of the probabilities is 1 %
smaller than that of what it is measured against; formulas are in methods.md.

## Can: how large the next move will be
{n} stock-days on {n_days} sessions; moves are market-adjusted, close to close; {rate} of them went beyond 3 %.

| forecast | skill | 95 % interval |
|---|---|---|
{size}

The probability of a move over 3 % is off by {ece} on average (ten bins). The band of 80 % held {coverage} of the
closes, in the worst 21 sessions in a row {worst}; its interval score is {ratio} of that of an exponentially weighted
average with pooled quantiles. Skill at 3 % by year: {years}; by halves of the stocks: {halves}.

The size of the rest of a running session is told, too; it was measured at its opening (methods.md 2.7) alone.

## A little: which side of the market
| forecast | skill | 95 % interval |
|---|---|---|
{direction}

The mean daily rank correlation with what followed is {rank_ic} over one session. With the outcomes shuffled within
their days the skill of what is shown is at most {shuffled} from 0. A round trip costs {cost} of the price. So it is
shown as a probability beside the usual one and as a place among all stocks; a call needs more (methods.md 4.1).

## Cannot
- **Promise a profit.** No forecast becomes a call before its like has earned more than it cost.
- **Say the side over these horizons**, where the interval above holds 0: {unproven}.
- **Say the size of a day by the events that are scheduled**: as inputs they added nothing that could be told from 0.

## Limits
- The stocks were chosen later: survivors, mostly large. Those that were delisted are missing, and so are their moves.
- Prices are not adjusted for dividends: a stock falls by its dividend on the day it goes ex.
- One market and a few years. Intervals rest on blocks of sessions, or on Bartlett weights over days; they know of no
  crisis that is not in the bars. Bars that lie are left out by the rules of methods.md 1.5.
"""


def _percent(value: float, digits: int = 1) -> str:
    return f"{value * 100:.{digits}f} %"


def _interval(figures: Figures, name: str) -> str:
    """As it was measured over blocks of sessions, else from the value and its t."""
    if figures.get(f"{name}_low") is not None:
        low, high = figures[f"{name}_low"], figures[f"{name}_high"]
    elif t := figures[f"{name}_t"]:
        half = 1.96 * abs(figures[name] / t)
        low, high = figures[name] - half, figures[name] + half
    else:
        return "not known"
    return f"{_percent(low, 2)} to {_percent(high, 2)}"


def _rows(figures: Figures, names: dict[str, str]) -> str:
    return "\n".join(
        f"| {text} | {_percent(figures[name], 2)} | {_interval(figures, name)} |" for name, text in names.items()
    )


def _holds_zero(direction: Figures, horizon: int) -> bool:
    t = direction[f"gated_skill_h{horizon}_t"]
    return t is None or t < 1.96


def page(size: Figures, direction: Figures, what: str) -> str:
    """The text of the page. Raises KeyError for a figure that is missing."""
    prefix = "brier_skill_3pct_"
    years = {name.removeprefix(prefix): size[name] for name in size if name.removeprefix(prefix).isdigit()}
    years.pop("250", None)
    return _TEXT.format(
        what=what,
        n=f"{size['n']:,}",
        n_days=size["n_days"],
        rate=_percent(size["rate_3pct"]),
        size=_rows(
            size,
            {
                "brier_skill_3pct": "a move over 3 %, against the stock's own rate so far",
                "brier_skill_3pct_250": "the same, against its rate of the last 250 sessions",
                "brier_skill_3pct_ewma": "the same, against an exponentially weighted average",
                "brier_skill_5pct": "a move over 5 %, against the stock's own rate so far",
                "pinball_skill": "the whole distribution of the size, against the stock's own deviation",
            },
        ),
        ece=_percent(size["ece"]),
        coverage=_percent(size["coverage_80"]),
        worst=_percent(size["worst_coverage_21"]),
        ratio=f"{size['interval_score_ratio']:.3f}",
        years=", ".join(f"{year} {_percent(value)}" for year, value in sorted(years.items())),
        halves=", ".join(_percent(size[f"{prefix}half_{n}"]) for n in (1, 2)),
        direction=_rows(
            direction,
            {
                "member_skill_h1": "beating the market over 1 session, the price member",
                "gated_skill_h1": "the same, as it is shown",
                "gated_skill_h3": "over 3 sessions, as it is shown",
                "gated_skill_h5": "over 5 sessions, as it is shown",
            },
        ),
        rank_ic=f"{direction['rank_ic_h1']:.3f}",
        shuffled=_percent(max(abs(direction[f"shuffled_h{h}"]) for h in (1, 3, 5)), 3),
        unproven=", ".join(f"{h} sessions" for h in (1, 3, 5) if _holds_zero(direction, h)) or "none",
        cost=_percent(round_trip_cost(date(2026, 1, 2)), 2),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=Path, required=True)
    parser.add_argument("--direction", type=Path, required=True)
    parser.add_argument("--what", required=True, help="which bars: stocks, market, years")
    parser.add_argument("--out", type=Path, default=_PAGE)
    given = parser.parse_args()
    try:
        size, direction = (json.loads(path.read_text()) for path in (given.size, given.direction))
        text = page(size, direction, given.what)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(
            f"The figures cannot be read ({error!r}); write them with bench.size --json and bench.direction --json."
        )
    given.out.write_text(text)


if __name__ == "__main__":
    main()
