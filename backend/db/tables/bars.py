"""Prices. Raw integer KRW; `adjust_factor` makes them split-adjusted. The regular 15:30 close stands apart
from the last price, because the after-market trades on until 20:00 since 2026-09-14."""

from datetime import date
from typing import Final

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Double, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, one_of, stock_code_check
from backend.domain.market import Basis

# Bars that a series is cut at (domain.market.BREAKS); few, so an index of their own is small.
_BREAKS: Final = "flags && '{beyond_limit,other_basis,unknown_action}'"


class _DailyBarColumns:
    """`known_at`: the close of the session. Without trades there is a carried close alone (flag no_trade)."""

    open_krw: Mapped[float | None] = mapped_column(Double)
    high_krw: Mapped[float | None] = mapped_column(Double)
    low_krw: Mapped[float | None] = mapped_column(Double)
    regular_close_krw: Mapped[float] = mapped_column(Double)
    last_price_krw: Mapped[int | None] = mapped_column(Integer)
    volume: Mapped[int] = mapped_column(BigInteger)
    adjust_factor: Mapped[float] = mapped_column(Double, server_default="1")
    source: Mapped[str] = mapped_column(Text)
    is_final: Mapped[bool] = mapped_column(server_default="false")
    basis: Mapped[str] = mapped_column(Text, server_default="raw")
    base_price_krw: Mapped[float | None] = mapped_column(Double)
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]
    hindsight: Mapped[bool] = mapped_column(server_default="false")


class DailyBarRow(_DailyBarColumns, Base):
    __tablename__ = "daily_bars"
    __table_args__ = (
        stock_code_check(),
        CheckConstraint("open_krw > 0 AND low_krw > 0 AND regular_close_krw > 0", name="prices_positive"),
        CheckConstraint("low_krw <= high_krw", name="low_below_high"),
        CheckConstraint("volume >= 0", name="volume"),
        CheckConstraint("adjust_factor > 0", name="adjust_factor"),
        one_of("basis", Basis),
        Index("ix_daily_bars_breaks", "stock_code", "trade_date", postgresql_where=_BREAKS),
        Index("ix_daily_bars_recorded_at", "recorded_at"),
    )

    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)


class ReplacedDailyBar(_DailyBarColumns, Base):
    """What a bar was until `retired_at`; a trigger writes it."""

    __tablename__ = "daily_bars_replaced"
    __table_args__ = (Index("ix_daily_bars_replaced_stock_code_trade_date", "stock_code", "trade_date"),)

    retired_at: Mapped[Moment] = mapped_column()
    stock_code: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date] = mapped_column()
    __mapper_args__ = {"primary_key": [stock_code, trade_date, retired_at]}  # noqa: RUF012  (SQLAlchemy's own form)


class MinuteBarRow(Base):
    """Monthly partitions, made ahead by the housekeeping job (services.bars.ensure_partitions)."""

    __tablename__ = "minute_bars"
    __table_args__ = (
        stock_code_check(),
        CheckConstraint("low_krw > 0 AND low_krw <= high_krw", name="prices"),
        {"postgresql_partition_by": "RANGE (ts)"},
    )

    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    ts: Mapped[Moment] = mapped_column(primary_key=True)
    open_krw: Mapped[int] = mapped_column(Integer)
    high_krw: Mapped[int] = mapped_column(Integer)
    low_krw: Mapped[int] = mapped_column(Integer)
    close_krw: Mapped[int] = mapped_column(Integer)
    volume: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)


class QuoteRow(Base):
    __tablename__ = "quotes"
    __table_args__ = (
        stock_code_check(),
        CheckConstraint("last_price_krw > 0 AND previous_close_krw > 0", name="prices_positive"),
    )

    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    last_price_krw: Mapped[int] = mapped_column(Integer)
    previous_close_krw: Mapped[int] = mapped_column(Integer)
    volume: Mapped[int] = mapped_column(BigInteger)
    ts: Mapped[Moment]
    source: Mapped[str] = mapped_column(Text)


class _IndexBarColumns:
    close: Mapped[float] = mapped_column(Double)
    source: Mapped[str] = mapped_column(Text)
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]
    hindsight: Mapped[bool] = mapped_column(server_default="false")


class IndexBarRow(_IndexBarColumns, Base):
    __tablename__ = "index_bars"
    __table_args__ = (CheckConstraint("close > 0", name="close"), Index("ix_index_bars_recorded_at", "recorded_at"))

    index_code: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)


class ReplacedIndexBar(_IndexBarColumns, Base):
    """What an index closed at until `retired_at`; a trigger writes it."""

    __tablename__ = "index_bars_replaced"
    __table_args__ = (Index("ix_index_bars_replaced_index_code_trade_date", "index_code", "trade_date"),)

    retired_at: Mapped[Moment] = mapped_column()
    index_code: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date] = mapped_column()
    __mapper_args__ = {"primary_key": [index_code, trade_date, retired_at]}  # noqa: RUF012
