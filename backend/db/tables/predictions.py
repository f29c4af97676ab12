"""Predictions: one stock, one moment, one horizon, one model version. Append-only (a trigger refuses changes)."""

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
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, between, one_of, stock_code_check
from backend.domain.forecasts import Direction, Mode, Verdict


class Prediction(Base):
    """A live prediction must exist before the moment its return begins: CHECK live_before_entry."""

    __tablename__ = "predictions"
    __table_args__ = (
        UniqueConstraint("model_version_id", "stock_code", "asof", "horizon", "mode"),
        stock_code_check(),
        CheckConstraint("horizon IN (0, 1, 3, 5)", name="horizon"),
        one_of("mode", Mode),
        one_of("direction", Direction),
        one_of("verdict", Verdict),
        between("p_up", 0, 1),
        between("confidence", 0, 1),
        CheckConstraint("mode <> 'live' OR created_at <= entry_ts", name="live_before_entry"),
        CheckConstraint("cardinality(quantiles_krw) = 7", name="quantiles"),
        Index("ix_predictions_stock_code_mode_asof_id", "stock_code", "mode", "asof", "id"),
        Index("ix_predictions_mode_asof_id", "mode", "asof", "id"),
        Index("ix_predictions_exit_trade_date", "exit_trade_date"),
        Index("ix_predictions_trade_date", "trade_date", "horizon", "mode"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"))
    asof: Mapped[Moment]
    trade_date: Mapped[date]
    horizon: Mapped[int] = mapped_column(SmallInteger)
    mode: Mapped[str] = mapped_column(Text)
    story_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("stories.id"))
    base_price_krw: Mapped[int] = mapped_column(Integer)
    entry_ts: Mapped[Moment]
    exit_trade_date: Mapped[date]
    p_up: Mapped[float] = mapped_column(Double)
    quantiles_krw: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    direction: Mapped[str] = mapped_column(Text)
    # None in rows from before there were words: theirs stand in verdicts.
    verdict: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(Double)
    sigma: Mapped[float] = mapped_column(Double)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    explanation: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    features_hash: Mapped[str] = mapped_column(Text)
    # Of the model that says how large the move will be: see backend.domain.forecasts.Forecast.
    size: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # Read of what was stored by then: asof itself when live, the beginning of the replay. None in older rows.
    recorded_by: Mapped[Moment | None] = mapped_column(TIMESTAMP(timezone=True))
    created_at: Mapped[Created]


class LaterVerdict(Base):
    """The word of a rule that came after the forecast was made, beside the old word, which is kept."""

    __tablename__ = "verdicts"
    __table_args__ = (one_of("verdict", Verdict),)

    prediction_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("predictions.id"), primary_key=True)
    rule: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    verdict: Mapped[str] = mapped_column(Text)
    judged_at: Mapped[Created]


class NewestPrediction(Base):
    """The predictions that the overview shows of each stock, at a cost that does not grow with the history.

    Kept by triggers.

    The newest live forecast of each model by horizon, and (`is_scored`) the newest with a final outcome.
    """

    __tablename__ = "newest_predictions"

    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), primary_key=True)
    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    horizon: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    is_scored: Mapped[bool] = mapped_column(primary_key=True)
    prediction_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("predictions.id"))
    asof: Mapped[Moment]
