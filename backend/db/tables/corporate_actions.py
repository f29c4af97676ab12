"""Splits, bonus and rights issues, reductions and the like, each as each of its sources tells it."""

from datetime import date

from sqlalchemy import CheckConstraint, Double, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment


class _ActionColumns:
    """`factor`: new price / old price (0.2 for a split of one into five); None where the source does not tell it."""

    factor: Mapped[float | None] = mapped_column(Double)
    withdrawn: Mapped[bool] = mapped_column(server_default="false")
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]


class CorporateAction(_ActionColumns, Base):
    __tablename__ = "corporate_actions"
    __table_args__ = (CheckConstraint("factor > 0", name="factor"),)

    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    ex_date: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)


class ReplacedCorporateAction(_ActionColumns, Base):
    """What a source said until `retired_at`; a trigger writes it."""

    __tablename__ = "corporate_actions_replaced"

    retired_at: Mapped[Moment] = mapped_column()
    stock_code: Mapped[str] = mapped_column(Text)
    ex_date: Mapped[date] = mapped_column()
    source: Mapped[str] = mapped_column(Text)
    __mapper_args__ = {"primary_key": [stock_code, ex_date, source, retired_at]}  # noqa: RUF012
