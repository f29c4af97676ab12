"""Fits every model as of one session. What is not in the panel does not exist: labels end inside it.

The version is a hash of the data and the parameters, so the same data gives the same version.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from backend import codec
from backend.domain.forecasts import HORIZONS, TrainedModel
from backend.model_parameters import PARAMETERS, KnnParameters, NoParameters, PriceParameters, parse_parameters
from backend.models.fitting.features import Features, Labels, compute_features, compute_labels
from backend.models.fitting.panel import FloatArray, Panel, build_panel, truncate_payload
from backend.models.members import base_rate, gate, knn, price
from backend.models.predictor.set_aside import describe

BUILT_IN: Final[list[dict[str, Any]]] = [{"name": kind, "kind": kind, "settings": {}} for kind in PARAMETERS]


@dataclass(frozen=True)
class Known:
    """What can be learned from at the session `as_of`; labels and base rates by horizon."""

    panel: Panel
    features: Features
    labels: Mapping[int, Labels]
    base: Mapping[int, dict[str, Any]]
    payload: Mapping[str, Any]


def _hash(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _panel_hash(panel: Panel) -> str:
    digest = hashlib.sha256(json.dumps([panel.dates, panel.codes]).encode())
    for values in (panel.opens, panel.closes, panel.volumes, panel.market):
        digest.update(np.round(np.nan_to_num(values), 9).tobytes())
    return digest.hexdigest()


def _fit_gate(panel: Panel, labels: Labels, prequential: Mapping[str, Any], horizon: int) -> dict[str, Any]:
    """Joins earlier forecasts to the labels that have ended; a forecast without one does not count."""
    stocks = {code: row for row, code in enumerate(panel.codes)}
    days = {day: column for column, day in enumerate(panel.dates)}
    codes, dates, horizons = prequential["stock_code"], prequential["trade_date"], prequential["horizon"]
    rows = [
        n for n, h in enumerate(horizons) if h == horizon and codes[n] in stocks and dates[n] in days
    ]  # fmt: skip
    at = np.array([days[dates[n]] for n in rows], dtype=int)
    y: FloatArray = labels.y[np.array([stocks[codes[n]] for n in rows], dtype=int), at]
    ended = np.isfinite(y)

    def known(name: str) -> FloatArray:
        return np.array([prequential[name][n] for n in rows], dtype=np.float64)[ended]

    return gate.fit(known("base"), {name: known(name) for name in gate.MEMBERS}, y[ended], at[ended].astype(float))


def _fit_kind(kind: str, settings: NoParameters, known: Known, horizon: int) -> dict[str, Any]:
    labels = known.labels[horizon]
    if isinstance(settings, PriceParameters):
        return price.fit(known.features, labels, settings.c)
    if isinstance(settings, KnnParameters):
        return knn.fit(known.payload["labelled_stories"].get(str(horizon), 0), settings)
    if kind == "gated":
        return _fit_gate(known.panel, labels, known.payload["prequential"], horizon)
    return {}


def _fit_model(model: Mapping[str, Any], known: Known, data_hash: str) -> TrainedModel:
    settings = parse_parameters(model["kind"], model["settings"])
    horizons = {
        str(horizon): known.base[horizon] | _fit_kind(model["kind"], settings, known, horizon) for horizon in HORIZONS
    }
    parameters = {"kind": model["kind"], "horizons": horizons}
    as_of = known.payload["as_of"]
    version = f"{as_of}-{_hash(model['name'], data_hash, parameters)[:10]}"
    trained = date.fromisoformat(known.panel.dates[0]), date.fromisoformat(as_of)
    metrics = {"labels": {str(horizon): known.base[horizon]["n"] for horizon in HORIZONS}}
    return TrainedModel(model["name"], version, *trained, data_hash, parameters, metrics)


def fit_models(payload: Mapping[str, Any]) -> tuple[list[TrainedModel], dict[str, str]]:
    """The models of `payload` as of the session `as_of`, from a panel that is cut there first.

    A model that cannot be fitted costs the others nothing: its name and the reason come back beside them.
    """
    panel = build_panel(truncate_payload(payload["panel"], payload["as_of"]))
    features = compute_features(panel)
    labels = {horizon: compute_labels(panel, features, horizon) for horizon in HORIZONS}
    base = {horizon: base_rate.fit(labels[horizon]) for horizon in HORIZONS}
    known = Known(panel, features, labels, base, payload)
    data_hash = _panel_hash(panel)
    fitted, failed = [], {}
    for model in payload.get("models", BUILT_IN):
        try:
            fitted.append(_fit_model(model, known, data_hash))
        except Exception as error:  # noqa: BLE001  (whatever one model raises, the others are trained)
            failed[model["name"]] = describe(error)
    return fitted, failed


def train(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Operation "train": {as_of, panel, models, labelled_stories, prequential} -> {models, failed}.

    `models`: name, kind and settings of each. `labelled_stories`: horizon (text) -> stories with a known
    effect at that time. `prequential`: columns stock_code, trade_date (base session), horizon, base, price,
    knn: what members said before the outcome.
    """
    fitted, failed = fit_models(payload)
    return {"models": codec.encode(TrainedModel, fitted), "failed": failed}
