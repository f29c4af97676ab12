"""A/B tests of two frozen model versions; at most one runs."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from backend.api.deps import ReadSession, Writer, WriteSession
from backend.api.paging import ById, PageOf, answer
from backend.api.schemas import INTEGER, Body, Horizon, Item, Label, SmallRowId
from backend.services import ab_test
from backend.web import WRITE_RESPONSES

router = APIRouter(prefix="/api/ab_test", tags=["ab_test"])


class AbTestItem(Item):
    """Metric, alpha and minimum sessions are fixed before the first outcome is seen."""

    id: int
    name: str
    model_version_a: int
    model_a: str
    version_a: str
    model_version_b: int
    model_b: str
    version_b: str
    horizon: int
    metric: str
    alpha: float
    minimum_sessions: int
    state: Literal["draft", "running", "decided", "archived"]
    verdict: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    decided_at: datetime | None


class NewTest(Body):
    """A comparison to draft; the ids are those of versions in GET /api/models/{name}."""

    name: Label = Field(examples=["knn against base"])
    model_version_a: int = Field(ge=1, le=INTEGER)
    model_version_b: int = Field(ge=1, le=INTEGER)
    horizon: Horizon = Horizon.ONE
    metric: Literal["brier", "log_loss", "accuracy"] = "brier"
    alpha: float = Field(0.05, gt=0, lt=1)
    minimum_sessions: int = Field(40, ge=1, le=2000)


@router.get("", response_model=PageOf[AbTestItem])
async def list_ab_tests(session: ReadSession, page: ById) -> Any:
    """A/B tests, newest first."""
    return answer(await ab_test.list_ab_tests(session, page))


@router.get("/{test_id}", response_model=AbTestItem)
async def get_ab_test(session: ReadSession, test_id: SmallRowId) -> Any:
    """One A/B test."""
    return await ab_test.get_ab_test(session, test_id)


@router.post("", status_code=201, response_model=AbTestItem, responses=WRITE_RESPONSES)
async def add_ab_test(body: NewTest, _: Writer, session: WriteSession, response: Response) -> Any:
    """Draft an A/B test."""
    row = await ab_test.add_ab_test(session, ab_test.NewAbTest(**body.model_dump()))
    response.headers["Location"] = f"/api/ab_test/{row.id}"
    return row


@router.post("/{test_id}/start", response_model=AbTestItem, responses=WRITE_RESPONSES)
async def start_ab_test(test_id: SmallRowId, _: Writer, session: WriteSession) -> Any:
    """Let a draft run; 409 while another one runs."""
    return await ab_test.start_ab_test(session, test_id)
