"""Reports, their corrections and briefs (append-only), scores of reports, and ratings by people."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, between, one_of, stock_code_check
from backend.domain.record import OutcomeState
from backend.domain.reports import BriefKind


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


class ReportCorrection(Base):
    """An old report that said what is not so, and the report that corrects it; `facts`: what was wrong (append-only).

    Each fact has the fields of backend.reports.sheet_parts.WrongFact.
    """

    __tablename__ = "report_corrections"
    __table_args__ = (Index("ix_report_corrections_corrected_by", "corrected_by"),)

    report_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reports.id"), primary_key=True)
    corrected_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("reports.id"))
    facts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[Created]


class Brief(Base):
    """A report of the whole watchlist for one session: one before it opens and one after its close (append-only)."""

    __tablename__ = "briefs"
    __table_args__ = (
        one_of("kind", BriefKind),
        UniqueConstraint("trade_date", "kind"),
        Index("ix_briefs_asof_id", "asof", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    run_id: Mapped[uuid.UUID]
    trade_date: Mapped[date]
    kind: Mapped[str] = mapped_column(Text)
    asof: Mapped[Moment]
    fact_sheet: Mapped[dict[str, Any]] = mapped_column(JSONB)
    text_ko: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    writer: Mapped[str] = mapped_column(Text)
    citations: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    created_at: Mapped[Created]


class ReportScore(Base):
    """What the five sessions after a report did to its longest forecast; each score 0..1, null until it is final."""

    __tablename__ = "report_scores"
    __table_args__ = (
        one_of("state", OutcomeState),
        CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name="void_reason"),
        between("target_score", 0, 1),
        between("timing_score", 0, 1),
        between("risk_score", 0, 1),
    )

    report_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reports.id"), primary_key=True)
    engine_version: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    void_reason: Mapped[str | None] = mapped_column(Text)
    direction: Mapped[str | None] = mapped_column(Text)
    sessions: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    hit_session: Mapped[int | None] = mapped_column(SmallInteger)
    highest_krw: Mapped[int | None] = mapped_column(Integer)
    lowest_krw: Mapped[int | None] = mapped_column(Integer)
    target_score: Mapped[float | None] = mapped_column(Double)
    timing_score: Mapped[float | None] = mapped_column(Double)
    risk_score: Mapped[float | None] = mapped_column(Double)
    input_hash: Mapped[str] = mapped_column(Text)
    evaluated_at: Mapped[Moment]


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
