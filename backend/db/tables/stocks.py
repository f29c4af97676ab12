"""Watched stocks, and what the exchange says of every stock. `code` is text: codes have letters since 2024.

The exchange's word is kept in two tables by how often it changes. `listings` (name, market, kind, shares ...) has one
row a stock and keeps what a row was in `listings_replaced`. `reference_days` (base price, flags of the day) has one row
a stock and session, always: base prices change with nearly every close, so rows kept only on a change would save next
to nothing (sizes: docs/sources.md).
"""

from datetime import date

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Computed, DateTime, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, between, one_of, stock_code_check
from backend.domain.market import (
    CapitalIncrease,
    ListingEvent,
    LockClass,
    Market,
    NameKind,
    ParChange,
    StockKind,
    StockState,
    StockStatus,
)

_TZ = DateTime(timezone=True)


class Stock(Base):
    """`kind` is the exchange's. `is_forecast`: forecasts and reports are made of it."""

    __tablename__ = "stocks"
    __table_args__ = (
        stock_code_check("code"),
        one_of("market", Market),
        between("priority", 1, 5),
        one_of("status", StockStatus),
        one_of("state", StockState),
        one_of("kind", StockKind),
    )

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    market: Mapped[str] = mapped_column(Text)
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    # 1 first, everywhere: news, prices, reports, the page.
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="3")
    state: Mapped[str] = mapped_column(Text, server_default="active")
    is_active: Mapped[bool] = mapped_column(Computed("state = 'active'", persisted=True))
    status: Mapped[str] = mapped_column(Text, server_default="normal")
    dart_corp_code: Mapped[str | None] = mapped_column(Text)
    listed_on: Mapped[date | None]
    created_at: Mapped[Created]
    kind: Mapped[str] = mapped_column(Text, server_default="share")
    is_forecast: Mapped[bool] = mapped_column(
        Computed("state = 'active' AND (kind = 'share' OR kind = 'preferred')", persisted=True)
    )


class _ListingColumns:
    name: Mapped[str] = mapped_column(Text)
    market: Mapped[str] = mapped_column(Text)
    listed_on: Mapped[date | None]
    kind: Mapped[str] = mapped_column(Text, server_default="share")
    isin: Mapped[str | None] = mapped_column(Text)
    group_code: Mapped[str] = mapped_column(Text, server_default="ST")
    industry: Mapped[str | None] = mapped_column(Text)
    conglomerate: Mapped[str | None] = mapped_column(Text)
    shares: Mapped[int | None] = mapped_column(BigInteger)
    par_value_krw: Mapped[int | None] = mapped_column(Integer)
    delisted_on: Mapped[date | None]
    known_at: Mapped[Created]
    recorded_at: Mapped[Created]


class ListingRow(_ListingColumns, Base):
    """A stock as the exchange's master files list it, or listed it until `delisted_on`.

    A code is used again: the same code with another `listed_on` is another stock.
    """

    __tablename__ = "listings"
    __table_args__ = (stock_code_check("code"), one_of("market", Market), one_of("kind", StockKind))

    code: Mapped[str] = mapped_column(Text, primary_key=True)


class ReplacedListing(_ListingColumns, Base):
    """What a listing was until `retired_at`; a trigger writes it."""

    __tablename__ = "listings_replaced"
    __table_args__ = (Index("ix_listings_replaced_code", "code"),)

    retired_at: Mapped[Moment] = mapped_column()
    code: Mapped[str] = mapped_column(Text)
    __mapper_args__ = {"primary_key": [code, retired_at]}  # noqa: RUF012  (SQLAlchemy's own form)


class _DayColumns:
    """`known_at`: the morning of the session. A class that is none is null, because nearly all are."""

    base_price_krw: Mapped[int | None] = mapped_column(Integer)
    lock_class: Mapped[str | None] = mapped_column(Text)
    par_change: Mapped[str | None] = mapped_column(Text)
    capital_increase: Mapped[str | None] = mapped_column(Text)
    is_halted: Mapped[bool]
    is_liquidation: Mapped[bool]
    is_managed: Mapped[bool]
    known_at: Mapped[Moment]
    recorded_at: Mapped[Moment]


class ReferenceDay(_DayColumns, Base):
    """What the exchange said of a stock on the morning of a session."""

    __tablename__ = "reference_days"
    __table_args__ = (
        stock_code_check(),
        CheckConstraint("base_price_krw > 0", name="base_price_krw"),
        one_of("lock_class", LockClass),
        one_of("par_change", ParChange),
        one_of("capital_increase", CapitalIncrease),
        Index("ix_reference_days_trade_date", "trade_date"),
    )

    stock_code: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)


class ReplacedReferenceDay(_DayColumns, Base):
    """What a day's row was until `retired_at`; a trigger writes it."""

    __tablename__ = "reference_days_replaced"
    __table_args__ = (Index("ix_reference_days_replaced_stock_code_trade_date", "stock_code", "trade_date"),)

    retired_at: Mapped[Moment] = mapped_column()
    stock_code: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date] = mapped_column()
    __mapper_args__ = {"primary_key": [stock_code, trade_date, retired_at]}  # noqa: RUF012


class MasterFileRow(Base):
    """The last good file of a market, the newest digests of good ones, and the refusal of a later file."""

    __tablename__ = "master_files"
    __table_args__ = (one_of("market", Market),)

    market: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date | None]
    digests: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    recorded_at: Mapped[Moment | None] = mapped_column(_TZ)
    refused_at: Mapped[Moment | None] = mapped_column(_TZ)
    refusal: Mapped[str | None] = mapped_column(Text)


class ListingEventRow(Base):
    """What changed at the exchange on the morning of a session. `seen_at`: a person has looked at it."""

    __tablename__ = "listing_events"
    __table_args__ = (stock_code_check(), one_of("kind", ListingEvent))

    stock_code: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    known_at: Mapped[Moment]
    recorded_at: Mapped[Moment]
    seen_at: Mapped[Moment | None] = mapped_column(_TZ)


class StockName(Base):
    """Another name of a stock: an earlier one, or the company's with DART."""

    __tablename__ = "stock_names"
    __table_args__ = (stock_code_check(), one_of("kind", NameKind))

    stock_code: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    known_at: Mapped[Moment]
    recorded_at: Mapped[Moment]
