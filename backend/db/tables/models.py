"""Predictors that can be compared, and their trained versions. Parameters are JSON, never a pickle."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created


class Model(Base):
    """`is_shown`: what people see is what this model says; promotion moves it (at most one, by index).

    `held_version_id`: the earlier version that predicts live for it, whatever is trained; None: the newest does.
    """

    __tablename__ = "models"
    __table_args__ = (
        # Which kinds there are is code (backend.domain.members); the form alone is checked here, so that a new kind
        # needs no migration.
        CheckConstraint("kind ~ '^[a-z][a-z0-9_]{0,19}$'", name="kind"),
        Index("uq_models_one_shown", "is_shown", unique=True, postgresql_where=text("is_shown")),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text, server_default="azak")
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    is_shown: Mapped[bool] = mapped_column(server_default="false")
    added_at: Mapped[Created]
    held_version_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id", use_alter=True))


class ModelVersion(Base):
    __tablename__ = "model_versions"
    __table_args__ = (UniqueConstraint("model_id", "version"),)

    id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    version: Mapped[str] = mapped_column(Text)
    trained_from: Mapped[date | None]
    trained_to: Mapped[date | None]
    data_hash: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    metrics: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[Created]
