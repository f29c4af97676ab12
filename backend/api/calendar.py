"""Days on which the exchange is closed or has unusual hours."""

from datetime import date, time
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Response
from pydantic import Field, model_validator

from backend.api.deps import ReadSession, Writer, WriteSession
from backend.api.paging import SinceDay, UntilDay
from backend.api.schemas import Body, IsoDate, Item, Label
from backend.services.market import calendar
from backend.web import WRITE_RESPONSES

router = APIRouter(prefix="/api/calendar", tags=["calendar"])

TradeDate = Annotated[IsoDate, Path(description="The day, in Seoul.", examples=["2027-03-03"])]


class SpecialDayItem(Item):
    """Hours are Asia/Seoul; without them the exchange is closed that day."""

    trade_date: date
    opens_at: time | None
    closes_at: time | None
    reason: str


class SpecialDays(Item):
    items: list[SpecialDayItem]


class SpecialDayBody(Body):
    """Leave the hours out for a closed day."""

    reason: Label = Field(examples=["보궐선거"])
    opens_at: time | None = Field(None, examples=["10:00"])
    closes_at: time | None = Field(None, examples=["16:30"])

    @model_validator(mode="after")
    def _both_hours(self) -> Self:
        if (self.opens_at is None) != (self.closes_at is None):
            raise ValueError("give both hours, or none for a closed day")
        if self.opens_at and self.closes_at and (self.opens_at.tzinfo or self.closes_at.tzinfo):
            raise ValueError("hours are Asia/Seoul and take no time zone")
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            raise ValueError("opens_at comes before closes_at")
        return self

    @property
    def hours(self) -> tuple[time, time] | None:
        return (self.opens_at, self.closes_at) if self.opens_at and self.closes_at else None


@router.get("", response_model=SpecialDays)
async def list_special_days(session: ReadSession, since: SinceDay = None, until: UntilDay = None) -> Any:
    """Special days, oldest first. Holidays of the law and the hours of exam days need no row here."""
    return {"items": await calendar.list_special_days(session, since=since, until=until)}


@router.put("/{trade_date}", response_model=SpecialDayItem, responses=WRITE_RESPONSES)
async def put_special_day(trade_date: TradeDate, body: SpecialDayBody, session: WriteSession, _writer: Writer) -> Any:
    """Close the exchange on a day, or change its hours. Every process follows within half a minute."""
    return await calendar.put_special_day(session, trade_date, body.hours, body.reason)


@router.delete("/{trade_date}", status_code=204, responses=WRITE_RESPONSES)
async def delete_special_day(trade_date: TradeDate, session: WriteSession, _writer: Writer) -> Response:
    """Back to the usual rules."""
    await calendar.delete_special_day(session, trade_date)
    return Response(status_code=204)
