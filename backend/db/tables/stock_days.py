"""The market model: what follows from the bars of a stock and of its market up to the close of a session.

A pure function of bars, computed once a close and read by everybody. Known at the close; a trigger keeps what a row was
before a bar was restated. Formulas: docs/methods.md 1 and 2.2.
"""

from datetime import date

from sqlalchemy import ARRAY, CheckConstraint, Double, ForeignKey, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment


class _StockDayColumns:
    """`bars`: sessions with a bar so far. `close_krw`: raw, of the last bar, `sessions_since_bar` sessions ago.

    `features`: of backend.models.fitting.features.FEATURES, None while there are too few bars.
    `sizes`: of backend.domain.moves.sizes.OWN_SIZES, each None where it is not known.
    """

    bars: Mapped[int] = mapped_column(Integer)
    sessions_since_bar: Mapped[int] = mapped_column(Integer)
    close_krw: Mapped[float] = mapped_column(Double)
    beta: Mapped[float] = mapped_column(Double)
    sigma: Mapped[float] = mapped_column(Double)
    features: Mapped[list[float | None] | None] = mapped_column(ARRAY(Double))
    feature_set: Mapped[int] = mapped_column(SmallInteger)
    sizes: Mapped[list[float | None] | None] = mapped_column(ARRAY(Double))
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]


class StockDay(_StockDayColumns, Base):
    __tablename__ = "stock_days"
    __table_args__ = (CheckConstraint("sigma > 0", name="sigma"), Index("ix_stock_days_trade_date", "trade_date"))

    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)


class ReplacedStockDay(_StockDayColumns, Base):
    """What a row was until `retired_at`; a trigger writes it."""

    __tablename__ = "stock_days_replaced"
    __table_args__ = (Index("ix_stock_days_replaced_stock_code_trade_date", "stock_code", "trade_date"),)

    retired_at: Mapped[Moment] = mapped_column()
    stock_code: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date] = mapped_column()
    __mapper_args__ = {"primary_key": [stock_code, trade_date, retired_at]}  # noqa: RUF012  (SQLAlchemy's own form)


class _MarketDayColumns:
    """Fractions. `market_return`: close to close. `open_to_close`: mean of the `n_stocks` that traded, all markets."""

    market_return: Mapped[float] = mapped_column(Double)
    open_to_close: Mapped[float | None] = mapped_column(Double)
    n_stocks: Mapped[int] = mapped_column(Integer)
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]


class MarketDay(_MarketDayColumns, Base):
    __tablename__ = "market_days"

    market: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)


class ReplacedMarketDay(_MarketDayColumns, Base):
    """What a row was until `retired_at`; a trigger writes it."""

    __tablename__ = "market_days_replaced"
    __table_args__ = (Index("ix_market_days_replaced_market_trade_date", "market", "trade_date"),)

    retired_at: Mapped[Moment] = mapped_column()
    market: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date] = mapped_column()
    __mapper_args__ = {"primary_key": [market, trade_date, retired_at]}  # noqa: RUF012


class MarketModelState(Base):
    """One row: all bars recorded by `read_by` are in the market model, whose features are of `feature_set`."""

    __tablename__ = "market_model_state"
    __table_args__ = (CheckConstraint("id", name="one_row"),)

    id: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    read_by: Mapped[Moment]
    feature_set: Mapped[int] = mapped_column(SmallInteger)
