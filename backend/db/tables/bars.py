"""Prices. Raw integer KRW; `adjust_factor` makes them split-adjusted. The regular 15:30 close stands apart
from the last price, because the after-market trades on until 20:00 since 2026-09-14."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Moment, stock_code_check


class DailyBarRow(Base):
    __tablename__ = "daily_bars"
    __table_args__ = (
        stock_code_check(),
        CheckConstraint("open_krw > 0 AND low_krw > 0 AND regular_close_krw > 0", name="prices_positive"),
        CheckConstraint("low_krw <= high_krw", name="low_below_high"),
        CheckConstraint("volume >= 0", name="volume"),
        CheckConstraint("adjust_factor > 0", name="adjust_factor"),
    )

    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)
    open_krw: Mapped[int] = mapped_column(Integer)
    high_krw: Mapped[int] = mapped_column(Integer)
    low_krw: Mapped[int] = mapped_column(Integer)
    regular_close_krw: Mapped[int] = mapped_column(Integer)
    last_price_krw: Mapped[int | None] = mapped_column(Integer)
    volume: Mapped[int] = mapped_column(BigInteger)
    adjust_factor: Mapped[float] = mapped_column(Double, server_default="1")
    source: Mapped[str] = mapped_column(Text)
    is_final: Mapped[bool] = mapped_column(server_default="false")


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


class IndexBarRow(Base):
    __tablename__ = "index_bars"
    __table_args__ = (CheckConstraint("close > 0", name="close"),)

    index_code: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)
    close: Mapped[float] = mapped_column(Double)
    source: Mapped[str] = mapped_column(Text)
