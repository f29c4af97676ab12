"""Why each stock moved, by session: the parts of its move and the stories that fit it, written after the close."""

from datetime import date

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Double, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, stock_code_check


class _MoveColumns:
    """Fractions since the last close; the parts add up to `move`. `industry_part` is null with too few other stocks.

    `known_at`: the close, or the last trades of a session that runs (not `is_final`). `story_ids`: best first; null
    where none was looked for, because the move was within the usual or azak has no news of that time.
    """

    is_final: Mapped[bool]
    move: Mapped[float] = mapped_column(Double)
    market_return: Mapped[float] = mapped_column(Double)
    market_part: Mapped[float] = mapped_column(Double)
    industry_part: Mapped[float | None] = mapped_column(Double)
    industry_stocks: Mapped[int] = mapped_column(SmallInteger)
    own_part: Mapped[float] = mapped_column(Double)
    own_sigmas: Mapped[float] = mapped_column(Double)
    story_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]


class Move(_MoveColumns, Base):
    __tablename__ = "moves"
    __table_args__ = (
        stock_code_check(),
        CheckConstraint("industry_stocks >= 0", name="industry_stocks"),
        Index("ix_moves_trade_date", "trade_date"),
    )

    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)


class ReplacedMove(_MoveColumns, Base):
    """What a final row was until `retired_at`; a trigger writes it."""

    __tablename__ = "moves_replaced"
    __table_args__ = (Index("ix_moves_replaced_stock_code_trade_date", "stock_code", "trade_date"),)

    retired_at: Mapped[Moment] = mapped_column()
    stock_code: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date] = mapped_column()
    __mapper_args__ = {"primary_key": [stock_code, trade_date, retired_at]}  # noqa: RUF012  (SQLAlchemy's own form)
