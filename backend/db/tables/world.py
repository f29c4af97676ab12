"""What drives prices from outside of azak's own stocks: closes of the world's markets, and who bought a stock.

A trigger keeps what a row was before its source restated it.
"""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, one_of
from backend.domain.outside.world import WorldSymbol


class _WorldDayColumns:
    """`close`: of an index in points, of the dollar in KRW."""

    close: Mapped[float] = mapped_column(Double)
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]


class WorldDayRow(_WorldDayColumns, Base):
    __tablename__ = "world_days"
    __table_args__ = (CheckConstraint("close > 0", name="close"), one_of("symbol", WorldSymbol))

    symbol: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)


class ReplacedWorldDay(_WorldDayColumns, Base):
    """What a row was until `retired_at`."""

    __tablename__ = "world_days_replaced"
    __table_args__ = (Index("ix_world_days_replaced_symbol_trade_date", "symbol", "trade_date"),)

    retired_at: Mapped[Moment] = mapped_column()
    symbol: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date] = mapped_column()
    source: Mapped[str] = mapped_column(Text)
    __mapper_args__ = {"primary_key": [symbol, trade_date, source, retired_at]}  # noqa: RUF012  (SQLAlchemy's own form)


class _FlowColumns:
    """Net purchases of a session: shares, and KRW where the source tells them; negative: sold."""

    foreign_shares: Mapped[int] = mapped_column(BigInteger)
    institution_shares: Mapped[int] = mapped_column(BigInteger)
    individual_shares: Mapped[int] = mapped_column(BigInteger)
    foreign_krw: Mapped[int | None] = mapped_column(BigInteger)
    institution_krw: Mapped[int | None] = mapped_column(BigInteger)
    individual_krw: Mapped[int | None] = mapped_column(BigInteger)
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]


class InvestorFlowRow(_FlowColumns, Base):
    __tablename__ = "investor_flows"

    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)


class ReplacedInvestorFlow(_FlowColumns, Base):
    """What a row was until `retired_at`."""

    __tablename__ = "investor_flows_replaced"
    __table_args__ = (Index("ix_investor_flows_replaced_stock_code_trade_date", "stock_code", "trade_date"),)

    retired_at: Mapped[Moment] = mapped_column()
    stock_code: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date] = mapped_column()
    source: Mapped[str] = mapped_column(Text)
    __mapper_args__ = {"primary_key": [stock_code, trade_date, source, retired_at]}  # noqa: RUF012
