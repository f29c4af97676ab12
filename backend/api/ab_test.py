"""A/B tests of two frozen model versions; at most one runs. Their rules are fixed before the first outcome is known."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from backend.api.deps import ReadSession, Writer, WriteSession
from backend.api.paging import BySmallId, PageOf, answer
from backend.api.schemas import INTEGER, Body, Estimate, Horizon, Item, Label, SmallRowId
from backend.api.shapes import Shape
from backend.services.record.ab import ab_test
from backend.web import WRITE_RESPONSES

router = APIRouter(prefix="/api/ab_test", tags=["ab_test"])

Verdict = Literal["A", "B", "no difference yet", "no difference worth having"]
Reason = Literal["early", "better", "small", "far", "few_blocks", "small_so_far", "open", "equal"]


class AbTestItem(Item):
    """`verdict` is the preliminary result while the test runs, and the decision afterwards."""

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
    seed: int
    state: Literal["draft", "running", "decided", "archived"]
    verdict: Annotated[dict[str, Any], Shape("backend.api.stored:AbVerdict")] | None
    created_at: datetime
    started_at: datetime | None
    decided_at: datetime | None
    promoted_at: datetime | None


class DayTest(Item):
    """A test of the mean daily difference against 0, valid for one look at the end."""

    statistic: float | None
    p_value: float | None
    low: float | None
    high: float | None
    lag: int = Field(description="Neighbouring sessions allowed for.")


class ConfidenceSequence(Item):
    """May be looked at every day without raising false alarms (at most alpha at any look)."""

    low: float | None
    high: float | None
    first_session: int = Field(description="The first session after which it says something: eight blocks.")
    decided_at_session: int | None = Field(description="First session at which it left out 0.")


class Panel(Item):
    """Results on the items that both versions predicted. Differences are A minus B; above 0, B has the smaller loss."""

    verdict: Verdict
    reason: str
    code: Reason | None = Field(None, description="Of the reason; null in a test decided by an earlier version.")
    values: dict[str, str | int] = Field({}, description="What the reason names and counts.")
    n: int = Field(description="Items that both versions predicted.")
    n_days: int
    blocks: int | None = Field(
        None, description="Independent blocks of sessions that the verdict rests on; null in a test decided without."
    )
    block_length: int | None = Field(
        None, description="Sessions of a block: as far as neighbouring ones depend on each other, at least the horizon."
    )
    failed_a: int = Field(description="Items on which only B has a prediction; they count as the base rate for A.")
    failed_b: int
    loss_a: Estimate
    loss_b: Estimate
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    day_t: DayTest
    diebold_mariano: DayTest
    bootstrap: DayTest
    sequence: ConfidenceSequence
    secondary: dict[str, Estimate] = Field(description="The same daily difference in the metrics not tested.")
    sd_of_days: float | None
    smallest_gap: float = Field(description="A difference below this is not worth having.")
    sessions_needed: int | None = Field(
        description="Sessions until the sequence is as narrow as the difference measured, or the smallest worth having."
    )


class Status(Item):
    """`panel` is null until the first aggregation (17:00) after shared outcomes."""

    test: AbTestItem
    panel: Panel | None
    computed_at: datetime | None


class Look(Item):
    """One session: its mean difference, and the mean of all up to it with the confidence sequence of that day."""

    trade_date: date
    n: int
    difference: float
    mean: float
    low: float | None
    high: float | None


class History(Item):
    items: list[Look]


class Assignment(Item):
    test_id: int
    bucket: int = Field(description="0..99; below 50 is A.")
    model_version_id: int


class NewTest(Body):
    """A comparison to draft; the ids are those of versions in GET /api/models/{name}."""

    name: Label = Field(examples=["knn against base"])
    model_version_a: int = Field(ge=1, le=INTEGER)
    model_version_b: int = Field(ge=1, le=INTEGER)
    horizon: Horizon = Horizon.ONE
    metric: Literal["brier", "log_loss", "accuracy", "size_brier", "size_pinball"] = Field(
        "brier",
        description="The last two compare how large versions of the model size said a move would be: the probability of"
        " one beyond 3%, and the whole distribution.",
    )
    alpha: float = Field(0.05, gt=0, lt=1)
    minimum_sessions: int = Field(40, ge=1, le=2000)


@router.get("", response_model=PageOf[AbTestItem])
async def list_ab_tests(session: ReadSession, page: BySmallId) -> Any:
    """A/B tests, newest first."""
    return answer(await ab_test.list_ab_tests(session, page))


@router.get("/{test_id}", response_model=AbTestItem)
async def get_ab_test(session: ReadSession, test_id: SmallRowId) -> Any:
    """One A/B test."""
    return await ab_test.get_ab_test(session, test_id)


@router.get("/{test_id}/status", response_model=Status)
async def get_ab_test_status(session: ReadSession, test_id: SmallRowId) -> Any:
    """Results so far: all statistical tests side by side, and how many sessions are still needed."""
    test = await ab_test.get_ab_test(session, test_id)
    return {"test": test, "panel": test.panel, "computed_at": test.computed_at}


@router.get("/{test_id}/history", response_model=History)
async def list_ab_test_history(session: ReadSession, test_id: SmallRowId) -> Any:
    """Results as of each session, oldest first."""
    test = await ab_test.get_ab_test(session, test_id)
    return {"items": (test.panel or {}).get("days", [])}


@router.get("/{test_id}/assignment", response_model=Assignment)
async def get_assignment(
    session: ReadSession,
    test_id: SmallRowId,
    viewer: Annotated[str, Query(min_length=1, max_length=100, description="Any stable id of a person or browser.")],
) -> Any:
    """The version that a viewer sees, always the same one. It has no influence on the measurement."""
    return await ab_test.assign(session, test_id, viewer)


@router.post("", status_code=201, response_model=AbTestItem, responses=WRITE_RESPONSES)
async def add_ab_test(body: NewTest, _: Writer, session: WriteSession, response: Response) -> Any:
    """Draft an A/B test."""
    row = await ab_test.add_ab_test(session, ab_test.NewAbTest(**body.model_dump()))
    response.headers["Location"] = f"/api/ab_test/{row.id}"
    return row


@router.post("/{test_id}/start", response_model=AbTestItem, responses=WRITE_RESPONSES)
async def start_ab_test(test_id: SmallRowId, _: Writer, session: WriteSession) -> Any:
    """Start a draft; 409 while another test runs."""
    return await ab_test.start_ab_test(session, test_id)


@router.post("/{test_id}/stop", response_model=AbTestItem, responses=WRITE_RESPONSES)
async def stop_ab_test(test_id: SmallRowId, writer: Writer, session: WriteSession) -> Any:
    """End a running test without a winner."""
    return await ab_test.stop_ab_test(session, test_id, by=writer)


@router.post("/{test_id}/decide", response_model=AbTestItem, responses=WRITE_RESPONSES)
async def decide_ab_test(test_id: SmallRowId, writer: Writer, session: WriteSession) -> Any:
    """Freeze the verdict; 409 before the minimum of sessions."""
    return await ab_test.decide_ab_test(session, test_id, by=writer)


@router.post("/{test_id}/promote", response_model=AbTestItem, responses=WRITE_RESPONSES)
async def promote_winner(test_id: SmallRowId, _: Writer, session: WriteSession) -> Any:
    """Show people the model that won; 409 without a winner. The call is in GET /api/audit."""
    return await ab_test.promote(session, test_id)


@router.post("/{test_id}/archive", response_model=AbTestItem, responses=WRITE_RESPONSES)
async def archive_ab_test(test_id: SmallRowId, _: Writer, session: WriteSession) -> Any:
    """Archive a decided test."""
    return await ab_test.archive_ab_test(session, test_id)
