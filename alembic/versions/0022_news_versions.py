"""Each text of an article that was seen and what was made of it, impacts and vectors, with both clocks.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa

from alembic import op

revision = "0022"
down_revision = "0021"

_MOMENT = sa.DateTime(timezone=True)
_IMPACT = (
    "story_id, stock_code, horizon, state, void_reason, entry_ts, entry_price_krw, exit_trade_date, exit_price_krw,"
    " raw_return, adjusted_return, z, y, input_hash, news_id, version, known_at, recorded_at"
)
# What was read before this revision: one version of each article, known and recorded when azak saw it.
_FILL = (
    """
    INSERT INTO news_versions (news_id, version, reading, source, title, snippet, feed_codes, flags, event_type,
                               materiality, story_id, reading_version, known_at, recorded_at, hindsight)
    SELECT n.id, 1, 1, n.source, n.title, n.snippet, coalesce(l.codes, '{}'), n.flags,
           coalesce(s.event_type, 'other'), coalesce(s.materiality, 0), n.story_id, 0, n.known_at,
           GREATEST(n.first_seen_at, n.known_at), 'archive' = ANY (n.flags)
      FROM news n LEFT JOIN stories s ON s.id = n.story_id
      LEFT JOIN (SELECT news_id, array_agg(stock_code ORDER BY stock_code) AS codes FROM news_stocks
                  WHERE method = 'feed_tag' OR confidence = 0.95 GROUP BY news_id) l ON l.news_id = n.id
     ORDER BY n.id
    """,
    """
    INSERT INTO version_links (version_id, stock_code, method, confidence, known_at)
    SELECT v.id, l.stock_code, l.method, l.confidence, v.known_at
      FROM news_stocks l JOIN news_versions v ON v.news_id = l.news_id
    """,
)


def upgrade() -> None:
    _create_versions()
    for statement in _FILL:
        op.execute(statement)
    _create_readers()
    _move_stories()
    _date_vectors()
    _date_impacts()


def _create_versions() -> None:
    op.create_table(
        "news_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("news_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("reading", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("snippet", sa.Text(), server_default="", nullable=False),
        sa.Column("feed_codes", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("flags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("event_type", sa.Text(), server_default="other", nullable=False),
        sa.Column("materiality", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=True),
        sa.Column("reading_version", sa.SmallInteger(), nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.Column("hindsight", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint(
            "length(title) BETWEEN 1 AND 500 AND length(snippet) <= 1000", name=op.f("ck_news_versions_lengths")
        ),
        sa.CheckConstraint("materiality BETWEEN 0 AND 3", name=op.f("ck_news_versions_materiality")),
        sa.CheckConstraint("version >= 1 AND reading >= 1", name=op.f("ck_news_versions_numbers")),
        sa.ForeignKeyConstraint(["news_id"], ["news.id"], name=op.f("fk_news_versions_news_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_news_versions_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_versions")),
        sa.UniqueConstraint("news_id", "version", "reading", name=op.f("uq_news_versions_news_id_version_reading")),
    )
    op.create_index("ix_news_versions_story_id", "news_versions", ["story_id"])
    op.create_index("ix_news_versions_known_at", "news_versions", ["known_at"])
    op.create_index(
        "ix_news_versions_undated",
        "news_versions",
        ["news_id"],
        postgresql_where=sa.text("retired_at IS NULL AND 'undated' = ANY (flags)"),
    )
    op.create_table(
        "version_links",
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_version_links_confidence")),
        sa.CheckConstraint(
            "method IN ('feed_tag', 'code', 'name', 'alias', 'snippet')", name=op.f("ck_version_links_method")
        ),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_version_links_stock_code")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["news_versions.id"], name=op.f("fk_version_links_version_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_version_links_stock_code")),
        sa.PrimaryKeyConstraint("version_id", "stock_code", name=op.f("pk_version_links")),
    )
    op.create_index("ix_version_links_stock_code_known_at", "version_links", ["stock_code", "known_at"])


def _create_readers() -> None:
    op.execute("""
        CREATE FUNCTION flags_count(flags text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN NOT flags && ARRAY['roundup', 'reports_price', 'stale', 'undated']
    """)
    # The text of each article that was the newest one then, as it was read then.
    op.execute("""
        CREATE FUNCTION news_as_of(known_by timestamptz, recorded_by timestamptz) RETURNS SETOF news_versions
        LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC
            SELECT v.* FROM news_versions v
             WHERE is_evidence(v.known_at, v.recorded_at, v.retired_at, known_by, recorded_by)
               AND NOT EXISTS (
                   SELECT FROM news_versions later
                    WHERE later.news_id = v.news_id AND later.version > v.version
                      AND is_evidence(later.known_at, later.recorded_at, later.retired_at, known_by, recorded_by));
        END
    """)
    op.execute("""
        CREATE FUNCTION counting_links_as_of(known_by timestamptz, recorded_by timestamptz)
        RETURNS TABLE (news_id bigint, version smallint, stock_code text, story_id bigint, known_at timestamptz)
        LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC
            SELECT v.news_id, v.version, l.stock_code, v.story_id, l.known_at
              FROM version_links l JOIN news_as_of(known_by, recorded_by) v ON v.id = l.version_id
             WHERE l.confidence >= 0.5 AND flags_count(v.flags) AND l.known_at <= known_by;
        END
    """)
    op.execute("DROP VIEW counting_links")
    op.execute("CREATE VIEW counting_links AS SELECT * FROM counting_links_as_of('infinity', 'infinity')")
    # The stocks that the head of a story counts for, and the text of the head that first did.
    op.execute("""
        CREATE VIEW story_stocks AS
        SELECT s.id AS story_id, l.stock_code, s.head_news_id AS news_id, first.version, first.known_at
          FROM stories s
          JOIN counting_links l ON l.news_id = s.head_news_id AND l.story_id = s.id
         CROSS JOIN LATERAL (
               SELECT v.version, v.known_at
                 FROM news_versions v JOIN version_links f ON f.version_id = v.id
                WHERE v.news_id = s.head_news_id AND v.story_id = s.id AND v.retired_at IS NULL
                  AND f.stock_code = l.stock_code AND f.confidence >= 0.5 AND flags_count(v.flags)
                ORDER BY v.known_at, v.version LIMIT 1) first
    """)


def _move_stories() -> None:
    """Articles may leave a story, and its head may change: an emptied story stays, because forecasts name it."""
    op.drop_constraint("uq_stories_head_news_id", "stories", type_="unique")
    op.create_unique_constraint(
        "uq_stories_head_news_id", "stories", ["head_news_id"], deferrable=True, initially="DEFERRED"
    )
    op.alter_column("stories", "head_news_id", nullable=True)
    op.drop_constraint(op.f("ck_stories_size"), "stories", type_="check")
    op.create_check_constraint(op.f("ck_stories_size"), "stories", "size >= 0 AND (size = 0) = (head_news_id IS NULL)")


def _date_vectors() -> None:
    op.alter_column("embeddings", "created_at", new_column_name="recorded_at")
    op.add_column("embeddings", sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("embeddings", sa.Column("known_at", _MOMENT, nullable=True))
    op.execute("UPDATE embeddings e SET known_at = n.known_at FROM news n WHERE n.id = e.news_id")
    op.alter_column("embeddings", "known_at", nullable=False)
    op.drop_constraint("pk_embeddings", "embeddings", type_="primary")
    op.create_primary_key("pk_embeddings", "embeddings", ["news_id", "version", "embedder"])
    op.create_index("ix_embeddings_embedder_known_at", "embeddings", ["embedder", "known_at"])
    op.execute("""
        CREATE VIEW newest_embeddings AS
        SELECT e.news_id, e.embedder, e.vector, e.recorded_at FROM embeddings e
         WHERE NOT EXISTS (SELECT FROM embeddings later WHERE later.news_id = e.news_id
                              AND later.embedder = e.embedder AND later.version > e.version)
    """)


def _date_impacts() -> None:
    op.add_column("impacts", sa.Column("news_id", sa.BigInteger(), nullable=True))
    op.add_column("impacts", sa.Column("version", sa.SmallInteger(), nullable=True))
    op.add_column("impacts", sa.Column("known_at", _MOMENT, nullable=True))
    op.add_column("impacts", sa.Column("recorded_at", _MOMENT, server_default=sa.func.now(), nullable=False))
    # Of rows from before these columns nobody knows when they came: as soon as they could.
    op.execute("""
        UPDATE impacts i SET news_id = s.head_news_id, version = 1,
               known_at = CASE WHEN i.state IN ('final', 'void')
                               THEN (i.exit_trade_date + time '15:30') AT TIME ZONE 'Asia/Seoul' END,
               recorded_at = LEAST((i.exit_trade_date + time '15:30') AT TIME ZONE 'Asia/Seoul', now())
          FROM stories s WHERE s.id = i.story_id
    """)
    op.execute("CREATE TABLE impacts_replaced (retired_at timestamptz NOT NULL, LIKE impacts INCLUDING DEFAULTS)")
    op.create_index("ix_impacts_replaced_story_id", "impacts_replaced", ["story_id"])
    # What was pending is no evidence of anything: only what was said to be over is kept.
    op.execute("""
        CREATE TRIGGER keep_replaced BEFORE UPDATE ON impacts FOR EACH ROW
        WHEN (OLD.state IN ('final', 'void') AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION keep_replaced()
    """)
    op.execute(f"""
        CREATE FUNCTION impacts_as_of(known_by timestamptz, recorded_by timestamptz) RETURNS SETOF impacts
        LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC
            SELECT {_IMPACT} FROM impacts WHERE is_evidence(known_at, recorded_at, NULL, known_by, recorded_by)
            UNION ALL
            SELECT {_IMPACT} FROM impacts_replaced
             WHERE is_evidence(known_at, recorded_at, retired_at, known_by, recorded_by);
        END
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION impacts_as_of")
    op.execute("DROP TRIGGER keep_replaced ON impacts")
    op.drop_table("impacts_replaced")
    for column in ("news_id", "version", "known_at", "recorded_at"):
        op.drop_column("impacts", column)
    op.execute("DROP VIEW newest_embeddings")
    op.drop_index("ix_embeddings_embedder_known_at", "embeddings")
    op.execute("""
        DELETE FROM embeddings e USING embeddings later
         WHERE later.news_id = e.news_id AND later.embedder = e.embedder AND later.version > e.version
    """)
    op.drop_constraint("pk_embeddings", "embeddings", type_="primary")
    op.create_primary_key("pk_embeddings", "embeddings", ["news_id", "embedder"])
    op.drop_column("embeddings", "known_at")
    op.drop_column("embeddings", "version")
    op.alter_column("embeddings", "recorded_at", new_column_name="created_at")
    for view in ("story_stocks", "counting_links"):
        op.execute(f"DROP VIEW {view}")
    for function in ("counting_links_as_of", "news_as_of", "flags_count"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("version_links")
    op.drop_table("news_versions")
    op.execute("""
        CREATE VIEW counting_links AS
        SELECT l.news_id, l.stock_code, n.story_id, l.known_at AS link_known_at, n.known_at AS news_known_at
          FROM news_stocks l JOIN news n ON n.id = l.news_id
         WHERE l.confidence >= 0.5 AND NOT n.flags && ARRAY['roundup', 'reports_price']
    """)
    _forget_empty_stories()


def _forget_empty_stories() -> None:
    op.execute("UPDATE predictions SET story_id = NULL WHERE story_id IN (SELECT id FROM stories WHERE size = 0)")
    op.execute("DELETE FROM stories WHERE size = 0")
    op.drop_constraint(op.f("ck_stories_size"), "stories", type_="check")
    op.create_check_constraint(op.f("ck_stories_size"), "stories", "size >= 1")
    op.alter_column("stories", "head_news_id", nullable=False)
    op.drop_constraint("uq_stories_head_news_id", "stories", type_="unique")
    op.create_unique_constraint("uq_stories_head_news_id", "stories", ["head_news_id"])
