"""Outcomes of predictions, their earlier versions before a price was restated, and the metrics made of them."""

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
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, one_of
from backend.domain.forecasts import Mode
from backend.domain.record import METRIC_WINDOWS, OutcomeState

_TZ = TIMESTAMP(timezone=True)


class Outcome(Base):
    """The primary key (prediction, engine version) is what makes evaluation idempotent."""

    __tablename__ = "outcomes"
    __table_args__ = (
        one_of("state", OutcomeState),
        CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name="void_reason"),
        CheckConstraint("state <> 'final' OR (adjusted_return IS NOT NULL AND y IS NOT NULL)", name="final_is_whole"),
        CheckConstraint("y IN (0, 0.5, 1)", name="y"),
        Index("ix_outcomes_evaluated_at", "evaluated_at"),
        Index("ix_outcomes_state", "state", postgresql_where="state IN ('pending', 'partial')"),
    )

    prediction_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("predictions.id"), primary_key=True)
    engine_version: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    void_reason: Mapped[str | None] = mapped_column(Text)
    entry_ts: Mapped[Moment | None] = mapped_column(_TZ)
    entry_price_krw: Mapped[float | None] = mapped_column(Double)
    exit_trade_date: Mapped[date | None]
    exit_price_krw: Mapped[float | None] = mapped_column(Double)
    raw_return: Mapped[float | None] = mapped_column(Double)
    adjusted_return: Mapped[float | None] = mapped_column(Double)
    gap: Mapped[float | None] = mapped_column(Double)
    z: Mapped[float | None] = mapped_column(Double)
    y: Mapped[float | None] = mapped_column(Double)
    in_band: Mapped[bool | None]
    loss_brier: Mapped[float | None] = mapped_column(Double)
    loss_log: Mapped[float | None] = mapped_column(Double)
    loss_pinball: Mapped[float | None] = mapped_column(Double)
    # Of forecasts that say how large the market-adjusted move from the base price will be: that move, and the losses
    # of domain.record.SIZE_LOSSES.
    size_move: Mapped[float | None] = mapped_column(Double)
    size_losses: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    input_hash: Mapped[str] = mapped_column(Text)
    evaluated_at: Mapped[Moment]


class OutcomeRevision(Base):
    __tablename__ = "outcome_revisions"
    __table_args__ = (Index("ix_outcome_revisions_prediction_id", "prediction_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    prediction_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("predictions.id"))
    engine_version: Mapped[str] = mapped_column(Text)
    previous: Mapped[dict[str, Any]] = mapped_column(JSONB)
    replaced_at: Mapped[Created]


class MetricDay(Base):
    """The final outcomes of one base session as the metrics read them: columns of doubles, packed by PostgreSQL.

    A copy that is made anew, whole, from the outcomes of the session; windows of a year then need no scan of a million
    rows. `packed` holds the columns of domain.record.METRIC_COLUMNS one after another, `stocks` six bytes an item.
    """

    __tablename__ = "metric_days"
    __table_args__ = (one_of("mode", Mode), CheckConstraint("n > 0", name="n"))

    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    horizon: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    mode: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date] = mapped_column(primary_key=True)
    metric_version: Mapped[str] = mapped_column(Text, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    model_version_id: Mapped[int] = mapped_column(Integer)
    input_hash: Mapped[str] = mapped_column(Text)
    stocks: Mapped[bytes] = mapped_column(LargeBinary)
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class EqualModel(Base):
    """A model that says the same of every item of a window as another one; `same_as`: the first of those that do."""

    __tablename__ = "equal_models"
    __table_args__ = (
        one_of("mode", Mode),
        one_of("window_name", METRIC_WINDOWS),
    )

    horizon: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    mode: Mapped[str] = mapped_column(Text, primary_key=True)
    window_name: Mapped[str] = mapped_column(Text, primary_key=True)
    metric_version: Mapped[str] = mapped_column(Text, primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    same_as: Mapped[int] = mapped_column(ForeignKey("models.id"))


class MetricProgress(Base):
    """The moment up to which every outcome is in the metrics of a version."""

    __tablename__ = "metric_progress"

    metric_version: Mapped[str] = mapped_column(Text, primary_key=True)
    aggregated_through: Mapped[Moment]


class Metric(Base):
    """`details` holds what only the page of one model needs: its figures a stock, its money day by day."""

    __tablename__ = "metrics"
    __table_args__ = (
        UniqueConstraint(
            "model_version_id",
            "horizon",
            "mode",
            "window_name",
            "trade_date",
            "metric_version",
            name="uq_metrics_identity",
        ),
        one_of("mode", Mode),
        one_of("window_name", METRIC_WINDOWS),
        CheckConstraint("horizon IN (0, 1, 3, 5)", name="horizon"),
        CheckConstraint("n >= 0 AND n_days >= 0", name="counts"),
        Index("ix_metrics_newest", "horizon", "mode", "window_name", "trade_date"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    horizon: Mapped[int] = mapped_column(SmallInteger)
    mode: Mapped[str] = mapped_column(Text)
    window_name: Mapped[str] = mapped_column(Text)
    trade_date: Mapped[date]
    metric_version: Mapped[str] = mapped_column(Text)
    n: Mapped[int] = mapped_column(Integer)
    n_days: Mapped[int] = mapped_column(Integer)
    n_eff: Mapped[float | None] = mapped_column(Double)
    values: Mapped[dict[str, Any]] = mapped_column("metric_values", JSONB)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    input_hash: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[Created]


class SizeMetric(Base):
    """How good a model's forecasts of size were, over the newest window of each name; replaced when outcomes change."""

    __tablename__ = "size_metrics"
    __table_args__ = (one_of("mode", Mode), CheckConstraint("n > 0 AND n_days > 0", name="counts"))

    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    horizon: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    mode: Mapped[str] = mapped_column(Text, primary_key=True)
    window_name: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_date: Mapped[date]
    n: Mapped[int] = mapped_column(Integer)
    n_days: Mapped[int] = mapped_column(Integer)
    values: Mapped[dict[str, Any]] = mapped_column("metric_values", JSONB)
    input_hash: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[Created]
