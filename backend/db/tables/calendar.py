"""Trading days that differ from what the exchange's rules say: ad-hoc closures and unusual hours."""

from datetime import date, time

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created


class CalendarDay(Base):
    """No hours: the exchange is closed that day; else it trades within them (Asia/Seoul)."""

    __tablename__ = "calendar_days"
    __table_args__ = (
        CheckConstraint("(opens_at IS NULL) = (closes_at IS NULL) AND opens_at < closes_at", name="hours"),
        CheckConstraint("length(reason) BETWEEN 1 AND 200", name="reason"),
    )

    trade_date: Mapped[date] = mapped_column(primary_key=True)
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Created]
