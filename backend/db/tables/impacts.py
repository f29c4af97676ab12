"""Returns of a stock after a story, written by the job match_impacts."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Moment, one_of, stock_code_check
from backend.domain.record import OutcomeState


class Impact(Base):
    __tablename__ = "impacts"
    __table_args__ = (
        stock_code_check(),
        CheckConstraint("horizon IN (0, 1, 3, 5)", name="horizon"),
        one_of("state", OutcomeState),
        CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name="void_reason"),
        Index("ix_impacts_stock_code_exit_trade_date", "stock_code", "exit_trade_date"),
        Index("ix_impacts_state", "state", postgresql_where="state IN ('pending', 'partial')"),
    )

    story_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    horizon: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    void_reason: Mapped[str | None] = mapped_column(Text)
    entry_ts: Mapped[Moment | None] = mapped_column(TIMESTAMP(timezone=True))
    entry_price_krw: Mapped[float | None] = mapped_column(Double)
    exit_trade_date: Mapped[date | None]
    exit_price_krw: Mapped[float | None] = mapped_column(Double)
    raw_return: Mapped[float | None] = mapped_column(Double)
    adjusted_return: Mapped[float | None] = mapped_column(Double)
    z: Mapped[float | None] = mapped_column(Double)
    y: Mapped[float | None] = mapped_column(Double)
    input_hash: Mapped[str | None] = mapped_column(Text)
