"""Models that can be compared, and their versions; adding and retiring a model."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from backend.api.deps import DatabaseOfApp, ReadSession, Writer, WriteSession
from backend.api.evaluations import MetricItem
from backend.api.scheduler_client import job_work
from backend.api.schemas import Body, Item, Name, RunItem
from backend.api.stored import Parameters, Shape, TrainingFigures
from backend.api.work_requests import WorkRequestsOfCall
from backend.db.session import Database
from backend.services.forecasts import models
from backend.web import WRITE_RESPONSES

router = APIRouter(prefix="/api/models", tags=["models"])


class ModelItem(Item):
    """A predictor. `kind` says how it predicts (docs/methods.md 2 and 3)."""

    id: int
    name: str
    kind: str
    provider: str
    parameters: Annotated[dict[str, Any], Shape(Parameters)]
    is_active: bool = Field(description="Whether it trains and predicts: not before its backfill, nor once retired.")
    is_shown: bool = Field(description="Whether people see this model; POST /api/ab_test/{id}/promote moves it.")
    added_at: datetime
    held_version: str | None = Field(
        description="The earlier version that predicts live for it; null: the newest does."
    )


class VersionItem(Item):
    """A trained version: its window of trading days and a hash of the data it saw."""

    id: int
    version: str
    trained_from: date | None
    trained_to: date | None
    data_hash: str
    metrics: Annotated[dict[str, Any], Shape(TrainingFigures)]
    created_at: datetime


class Models(Item):
    items: list[ModelItem]


class ModelFull(Item):
    model: ModelItem
    versions: list[VersionItem]
    metrics: list[MetricItem]


class NewModel(Body):
    """A model to compare with the others."""

    name: Name = Field(examples=["knn-wide"])
    kind: str = Field(max_length=20, examples=["knn"])
    parameters: Annotated[dict[str, Any], Shape(Parameters)] = Field(
        default_factory=dict,
        examples=[{"k": 200}],
        description="knn: k (1..1000), shrinkage (1..100000); price, text: c (1e-6..1e6); the other kinds take none.",
    )


class EarlierVersion(Body):
    """The version to put a model back to."""

    version: str | None = Field(
        None, max_length=40, examples=[None], description="As in GET /api/models/{name}; null: the one before."
    )


@router.get("", response_model=Models)
async def list_models(session: ReadSession) -> Any:
    """Every model."""
    return {"items": await models.list_models(session)}


@router.get("/{name}", response_model=ModelFull)
async def get_model(session: ReadSession, name: Annotated[Name, Path(examples=["gated"])]) -> Any:
    """One model with its newest versions and figures."""
    return await models.get_model(session, name)


async def _insert(database: Database, body: NewModel) -> None:
    async with database.write() as session:
        await models.add_model(session, name=body.name, kind=body.kind, parameters=body.parameters)


@router.post("", status_code=202, responses=WRITE_RESPONSES)
async def add_model(body: NewModel, database: DatabaseOfApp, requests: WorkRequestsOfCall) -> RunItem:
    """Add a model: 202 with the run that trains it and fills in the last trading days.

    It is active once that run has succeeded; POST /api/jobs/backfill_model/runs tries it again.
    """
    work = job_work("backfill_model", {"model": body.name})
    return await requests.accept(work, body, before=lambda: _insert(database, body))


@router.delete("/{name}", status_code=204, responses=WRITE_RESPONSES)
async def retire_model(name: Annotated[Name, Path(examples=["knn-wide"])], _: Writer, session: WriteSession) -> None:
    """Stop training and predicting with a model. Its record stays; 409 while a running A/B test or the page uses it."""
    await models.retire_model(session, name)


@router.post("/{name}/rollback", response_model=ModelFull, responses=WRITE_RESPONSES)
async def put_back(
    name: Annotated[Name, Path(examples=["gated"])], body: EarlierVersion, _: Writer, session: WriteSession
) -> Any:
    """Let an earlier version predict live from the next round on, with the members of its night; training goes on.

    What was forecast stays. DELETE lets the newest version predict again.
    """
    await models.put_back(session, name, body.version)
    return await models.get_model(session, name)


@router.delete("/{name}/rollback", status_code=204, responses=WRITE_RESPONSES)
async def let_go(name: Annotated[Name, Path(examples=["gated"])], _: Writer, session: WriteSession) -> None:
    """Let the newest version predict again from the next round on."""
    await models.let_go(session, name)
