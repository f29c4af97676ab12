"""Returns of a stock after a story, written by the job match_impacts."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, one_of, stock_code_check
from backend.domain.record import OutcomeState


class _ImpactColumns:
    """`news_id`, `version`: the text it was measured after. `known_at`: the close of the exit, None while pending."""

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
    news_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int | None] = mapped_column(SmallInteger)
    known_at: Mapped[Moment | None] = mapped_column(TIMESTAMP(timezone=True))
    recorded_at: Mapped[Created]


class Impact(_ImpactColumns, Base):
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


class ReplacedImpact(_ImpactColumns, Base):
    """What an impact was until `retired_at`; a trigger writes it."""

    __tablename__ = "impacts_replaced"
    __table_args__ = (Index("ix_impacts_replaced_story_id", "story_id"),)

    retired_at: Mapped[Moment] = mapped_column()
    story_id: Mapped[int] = mapped_column(BigInteger)
    stock_code: Mapped[str] = mapped_column(Text)
    horizon: Mapped[int] = mapped_column(SmallInteger)
    __mapper_args__ = {"primary_key": [story_id, stock_code, horizon, retired_at]}  # noqa: RUF012
