"""Studies of events as they were computed: whole snapshots, of which the newest counts.

A snapshot rests on what the world could know and azak had stored at `computed_at`; none is ever changed.
"""

from sqlalchemy import CheckConstraint, Double, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Moment, one_of
from backend.domain.understanding.event_studies import StudyVerdict


class EventStudy(Base):
    """Fields: backend.domain.understanding.event_studies.Study. Moves are fractions."""

    __tablename__ = "event_studies"
    __table_args__ = (
        CheckConstraint("horizon IN (1, 3, 5)", name="horizon"),
        CheckConstraint("n >= 1 AND n_days >= 1", name="counts"),
        CheckConstraint("(low IS NULL) = (high IS NULL)", name="interval"),
        one_of("verdict", StudyVerdict),
        # The newest snapshot of all stocks, or of one.
        Index("ix_event_studies_stock_code_computed_at", "stock_code", "computed_at"),
    )

    computed_at: Mapped[Moment] = mapped_column(primary_key=True)
    stock_code: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text, primary_key=True)
    sign: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[str] = mapped_column(Text, primary_key=True)
    horizon: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    n_days: Mapped[int] = mapped_column(Integer)
    mean: Mapped[float] = mapped_column(Double)
    low: Mapped[float | None] = mapped_column(Double)
    high: Mapped[float | None] = mapped_column(Double)
    shrunk: Mapped[float] = mapped_column(Double)
    drift: Mapped[float | None] = mapped_column(Double)
    verdict: Mapped[str] = mapped_column(Text)
