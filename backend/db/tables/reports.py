"""Reports: append-only, the latest by index; and what people thought of them."""

import uuid
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, between, stock_code_check


class Report(Base):
    """UNIQUE (run, stock): a run that is executed a second time cannot write its report twice."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("run_id", "stock_code"),
        stock_code_check(),
        Index("ix_reports_stock_code_asof_id", "stock_code", "asof", "id"),
        Index("ix_reports_asof_id", "asof", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    run_id: Mapped[uuid.UUID]
    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"))
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    asof: Mapped[Moment]
    trigger: Mapped[str] = mapped_column(Text)
    fact_sheet: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fact_hash: Mapped[str] = mapped_column(Text)
    text_ko: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    writer: Mapped[str] = mapped_column(Text)
    citations: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    targets: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[Created]


class Rating(Base):
    """A person's 1..5 of a report; every change is a new row. Never mixed with accuracy."""

    __tablename__ = "ratings"
    __table_args__ = (between("score", 1, 5), Index("ix_ratings_report_id_rater_id", "report_id", "rater", "id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    report_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reports.id"))
    rater: Mapped[str] = mapped_column(Text)
    score: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[Created]
