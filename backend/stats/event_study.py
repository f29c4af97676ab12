"""Event studies: the mean market-adjusted move after all events of a kind (docs/methods.md 2.5).

Groups form a tree: all events; a type; a type and sign; of these a size, or one stock. The unit is a stretch of as many
sessions as the horizon has (a day at one session), because two stories of one day are not independent.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.domain.understanding.event_studies import ALL_STOCKS, ANY, Size, Study, StudyVerdict
from backend.stats.blocks import FIRST_LOOK, Floats, left_over
from backend.stats.intervals import Estimate, day_sums, student_p

ALPHA: Final = 0.05
# A mean move smaller than this is of no use to anybody: a round trip costs two thirds of it.
MATTERS: Final = 0.005
MINIMUM_STORIES: Final = 20
NO_SPREAD: Final = 1e-12  # what rounding leaves of equal moves
# Fewer independent blocks than this are never judged.
MINIMUM_BLOCKS: Final = FIRST_LOOK

Whole = NDArray[np.int64]


class Group(NamedTuple):
    """Key of a group; ANY and ALL_STOCKS stand for no distinction."""

    type: str = ANY
    sign: str = ANY
    size: str = ANY
    stock_code: str = ALL_STOCKS

    def parent(self) -> "Group | None":
        """The next larger group; None of all events."""
        if self.stock_code != ALL_STOCKS or self.size != ANY:
            return Group(self.type, self.sign)
        if self.sign != ANY:
            return Group(self.type)
        return None if self.type == ANY else Group()


@dataclass(frozen=True)
class Observations:
    """Columns of the stories of one horizon: `days` (ISO) on which the move ended, `moves`, `drifts` (NaN: unknown)."""

    types: Sequence[str]
    signs: Sequence[str]
    sizes: Sequence[str]
    stocks: Sequence[str]
    days: Sequence[str]
    moves: Floats
    drifts: Floats

    @classmethod
    def parse(cls, columns: Mapping[str, Any]) -> "Observations":
        """From lists by name; `drifts` may be left out."""
        moves = np.array(columns["moves"], dtype=np.float64)
        drifts = np.array(columns.get("drifts", [None] * len(moves)), dtype=np.float64)
        types, signs, sizes = columns["types"], columns["signs"], columns["sizes"]
        return cls(types, signs, sizes, columns["stocks"], columns["days"], moves, drifts)


@dataclass(frozen=True)
class _Measured:
    """A group before it is judged. `variance`: of its mean, for the shrinkage."""

    group: Group
    horizon: int
    estimate: Estimate
    variance: float
    drift: float | None
    shrunk: float

    @property
    def is_tested(self) -> bool:
        return self.estimate.n >= MINIMUM_STORIES and self.estimate.n_blocks >= MINIMUM_BLOCKS

    @property
    def p(self) -> float:
        """Of a mean as far from 0 by chance; 1 where the spread is not known."""
        if self.estimate.error is None:
            return 1.0
        return student_p(self.estimate.value / self.estimate.error, self.estimate.n_blocks - 1)


def clustered(moves: Floats, sessions: Whole, horizon: int) -> Estimate:
    """The mean with its error over blocks of `horizon` sessions: se^2 = K / (K - 1) sum_k B_k^2 / n^2, widened by what
    correlation is left between neighbouring blocks. Stretches without a story are no blocks."""
    mean = float(moves.mean())
    parts = day_sums(moves - mean, np.unique(sessions // horizon, return_inverse=True)[1])
    error = None
    if len(parts) >= 2:
        spread = math.sqrt(len(parts) / (len(parts) - 1) * float(parts @ parts) * left_over(parts)) / len(moves)
        error = spread if spread > NO_SPREAD else None
    return Estimate(mean, error, len(moves), len(np.unique(sessions)), len(parts))


def between_variance(families: Sequence[Sequence[tuple[float, float]]]) -> float:
    """Variance of children about their parents, over all `families` of (mean, variance of the mean); at least 0.

    DerSimonian and Laird (1986), pooled: (sum Q - sum (k - 1)) / sum (sum w - sum w^2 / sum w), w = 1 / variance.
    """
    excess, scale = 0.0, 0.0
    for family in families:
        means, weights = np.array([mean for mean, _ in family]), 1 / np.array([variance for _, variance in family])
        centre = float(weights @ means) / float(weights.sum())
        excess += float(weights @ (means - centre) ** 2) - (len(family) - 1)
        scale += float(weights.sum()) - float(weights @ weights) / float(weights.sum())
    return max(0.0, excess / scale) if scale > 0 else 0.0


def holm(p_values: Sequence[float], alpha: float = ALPHA) -> tuple[list[bool], list[float]]:
    """Holm's (1979) step-down test: which are rejected, and the level each was tested at.

    An interval at that level leaves out 0 exactly where the test rejects.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    count = len(p_values)
    levels = [alpha / (count - place) for place in range(count)]
    rejected = next((place for place, n in enumerate(order) if p_values[n] > levels[place]), count)
    found, used = [False] * count, [alpha] * count
    for place, n in enumerate(order):
        found[n] = place < rejected
        used[n] = levels[min(place, rejected)]
    return found, used


def _keys(observations: Observations, watched: frozenset[str]) -> Iterator[tuple[Group, int]]:
    """Each group with the number of each of its observations."""
    columns = zip(observations.types, observations.signs, observations.sizes, observations.stocks, strict=True)
    for number, (event_type, sign, size, stock) in enumerate(columns):
        yield Group(), number
        yield Group(event_type), number
        yield Group(event_type, sign), number
        if size != Size.UNKNOWN:
            yield Group(event_type, sign, size), number
        if stock in watched:
            yield Group(event_type, sign, stock_code=stock), number


def _measure(observations: Observations, horizon: int, watched: frozenset[str]) -> list[_Measured]:
    """Every group of one horizon, parents before their children, shrunk from the top down."""
    members: dict[Group, list[int]] = {}
    for group, number in _keys(observations, watched):
        members.setdefault(group, []).append(number)
    sessions = np.unique(np.array(observations.days), return_inverse=True)[1].astype(np.int64)
    spread = float(observations.moves.var()) if len(observations.moves) else 0.0
    measured: dict[Group, _Measured] = {}
    for group, numbers in members.items():
        estimate = clustered(observations.moves[numbers], sessions[numbers], horizon)
        drifts = observations.drifts[numbers]
        known = drifts[np.isfinite(drifts)]
        # A few days that happen to agree must not count as certain.
        variance = max((estimate.error or 0.0) ** 2, spread / estimate.n)
        drift = float(known.mean()) if len(known) else None
        measured[group] = _Measured(group, horizon, estimate, variance, drift, estimate.value)
    return _shrink(measured)


def _level(group: Group) -> str:
    """Groups of one level are children of the same kind."""
    if group.stock_code != ALL_STOCKS:
        return "stock"
    return ("size" if group.size != ANY else "sign") if group.sign != ANY else "type"


def _shrink(measured: Mapping[Group, _Measured]) -> list[_Measured]:
    """shrunk = parent + tau^2 / (tau^2 + variance) (mean - parent), tau^2 of the level."""
    levels: dict[str, dict[Group, list[_Measured]]] = {name: {} for name in ("type", "sign", "size", "stock")}
    for one in measured.values():
        if (parent := one.group.parent()) is not None:
            levels[_level(one.group)].setdefault(parent, []).append(one)
    done = {group: one for group, one in measured.items() if group.parent() is None}
    for families in levels.values():
        spreads = [
            [(one.estimate.value, one.variance) for one in family if one.variance] for family in families.values()
        ]
        tau2 = between_variance([family for family in spreads if family])
        for parent, family in families.items():
            centre = done[parent].shrunk
            for one in family:
                own = tau2 / (tau2 + one.variance) if tau2 else 0.0
                done[one.group] = replace(one, shrunk=centre + own * (one.estimate.value - centre))
    return list(done.values())


def _judge(family: Sequence[_Measured], matters: float) -> list[Study]:
    """Verdicts of groups that are looked at together."""
    tested = [one for one in family if one.is_tested]
    rejected, levels = holm([one.p for one in tested])
    judged = [_study(one, level, matters, found) for one, found, level in zip(tested, rejected, levels, strict=True)]
    return judged + [_study(one, ALPHA, matters) for one in family if not one.is_tested]


def _study(one: _Measured, level: float, matters: float, found: bool | None = None) -> Study:
    """`found`: whether the test rejects 0 at `level`; None for a group that is not tested."""
    low, high = one.estimate.interval(level) or (None, None)
    verdict = StudyVerdict.TOO_FEW
    if found:
        verdict = StudyVerdict.EFFECT
    elif found is not None and low is not None and high is not None and max(-low, high) < matters:
        verdict = StudyVerdict.NONE
    return Study(
        *one.group, one.horizon, one.estimate.n, one.estimate.n_days, one.estimate.value, low, high,
        one.shrunk, one.drift, verdict.value,
    )  # fmt: skip


def study(
    observations: Mapping[int, Observations], watched: Sequence[str] = (), matters: float = MATTERS
) -> list[Study]:
    """Every group of every horizon (keys of `observations`), by group and horizon.

    `watched`: the stocks that have groups of their own. All groups of all stocks are one family of Holm's test, over
    the horizons together; those of one stock are another.
    """
    families: dict[str, list[_Measured]] = {}
    for horizon, found in observations.items():
        for one in _measure(found, horizon, frozenset(watched)):
            families.setdefault(one.group.stock_code, []).append(one)
    studies = [done for family in families.values() for done in _judge(family, matters)]
    return sorted(studies, key=lambda s: (s.stock_code, s.type, s.sign, s.size, s.horizon))


def study_events(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Operation "study_events": {horizons: {h: columns of Observations}, watched} -> {studies: fields of Study}."""
    observations = {int(horizon): Observations.parse(columns) for horizon, columns in payload["horizons"].items()}
    return {"studies": [asdict(one) for one in study(observations, payload["watched"])]}
