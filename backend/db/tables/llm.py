"""Calls of a language model with what they cost, what was spent, and what an endpoint can do."""

import uuid
from datetime import datetime
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
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, one_of, stock_code_check
from backend.domain.language_models import CallState, SpendScope

_TZ = TIMESTAMP(timezone=True)


class LlmCall(Base):
    """One request. Its dearest cost is reserved before it is sent; what it did cost replaces that when it ended.

    `answer` is kept of the good ones, because an equal prompt within a day is answered from here. `review`: sentences
    and what fell of them, of a text that was checked. A run that died leaves `reserved`, which counts as spent.
    """

    __tablename__ = "llm_calls"
    __table_args__ = (
        one_of("state", CallState),
        CheckConstraint("cost_micro_usd >= 0", name="cost"),
        Index("ix_llm_calls_prompt_hash_id", "prompt_hash", "id"),
        Index("ix_llm_calls_endpoint_id", "endpoint", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    run_id: Mapped[uuid.UUID]
    purpose: Mapped[str] = mapped_column(Text)
    endpoint: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(Text)
    prompt_hash: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    tokens_in: Mapped[int | None] = mapped_column(Integer)
    tokens_out: Mapped[int | None] = mapped_column(Integer)
    cost_micro_usd: Mapped[int] = mapped_column(BigInteger)
    ms: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    error_kind: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    review: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[Created]
    ended_at: Mapped[datetime | None] = mapped_column(_TZ)


class LlmOpinion(Base):
    """What a language model said of a text of a story for one stock: evidence of the model kind "llm".

    `p_up` by horizon of domain.forecasts.HORIZONS; None: it said that it cannot tell. `call_id`: the row in llm_calls,
    as long as that is kept. `recorded_at` is when it was said, too: nobody could know it before.
    """

    __tablename__ = "llm_opinions"
    __table_args__ = (
        stock_code_check(),
        CheckConstraint("cardinality(p_up) = 3 AND 0.05 <= ALL (p_up) AND 0.95 >= ALL (p_up)", name="p_up"),
    )

    story_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    news_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    language_model: Mapped[str] = mapped_column(Text, primary_key=True)
    p_up: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    answered_by: Mapped[str] = mapped_column(Text)
    call_id: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[Moment]


class LlmSpend(Base):
    """Micro-dollars reserved and spent by a Korean day or by a run."""

    __tablename__ = "llm_spend"
    __table_args__ = (one_of("scope", SpendScope), CheckConstraint("micro_usd >= 0", name="micro_usd"))

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    scope_id: Mapped[str] = mapped_column(Text, primary_key=True)
    micro_usd: Mapped[int] = mapped_column(BigInteger)
    calls: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Created]


class LlmEndpoint(Base):
    """What an endpoint was found to do, by its address and model."""

    __tablename__ = "llm_endpoints"

    endpoint: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    mode: Mapped[str] = mapped_column(Text)
    limit_field: Mapped[str] = mapped_column(Text)
    takes_temperature: Mapped[bool]
    takes_lengths: Mapped[bool]
    answered_by: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[Moment]
