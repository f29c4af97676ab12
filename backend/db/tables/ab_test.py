"""Comparisons of two frozen model versions; at most one runs (partial unique index)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKey, Identity, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, one_of
from backend.domain.record import AB_DIRECTION, AB_SIZE

_TZ = TIMESTAMP(timezone=True)


class AbTest(Base):
    """`panel` is what the newest aggregation found (backend.stats.ab_test), `verdict` what a person made of it."""

    __tablename__ = "ab_tests"
    __table_args__ = (
        one_of("metric", (*AB_DIRECTION, *AB_SIZE)),
        one_of("state", ("draft", "running", "decided", "archived")),
        CheckConstraint("alpha > 0 AND alpha < 1", name="alpha"),
        CheckConstraint("minimum_sessions > 0", name="minimum_sessions"),
        CheckConstraint("model_version_a <> model_version_b", name="two_versions"),
        CheckConstraint("horizon IN (0, 1, 3, 5)", name="horizon"),
        Index("uq_ab_tests_one_running", text("(state)"), unique=True, postgresql_where=text("state = 'running'")),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    model_version_a: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    model_version_b: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    horizon: Mapped[int] = mapped_column(Integer, server_default="1")
    metric: Mapped[str] = mapped_column(Text, server_default="brier")
    alpha: Mapped[float] = mapped_column(Double, server_default="0.05")
    minimum_sessions: Mapped[int] = mapped_column(Integer, server_default="40")
    state: Mapped[str] = mapped_column(Text, server_default="draft")
    seed: Mapped[int] = mapped_column(Integer, server_default="0")
    panel: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    panel_hash: Mapped[str | None] = mapped_column(Text)
    computed_at: Mapped[datetime | None] = mapped_column(_TZ)
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None] = mapped_column(_TZ)
    decided_at: Mapped[datetime | None] = mapped_column(_TZ)
    promoted_at: Mapped[datetime | None] = mapped_column(_TZ)
