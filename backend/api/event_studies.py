"""What prices did after events of a kind: mean moves with interval, n and days, of all stocks or of one."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from backend.api.deps import ReadSession
from backend.api.schemas import Disclaimer, Horizon, Item, StockCodeFilter
from backend.domain.understanding.event_studies import StudyVerdict
from backend.services.record import event_studies

router = APIRouter(prefix="/api/events", tags=["events"])

TypeFilter = Annotated[
    str | None, Query(alias="type", pattern="^[a-z_]{1,40}$", description="Only this type.", examples=["contract"])
]
SignName = Literal["+", "-", "0", "reversed", "any"]
SignFilter = Annotated[
    SignName | None, Query(description="Only this sign; any: the types without a distinction of signs.")
]


class StudyItem(Item):
    """The market-adjusted moves after all events of a group, from the first price after the news was known.

    Means and bounds are fractions. The interval is at the level at which the group was tested beside all others of its
    snapshot (Holm), so it leaves out 0 exactly where `verdict` is effect.
    """

    type: str = Field(description="A type of docs/events.md; any: all together.")
    sign: SignName
    size: str = Field(description="Against the company: large from a tenth on, small below; any: all together.")
    stock_code: str = Field(description="A stock, or all.")
    horizon: Horizon
    n: int = Field(description="Stories with a stock.")
    n_days: int
    mean: float
    low: float | None
    high: float | None
    shrunk: float = Field(description="The mean, drawn towards the parent group where its own data is weak.")
    drift: float | None = Field(description="Mean move over the five sessions before the news.")
    verdict: StudyVerdict = Field(
        description="effect: the interval leaves out 0; none: it holds no move of half a percent; too_few: else."
    )


class EventStudies(Item):
    """`computed_at`: when this was known; null before the first night."""

    computed_at: datetime | None
    items: list[StudyItem]
    disclaimer: Disclaimer = Disclaimer()

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "computed_at": "2026-11-26T08:00:05Z",
                    "items": [
                        {
                            "type": "contract", "sign": "+", "size": "any", "stock_code": "all", "horizon": 5, "n": 212,
                            "n_days": 118, "mean": 0.0121, "low": 0.0048, "high": 0.0194, "shrunk": 0.0114,
                            "drift": 0.0021, "verdict": "effect",
                        }
                    ],
                    "disclaimer": Disclaimer().model_dump(),
                }
            ]
        }
    )  # fmt: skip


@router.get("/studies", response_model=EventStudies)
async def list_event_studies(
    session: ReadSession,
    *,
    event_type: TypeFilter = None,
    sign: SignFilter = None,
    stock_code: StockCodeFilter = None,
    horizon: Horizon | None = None,
) -> Any:
    """Moves after events by type, sign and size, as of the last night; of all stocks together unless one is asked for.

    A stock's own groups of fewer than three days are not listed.
    """
    computed_at, studies = await event_studies.list_newest(session, stock_code=stock_code or "all")
    wanted = {"type": event_type, "sign": sign, "horizon": horizon}
    items = [s for s in studies if all(value is None or getattr(s, name) == value for name, value in wanted.items())]
    return {"computed_at": computed_at, "items": items}
