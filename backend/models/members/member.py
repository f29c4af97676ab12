"""What the predictor and the training need of a member: how it is fitted, and how it predicts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from backend.domain.forecasts import PredictionItem
from backend.domain.members import NoParameters
from backend.domain.understanding.event_studies import Study
from backend.models.fitting.features import Features, Labels
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.fitting.panel import FloatArray, Panel
from backend.models.fitting.prequential import Prequential
from backend.models.fitting.texts import LabelledTexts
from backend.models.size.fitting import SizeData, size_data
from backend.stats.event_study import Observations, study

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class TrainingData:
    """All that a member may learn from: nothing in it is newer than the session of the training.

    `section`: backend.models.fitting.cross_section. `labels` and `base` (parameters of the base rate) are by horizon.
    `labelled_stories`: horizon (text) -> stories whose effect is known. `prequential`: what every model forecast before
    the outcome. `events`: horizon (text) -> columns of backend.stats.event_study.Observations of these stories, moves
    in sigmas. `texts`: those of stories whose effect is known.
    """

    panel: Panel
    features: Features
    section: FloatArray
    labels: Mapping[int, Labels]
    base: Mapping[int, dict[str, Any]]
    labelled_stories: Mapping[str, int]
    prequential: Prequential
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    texts: LabelledTexts = field(default_factory=lambda: LabelledTexts({}))

    @cached_property
    def sizes(self) -> SizeData:
        """What the size of moves is read from; the same for all horizons."""
        return size_data(self.panel, self.features.betas, self.features.early_sigmas)

    @cached_property
    def studies(self) -> list[Study]:
        """The studies of all stocks; one family of tests over all horizons, so computed once for them."""
        return study({int(horizon): Observations.parse(columns) for horizon, columns in self.events.items()})


Fit = Callable[[TrainingData, int, Any], dict[str, Any]]  # the last one is what ModelKind.parameters names
Predict = Callable[[Parameters, PredictionItem], MemberForecast]
Combine = Callable[[Parameters, Mapping[str, MemberForecast]], MemberForecast]


@dataclass(frozen=True)
class Member:
    """`kind` is its name in backend.domain.members.

    `fit`: (data, horizon in sessions, settings of the kind's own type) -> parameters as JSON; those of the base rate
    (p0, n, z) are added to them. `predict`: (parameters, item) -> forecast. A member that combines the forecasts of
    the others has `combine` instead: (parameters, forecasts by model name) -> forecast. `neutral`: the probability
    that takes no side, the base rate where it is None.
    """

    kind: str
    fit: Fit
    predict: Predict | None = None
    combine: Combine | None = None
    neutral: float | None = None


def fit_nothing(_data: TrainingData, _horizon: int, _settings: NoParameters) -> dict[str, Any]:
    """For members that need no parameters but the base rate's."""
    return {}
