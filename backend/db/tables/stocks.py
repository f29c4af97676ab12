"""Watched stocks, and every stock that is listed. `code` is text: codes have letters since 2024."""

from datetime import date

from sqlalchemy import ARRAY, Computed, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, between, one_of, stock_code_check
from backend.domain.market import Market, StockState, StockStatus


class Stock(Base):
    __tablename__ = "stocks"
    __table_args__ = (
        stock_code_check("code"),
        one_of("market", Market),
        between("priority", 1, 5),
        one_of("status", StockStatus),
        one_of("state", StockState),
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


class ListingRow(Base):
    """A share as the exchange's master files list it; what is not listed any more has no row."""

    __tablename__ = "listings"
    __table_args__ = (stock_code_check("code"), one_of("market", Market), one_of("status", StockStatus))

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    market: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    listed_on: Mapped[date | None]
