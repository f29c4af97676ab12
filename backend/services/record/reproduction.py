"""Reads what an audit recomputes: stored predictions and the model versions that made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.forecasts import TrainedModel
from backend.domain.stock_days import FEATURE_SET


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """A stored prediction with the values that a recomputed one is compared by."""

    id: int
    model: str
    model_version_id: int
    stock_code: str
    asof: datetime
    horizon: int
    mode: str
    base_price_krw: int
    p_up: float
    quantiles_krw: list[int]
    features_hash: str
    verdict: str | None  # None in rows from before there were words
    tenth: int | None
    size: dict[str, Any] | None
    recorded_by: datetime  # what was stored by then was read


_COLUMNS = """
    p.id, m.name, p.model_version_id, p.stock_code, p.asof, p.horizon, p.mode, p.base_price_krw, p.p_up,
    p.quantiles_krw, p.features_hash, p.verdict, (p.explanation ->> 'tenth')::int, p.size,
    coalesce(p.recorded_by, CASE p.mode WHEN 'live' THEN p.asof ELSE p.created_at END)
    FROM predictions p JOIN model_versions v ON v.id = p.model_version_id JOIN models m ON m.id = v.model_id
"""
_BY_ID = text(f"SELECT {_COLUMNS} WHERE p.id = ANY (CAST(:ids AS bigint[])) ORDER BY p.asof, p.id")
# Ordered by a hash of the id: a sample covers all times and is the same for the same seed.
# Of versions that look at what azak computes: an earlier set of features cannot be computed again.
_SAMPLE = text(
    f"""
    SELECT {_COLUMNS} WHERE p.mode = :mode AND (v.parameters ->> 'feature_set')::int = {FEATURE_SET}
    ORDER BY hashint8extended(p.id, :seed) LIMIT :n
    """
)
# A gate combines members trained on the same session as itself; of two such versions, the one that predicted, too.
_VERSIONS = text(
    """
    SELECT DISTINCT ON (m.name) m.name, v.version, v.trained_from, v.trained_to, v.data_hash, v.parameters, v.metrics
    FROM model_versions own
    JOIN model_versions v ON v.trained_to IS NOT DISTINCT FROM own.trained_to
    JOIN models m ON m.id = v.model_id
    WHERE own.id = :version AND (v.model_id <> own.model_id OR v.id = own.id)
    ORDER BY m.name, EXISTS (
        SELECT FROM predictions p WHERE p.model_version_id = v.id AND p.stock_code = :code AND p.asof = :asof
    ) DESC, v.id DESC
    """
)


async def list_by_id(session: AsyncSession, ids: Sequence[int]) -> list[StoredPrediction]:
    """Predictions by id, oldest asof first; unknown ids are left out."""
    rows = await session.execute(_BY_ID, {"ids": list(ids)})
    return [StoredPrediction(*tuple(row)) for row in rows]


async def list_sample(session: AsyncSession, *, mode: str, n: int, seed: int) -> list[StoredPrediction]:
    """A sample of `n` predictions of a mode, oldest asof first; the same for the same seed."""
    rows = await session.execute(_SAMPLE, {"mode": mode, "n": n, "seed": seed})
    return sorted((StoredPrediction(*tuple(row)) for row in rows), key=lambda row: (row.asof, row.id))


async def list_versions(session: AsyncSession, prediction: StoredPrediction) -> list[TrainedModel]:
    """The model version of `prediction` and those of the other models of the same training session."""
    bound = {
        "version": prediction.model_version_id,
        "code": prediction.stock_code,
        "asof": prediction.asof,
    }
    return [TrainedModel(*tuple(row)) for row in await session.execute(_VERSIONS, bound)]
