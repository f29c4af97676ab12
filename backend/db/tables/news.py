"""News items, their texts as they were seen, their stories and stocks. Never a whole article body.

news, stories and news_stocks hold what is so today, for lists. What was so at a moment is read from news_versions and
version_links, through the function news_as_of.
"""

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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, HalfVector, Moment, between, one_of, stock_code_check
from backend.domain.news import LinkMethod, NewsKind, Precision
from backend.domain.understanding.events import Scope, Sign, Stage

_TZ = TIMESTAMP(timezone=True)


class EventColumns:
    """What happened, as `backend.domain.understanding.events.Event` says it; `materiality` 0..3."""

    event_type: Mapped[str] = mapped_column(Text, server_default="other")
    scope: Mapped[str] = mapped_column(Text, server_default="other")
    sign: Mapped[str] = mapped_column(Text, server_default="0")
    stage: Mapped[str] = mapped_column(Text, server_default="announced")
    amount_krw: Mapped[int | None] = mapped_column(BigInteger)
    counterparty: Mapped[str] = mapped_column(Text, server_default="")
    share: Mapped[float | None] = mapped_column(Double)
    surprise: Mapped[float | None] = mapped_column(Double)
    materiality: Mapped[int] = mapped_column(SmallInteger, server_default="0")


def _event_checks() -> tuple[CheckConstraint, ...]:
    return one_of("scope", Scope), one_of("sign", Sign), one_of("stage", Stage), between("materiality", 0, 3)


class News(Base):
    """`known_at` is when azak could first have known: the later of publication and our first sight of it.
    Only items loaded from a dated archive (flag 'archive') are taken as known at their publication. Title, snippet,
    flags and story are those of the newest version."""

    __tablename__ = "news"
    __table_args__ = (
        one_of("kind", NewsKind),
        one_of("published_precision", Precision),
        CheckConstraint("length(title) BETWEEN 1 AND 500 AND length(snippet) <= 1000", name="lengths"),
        CheckConstraint("(published_at IS NULL) = (published_precision = 'none')", name="precision_given"),
        CheckConstraint(
            "CASE WHEN 'archive' = ANY (flags) THEN known_at = published_at"
            " ELSE known_at = GREATEST(published_at, first_seen_at) END",
            name="known_at",
        ),
        Index("ix_news_known_at_id", "known_at", "id"),
        Index("ix_news_story_id", "story_id"),
        Index("ix_news_source_known_at", "source", "known_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    url_key: Mapped[str] = mapped_column(Text, unique=True)
    url: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    snippet: Mapped[str] = mapped_column(Text, server_default="")
    published_at: Mapped[Moment | None] = mapped_column(_TZ)
    published_precision: Mapped[str] = mapped_column(Text)
    first_seen_at: Mapped[Moment]
    known_at: Mapped[Moment]
    story_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("stories.id", use_alter=True, deferrable=True, initially="DEFERRED"),
    )
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")


class Story(EventColumns, Base):
    """A cluster of copies of one event; its head is the article that was known first, `materiality` 0..3 that one's.

    A story that all articles have left has no head.
    """

    __tablename__ = "stories"
    __table_args__ = (
        CheckConstraint("size >= 0 AND (size = 0) = (head_news_id IS NULL)", name="size"),
        UniqueConstraint("head_news_id", deferrable=True, initially="DEFERRED"),
        *_event_checks(),
        Index("ix_stories_first_known_at_id", "first_known_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    head_news_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("news.id", deferrable=True, initially="DEFERRED"),
    )
    first_known_at: Mapped[Moment]
    size: Mapped[int] = mapped_column(Integer)


class NewsStock(Base):
    """`known_at` repeats the news row's, so that a stock's newest news is one index range."""

    __tablename__ = "news_stocks"
    __table_args__ = (
        stock_code_check(),
        one_of("method", LinkMethod),
        between("confidence", 0, 1),
        Index("ix_news_stocks_stock_code_known_at_news_id", "stock_code", "known_at", "news_id"),
    )

    news_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("news.id", ondelete="CASCADE"), primary_key=True)
    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    method: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(Double)
    known_at: Mapped[Moment]


class NewsVersion(EventColumns, Base):
    """A text of an article, and what was made of it.

    `version` counts what was seen under its address: another title, snippet or tag, known from that sight. `reading`
    counts what azak made of that text: a later one retires the one before, and keeps it. `feed_codes` are the stocks
    that `source` named at that sight, `told` what the fields of a filing said of its event (class Told of
    domain/understanding/events.py). `hindsight`: read from an archive, or again, after it was known.
    """

    __tablename__ = "news_versions"
    __table_args__ = (
        CheckConstraint("length(title) BETWEEN 1 AND 500 AND length(snippet) <= 1000", name="lengths"),
        CheckConstraint("version >= 1 AND reading >= 1", name="numbers"),
        *_event_checks(),
        UniqueConstraint("news_id", "version", "reading"),
        Index("ix_news_versions_story_id", "story_id"),
        Index("ix_news_versions_known_at", "known_at"),
        Index(
            "ix_news_versions_undated",
            "news_id",
            postgresql_where=text("retired_at IS NULL AND 'undated' = ANY (flags)"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    news_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("news.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(SmallInteger)
    reading: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    snippet: Mapped[str] = mapped_column(Text, server_default="")
    feed_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    story_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("stories.id"))
    told: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reading_version: Mapped[int] = mapped_column(SmallInteger)
    known_at: Mapped[Moment]
    recorded_at: Mapped[Moment]
    retired_at: Mapped[Moment | None] = mapped_column(_TZ)
    hindsight: Mapped[bool] = mapped_column(server_default="false")


class VersionLink(Base):
    """A stock that a version was read to be about. `known_at` repeats the version's, for the index."""

    __tablename__ = "version_links"
    __table_args__ = (
        stock_code_check(),
        one_of("method", LinkMethod),
        between("confidence", 0, 1),
        Index("ix_version_links_stock_code_known_at", "stock_code", "known_at"),
    )

    version_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("news_versions.id", ondelete="CASCADE"), primary_key=True
    )
    stock_code: Mapped[str] = mapped_column(ForeignKey("stocks.code"), primary_key=True)
    method: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(Double)
    known_at: Mapped[Moment]


class EmbeddingRow(Base):
    """Unit vectors of texts of story heads; cosine everywhere. `known_at` is that of the text."""

    __tablename__ = "embeddings"
    __table_args__ = (Index("ix_embeddings_embedder_known_at", "embedder", "known_at"),)

    news_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("news.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, server_default="1")
    embedder: Mapped[str] = mapped_column(Text, primary_key=True)
    vector: Mapped[list[float]] = mapped_column(HalfVector())
    known_at: Mapped[Moment]
    recorded_at: Mapped[Created]
