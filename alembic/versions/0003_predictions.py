"""predictions"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "llm_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens_out", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cost_usd", sa.Numeric(precision=12, scale=6), server_default="0", nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_calls")),
    )
    op.create_index("ix_llm_calls_created_at", "llm_calls", ["created_at"], unique=False)
    op.create_index("ix_llm_calls_prompt_hash", "llm_calls", ["prompt_hash"], unique=False)
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), server_default="azak", nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('base', 'price', 'knn', 'event', 'text', 'gated', 'llm')", name=op.f("ck_models_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("name", name=op.f("uq_models_name")),
    )
    op.create_table(
        "model_versions",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("trained_from", sa.Date(), nullable=True),
        sa.Column("trained_to", sa.Date(), nullable=True),
        sa.Column("data_hash", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("metrics", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_model_versions_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_versions")),
        sa.UniqueConstraint("model_id", "version", name=op.f("uq_model_versions_model_id_version")),
    )
    op.create_table(
        "predictions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("model_version_id", sa.Integer(), nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("asof", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("horizon", sa.SmallInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=True),
        sa.Column("base_price_krw", sa.Integer(), nullable=False),
        sa.Column("entry_ts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exit_trade_date", sa.Date(), nullable=False),
        sa.Column("p_up", sa.Double(), nullable=False),
        sa.Column("quantiles_krw", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("sigma", sa.Double(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("features_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("direction IN ('up', 'down', 'hold')", name=op.f("ck_predictions_direction")),
        sa.CheckConstraint("mode <> 'live' OR created_at <= entry_ts", name=op.f("ck_predictions_live_before_entry")),
        sa.CheckConstraint("mode IN ('live', 'backfill', 'backtest')", name=op.f("ck_predictions_mode")),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_predictions_stock_code")),
        sa.CheckConstraint("cardinality(quantiles_krw) = 7", name=op.f("ck_predictions_quantiles")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_predictions_confidence")),
        sa.CheckConstraint("horizon IN (0, 1, 3, 5)", name=op.f("ck_predictions_horizon")),
        sa.CheckConstraint("p_up BETWEEN 0 AND 1", name=op.f("ck_predictions_p_up")),
        sa.ForeignKeyConstraint(
            ["model_version_id"], ["model_versions.id"], name=op.f("fk_predictions_model_version_id")
        ),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_predictions_stock_code")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_predictions_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_predictions")),
        sa.UniqueConstraint(
            "model_version_id",
            "stock_code",
            "asof",
            "horizon",
            "mode",
            name=op.f("uq_predictions_model_version_id_stock_code_asof_horizon_mode"),
        ),
    )
    op.create_index("ix_predictions_exit_trade_date", "predictions", ["exit_trade_date"], unique=False)
    op.create_index("ix_predictions_mode_asof_id", "predictions", ["mode", "asof", "id"], unique=False)
    op.create_index(
        "ix_predictions_stock_code_mode_asof_id", "predictions", ["stock_code", "mode", "asof", "id"], unique=False
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("stock_code", sa.Text(), nullable=False),
        sa.Column("model_version_id", sa.Integer(), nullable=False),
        sa.Column("asof", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("fact_sheet", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fact_hash", sa.Text(), nullable=False),
        sa.Column("text_ko", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("citations", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("targets", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("stock_code ~ '^[0-9]{4}[0-9A-Z]{2}$'", name=op.f("ck_reports_stock_code")),
        sa.ForeignKeyConstraint(["model_version_id"], ["model_versions.id"], name=op.f("fk_reports_model_version_id")),
        sa.ForeignKeyConstraint(["stock_code"], ["stocks.code"], name=op.f("fk_reports_stock_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("run_id", "stock_code", name=op.f("uq_reports_run_id_stock_code")),
    )
    op.create_index("ix_reports_asof_id", "reports", ["asof", "id"], unique=False)
    op.create_index("ix_reports_stock_code_asof_id", "reports", ["stock_code", "asof", "id"], unique=False)
    op.create_table(
        "ratings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_ratings_score")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_ratings_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
    )
    op.create_index("ix_ratings_report_id_rater_id", "ratings", ["report_id", "rater", "id"], unique=False)
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: write a new row instead', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """,
    )
    for table in ("predictions", "reports", "ratings"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        )


def downgrade() -> None:
    op.drop_index("ix_ratings_report_id_rater_id", table_name="ratings")
    op.drop_table("ratings")
    op.drop_index("ix_reports_stock_code_asof_id", table_name="reports")
    op.drop_index("ix_reports_asof_id", table_name="reports")
    op.drop_table("reports")
    op.drop_index("ix_predictions_stock_code_mode_asof_id", table_name="predictions")
    op.drop_index("ix_predictions_mode_asof_id", table_name="predictions")
    op.drop_index("ix_predictions_exit_trade_date", table_name="predictions")
    op.drop_table("predictions")
    op.drop_table("model_versions")
    op.drop_table("models")
    op.drop_index("ix_llm_calls_prompt_hash", table_name="llm_calls")
    op.drop_index("ix_llm_calls_created_at", table_name="llm_calls")
    op.drop_table("llm_calls")
    op.execute("DROP FUNCTION refuse_change()")
