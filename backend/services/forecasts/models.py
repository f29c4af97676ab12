"""Models as people see them: list, detail, add and retire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.conflicts import named_conflicts
from backend.db.paging import AnyRow
from backend.db.tables.ab_test import AbTest
from backend.db.tables.models import Model, ModelVersion
from backend.db.tables.runs import Run
from backend.domain.members import BUILT_IN, LANGUAGE_MODEL
from backend.domain.runs import OPEN_RUN_STATES
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.model_parameters import parse_parameters
from backend.services.record.evaluations import list_latest_of_model

MAX_VERSIONS = 50
_COLUMNS = (
    Model.id,
    Model.name,
    Model.kind,
    Model.provider,
    Model.parameters,
    Model.is_active,
    Model.is_shown,
    Model.added_at,
    select(ModelVersion.version)
    .where(ModelVersion.id == Model.held_version_id)
    .scalar_subquery()
    .label("held_version"),
)


@dataclass(frozen=True, slots=True)
class ModelDetail:
    """A model, its newest versions and its newest metrics."""

    model: AnyRow
    versions: Sequence[AnyRow]
    metrics: Sequence[AnyRow]


async def list_models(session: AsyncSession) -> Sequence[AnyRow]:
    """All models, oldest first."""
    return (await session.execute(select(*_COLUMNS).order_by(Model.id))).all()


async def get_model(session: AsyncSession, name: str) -> ModelDetail:
    """One model. Raises NotFoundError."""
    model = (await session.execute(select(*_COLUMNS).where(Model.name == name))).one_or_none()
    if model is None:
        raise NotFoundError(f"There is no model named {name!r}; list them with GET /api/models.")
    columns = (
        ModelVersion.id,
        ModelVersion.version,
        ModelVersion.trained_from,
        ModelVersion.trained_to,
        ModelVersion.data_hash,
        ModelVersion.metrics,
        ModelVersion.created_at,
    )
    newest = (
        select(*columns)
        .where(ModelVersion.model_id == model.id)
        .order_by(ModelVersion.trained_to.desc().nulls_last(), ModelVersion.id.desc())
    )
    versions = (await session.execute(newest.limit(MAX_VERSIONS))).all()
    return ModelDetail(model, versions, await list_latest_of_model(session, name))


async def add_model(session: AsyncSession, *, name: str, kind: str, parameters: Mapping[str, Any]) -> None:
    """Add a model, which predicts once its backfill has succeeded (`activate_model`).

    Raises ConflictError for a name in use, InvalidInputError for a kind or parameters azak cannot build.
    """
    parse_parameters(kind, parameters)
    if kind == LANGUAGE_MODEL:
        raise InvalidInputError(
            "A language model becomes a model by the settings AZAK_LLM_URL and AZAK_LLM_MODEL; set those instead."
        )
    row = {"name": name, "kind": kind, "parameters": dict(parameters), "is_active": False}
    with named_conflicts():
        await session.execute(insert(Model).values(row))


async def activate_model(session: AsyncSession, name: str) -> None:
    """Let a model train and predict from now on; called when its backfill has succeeded."""
    await session.execute(update(Model).where(Model.name == name).values(is_active=True))


async def retire_model(session: AsyncSession, name: str) -> None:
    """Stop a model from training and predicting; its record is kept. Raises ConflictError while it is in use."""
    detail = await get_model(session, name)
    if detail.model.kind == LANGUAGE_MODEL:
        raise ConflictError(
            f"The model {name} follows the settings; set AZAK_LLM_FORECASTS=false and start azak again to end it."
        )
    if name in BUILT_IN or detail.model.is_shown:
        raise ConflictError(
            f"The model {name} is needed: others are measured against it, rest on it, or people see it; it stays."
        )
    filling = and_(Run.kind == "backfill_model", Run.arguments["model"].astext == name, Run.state.in_(OPEN_RUN_STATES))
    if (run := await session.scalar(select(Run.id).where(filling).limit(1))) is not None:
        raise ConflictError(f"The model {name} is being filled in and becomes active then; cancel the run {run} first.")
    mine = select(ModelVersion.id).where(ModelVersion.model_id == detail.model.id)
    tested = or_(AbTest.model_version_a.in_(mine), AbTest.model_version_b.in_(mine))
    running = await session.scalar(select(AbTest.name).where(AbTest.state == "running", tested).limit(1))
    if running is not None:
        raise ConflictError(f"The model {name} is in the running A/B test {running!r}; stop that test first.")
    await session.execute(update(Model).where(Model.name == name).values(is_active=False))


async def put_back(session: AsyncSession, name: str, version: str | None) -> None:
    """Let an earlier version predict live, with the others of its night, until `let_go`.

    `version`: None for the one before the version that predicts now. Raises NotFoundError if there is no such.
    """
    detail = await get_model(session, name)
    held = detail.model.held_version
    names = [row.version for row in detail.versions]
    if version is None:
        now = names.index(held) if held in names else 0
        version = names[now + 1] if now + 1 < len(names) else None
    found = None if version is None else next((row for row in detail.versions if row.version == version), None)
    if found is None:
        raise NotFoundError(f"The model {name} has no such earlier version; GET /api/models/{name} lists those it has.")
    await session.execute(update(Model).where(Model.name == name).values(held_version_id=found.id))


async def let_go(session: AsyncSession, name: str) -> None:
    """Let the newest version of a model predict again. Raises NotFoundError."""
    await get_model(session, name)
    await session.execute(update(Model).where(Model.name == name).values(held_version_id=None))
