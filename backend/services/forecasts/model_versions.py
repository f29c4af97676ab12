"""Models and their trained versions, as the jobs read and store them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.ab_test import AbTest
from backend.db.tables.models import Model, ModelVersion
from backend.db.upsert import upsert
from backend.domain.forecasts import TrainedModel
from backend.domain.members import BUILT_IN, FIRST_SHOWN, KINDS, SCORED_LIVE_ONLY
from backend.errors import InvalidInputError, NotFoundError


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A trained model and its id in model_versions."""

    id: int
    model: TrainedModel


async def ensure_models(session: AsyncSession) -> int:
    """Create the rows of the built-in models once; returns how many were new."""
    shown = await session.scalar(select(Model.name).where(Model.is_shown)) or FIRST_SHOWN
    rows = [{"name": name, "kind": name, "is_shown": name == shown} for name in BUILT_IN]
    return len(await upsert(session, Model, rows, key=["name"]))


async def require_trainable(session: AsyncSession, name: str) -> None:
    """Raise NotFoundError or InvalidInputError unless `name` is a model that azak can train."""
    kind = await session.scalar(select(Model.kind).where(Model.name == name))
    if kind is None:
        raise NotFoundError(f"There is no model named {name}; GET /api/models lists those that exist.")
    if kind in SCORED_LIVE_ONLY:
        raise InvalidInputError(f"The model {name} is a language model, which forecasts live alone; pick another one.")
    if kind not in KINDS:
        raise InvalidInputError(f"Models of kind {kind} are not built yet; use one of {', '.join(KINDS)}.")


async def list_trainable_models(
    session: AsyncSession, *, also: str | None = None, replayed: bool = False
) -> list[dict[str, Any]]:
    """Name, kind and settings of the models that azak can train: the active ones and `also`.

    `replayed`: without those that only forecast live.
    """
    trained = or_(Model.is_active, Model.name == also)
    kinds = [kind for kind in KINDS if not (replayed and kind in SCORED_LIVE_ONLY)]
    query = select(Model.name, Model.kind, Model.parameters).where(trained, Model.kind.in_(kinds))
    rows = await session.execute(query.order_by(Model.id))
    return [{"name": row.name, "kind": row.kind, "settings": row.parameters} for row in rows]


async def upsert_model_versions(session: AsyncSession, trained: Sequence[TrainedModel]) -> int:
    """Store versions that do not exist yet; returns how many were new. Models that have no row are left out."""
    names = {row.name: row.id for row in await session.execute(select(Model.name, Model.id))}
    rows = [
        {
            "model_id": names[model.model],
            "version": model.version,
            "trained_from": model.trained_from,
            "trained_to": model.trained_to,
            "data_hash": model.data_hash,
            "parameters": dict(model.parameters),
            "metrics": dict(model.metrics),
        }
        for model in trained
        if model.model in names
    ]
    return len(await upsert(session, ModelVersion, rows, key=["model_id", "version"]))


async def latest_versions(session: AsyncSession, *, before: date) -> list[StoredVersion]:
    """Of every active model the version trained last on sessions before `before` (a trade date)."""
    query = (
        select(Model.name, ModelVersion)
        .join(ModelVersion, ModelVersion.model_id == Model.id)
        .where(Model.is_active, ModelVersion.trained_to < before)
        .ext(distinct_on(Model.name))
        .order_by(Model.name, ModelVersion.trained_to.desc(), ModelVersion.id.desc())
    )
    return [StoredVersion(version.id, _trained(name, version)) for name, version in await session.execute(query)]


async def list_tested(session: AsyncSession) -> list[tuple[StoredVersion, list[TrainedModel]]]:
    """The two versions of the running A/B test, each with the others trained on the same session: what a gate rests on.

    They go on predicting as they were when the test was drafted, whatever has been trained since.
    """
    running = select(AbTest).where(AbTest.state == "running").subquery()
    tested = or_(ModelVersion.id == running.c.model_version_a, ModelVersion.id == running.c.model_version_b)
    return await _with_companions(session, select(ModelVersion.id).join(running, tested))


async def list_held(session: AsyncSession) -> list[tuple[StoredVersion, list[TrainedModel]]]:
    """The same of the earlier versions that active models were put back to."""
    return await _with_companions(session, select(Model.held_version_id).where(Model.is_active))


async def _with_companions(
    session: AsyncSession, wanted: Select[Any]
) -> list[tuple[StoredVersion, list[TrainedModel]]]:
    query = select(Model.name, ModelVersion).join(ModelVersion, ModelVersion.model_id == Model.id)
    found = (await session.execute(query.where(ModelVersion.id.in_(wanted)).order_by(ModelVersion.id))).all()
    companions: dict[date | None, list[tuple[str, ModelVersion]]] = {}
    for _, version in found:
        same = query.where(ModelVersion.trained_to == version.trained_to).ext(distinct_on(Model.name))
        rows = await session.execute(same.order_by(Model.name, ModelVersion.id.desc()))
        companions[version.trained_to] = [(row[0], row[1]) for row in rows]
    return [
        (
            StoredVersion(version.id, _trained(name, version)),
            [_trained(other, row) for other, row in companions[version.trained_to] if other != name],
        )
        for name, version in found
    ]


def _trained(name: str, row: ModelVersion) -> TrainedModel:
    return TrainedModel(name, row.version, row.trained_from, row.trained_to, row.data_hash, row.parameters, row.metrics)


async def list_stored(session: AsyncSession, trained: Sequence[TrainedModel]) -> list[StoredVersion]:
    """The stored versions of `trained`."""
    query = (
        select(Model.name, ModelVersion.version, ModelVersion.id)
        .join(ModelVersion, ModelVersion.model_id == Model.id)
        .where(ModelVersion.version.in_([model.version for model in trained]))
    )
    ids = {(row.name, row.version): row.id for row in await session.execute(query)}
    return [StoredVersion(ids[model.model, model.version], model) for model in trained]
