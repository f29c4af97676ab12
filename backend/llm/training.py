"""Fits every model as of one session. What is not in the panel does not exist: labels end inside it.

The version is a hash of the data and the parameters, so the same data gives the same version.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np

from backend.domain import HORIZONS, TrainedModel
from backend.llm import base_rate, codec, gate, knn, price
from backend.llm.features import Features, Labels, compute_features, compute_labels
from backend.llm.panel import FloatArray, Panel, build_panel, truncate_payload

MODELS: Final = ("base", "price", "knn", "gated")


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


def _fit_horizon(
    panel: Panel, features: Features, payload: Mapping[str, Any], horizon: int
) -> dict[str, dict[str, Any]]:
    labels = compute_labels(panel, features, horizon)
    base = base_rate.fit(labels)
    common = {"p0": base["p0"], "z": base["z"]}
    labelled = payload["labelled_stories"].get(str(horizon), 0)
    return {
        "base": base,
        "price": common | price.fit(features, labels),
        "knn": common | knn.fit(labelled),
        "gated": common | _fit_gate(panel, labels, payload["prequential"], horizon),
    }


def fit_models(payload: Mapping[str, Any]) -> list[TrainedModel]:
    """All models as of the session `as_of`, from a panel that is cut there first."""
    panel = build_panel(truncate_payload(payload["panel"], payload["as_of"]))
    features = compute_features(panel)
    fitted = {horizon: _fit_horizon(panel, features, payload, horizon) for horizon in HORIZONS}
    data_hash = _panel_hash(panel)
    models = []
    for name in MODELS:
        parameters = {"horizons": {str(horizon): fitted[horizon][name] for horizon in HORIZONS}}
        version = f"{payload['as_of']}-{_hash(name, data_hash, parameters)[:10]}"
        trained = date.fromisoformat(panel.dates[0]), date.fromisoformat(payload["as_of"])
        metrics = {"labels": {str(horizon): fitted[horizon]["base"]["n"] for horizon in HORIZONS}}
        models.append(TrainedModel(name, version, *trained, data_hash, parameters, metrics))
    return models


def train(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Operation "train": {as_of, panel, labelled_stories, prequential} -> {models}.

    `labelled_stories`: horizon (text) -> stories with a known effect at that time. `prequential`: columns
    stock_code, trade_date (base session), horizon, base, price, knn: what members said before the outcome.
    """
    return {"models": codec.encode(TrainedModel, fit_models(payload))}
