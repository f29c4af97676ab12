"""Fits every model as of one session. What is not in the panel does not exist: labels end inside it.

The version is a hash of the data and the parameters, so the same data gives the same version.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np

from backend import codec
from backend.domain.forecasts import HORIZONS, REST, TrainedModel
from backend.domain.members import BUILT_IN, SIZE
from backend.domain.stock_days import FEATURE_SET
from backend.model_parameters import parse_parameters
from backend.models.fitting import proof
from backend.models.fitting.cross_section import rank_days
from backend.models.fitting.features import compute_features, compute_labels
from backend.models.fitting.panel import Panel, build_panel, truncate_payload
from backend.models.fitting.prequential import join_panel
from backend.models.fitting.texts import LabelledTexts
from backend.models.members import base_rate
from backend.models.members.member import TrainingData
from backend.models.members.registry import MEMBERS
from backend.models.predictor.set_aside import describe
from backend.stats.costs import round_trip_cost

MODELS: Final[list[dict[str, Any]]] = [{"name": kind, "kind": kind, "settings": {}} for kind in BUILT_IN]


def _hash(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _panel_hash(panel: Panel) -> str:
    digest = hashlib.sha256(json.dumps([panel.dates, panel.codes]).encode())
    for values in (panel.opens, panel.highs, panel.lows, panel.closes, panel.volumes, panel.market):
        digest.update(np.round(np.nan_to_num(values), 9).tobytes())
    return digest.hexdigest()


def _fit_model(model: Mapping[str, Any], data: TrainingData, as_of: str, data_hash: str) -> TrainedModel:
    settings = parse_parameters(model["kind"], model["settings"])
    member = MEMBERS[model["kind"]]
    horizons = {
        str(horizon): {
            **data.base[horizon],
            **member.fit(data, horizon, settings),
            "proof": _proof(data, horizon, model["name"], member.neutral),
        }
        for horizon in HORIZONS
    }
    if model["kind"] == SIZE:  # the outcomes of one session are those from its opening to its close, as the base rate's
        horizons[str(REST)] = {**data.base[1], **member.fit(data, REST, settings), "proof": {}}
    parameters = {"kind": model["kind"], "feature_set": FEATURE_SET, "horizons": horizons}
    version = f"{as_of}-{_hash(model['name'], data_hash, parameters)[:10]}"
    trained = date.fromisoformat(data.panel.dates[0]), date.fromisoformat(as_of)
    metrics = {"labels": {str(horizon): data.base[horizon]["n"] for horizon in HORIZONS}}
    return TrainedModel(model["name"], version, *trained, data_hash, parameters, metrics)


def _proof(data: TrainingData, horizon: int, name: str, neutral: float | None) -> proof.Proof:
    costs = np.array([round_trip_cost(date.fromisoformat(day)) for day in data.panel.dates])
    said = data.prequential.of(horizon)
    return proof.prove(proof.earlier_forecasts(said, name, neutral, data.labels[horizon], costs), horizon)


def fit_models(payload: Mapping[str, Any]) -> tuple[list[TrainedModel], dict[str, str]]:
    """The models of `payload` (its shape: see `train`) as of its session `as_of`; the panel is cut there first.

    A model that cannot be fitted costs the others nothing: its name and the reason come back beside them.
    """
    as_of = payload["as_of"]
    panel = build_panel(truncate_payload(payload["panel"], as_of))
    features = compute_features(panel)
    labels = {horizon: compute_labels(panel, features, horizon) for horizon in HORIZONS}
    base = {horizon: base_rate.fit(labels[horizon]) for horizon in HORIZONS}
    earlier = join_panel(payload["prequential"], panel)
    data = TrainingData(
        panel, features, rank_days(panel, features), labels, base, payload["labelled_stories"], earlier,
        payload["events"], LabelledTexts(payload.get("texts", {})),
    )  # fmt: skip
    data_hash = _panel_hash(panel)
    fitted, failed = [], {}
    for model in payload.get("models", MODELS):
        try:
            fitted.append(_fit_model(model, data, as_of, data_hash))
        except Exception as error:  # noqa: BLE001  (whatever one model raises, the others are trained)
            failed[model["name"]] = describe(error)
    return fitted, failed


def train(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Operation "train": {as_of, panel, models, labelled_stories, prequential, events, texts} -> {models, failed}.

    `as_of`: ISO date of the last session to learn from. `panel`: see backend.models.fitting.panel. `models`: name,
    kind and settings of each. `prequential`: see backend.models.fitting.prequential.join_panel. `labelled_stories`: see
    backend.models.members.member.TrainingData, and `events`. `texts`: see backend.models.fitting.texts.LabelledTexts;
    none where they are left out.
    """
    fitted, failed = fit_models(payload)
    return {"models": codec.dump(TrainedModel, fitted), "failed": failed}
