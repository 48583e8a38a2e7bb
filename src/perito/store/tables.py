"""The tables as SQLAlchemy knows them. Refuses to create them: migrations do."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

HASH_CHARACTERS = 64
METADATA = sa.MetaData()


class UtcInstant(sa.TypeDecorator[datetime]):
    """An instant in UTC; SQLite keeps no zone, so it goes in and comes out as UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To UTC, without a zone where the database keeps none."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """As UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


LEDGER = sa.Table(
    "promotion_ledger",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcInstant, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("previous_version", sa.Text),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text),
    sa.Column("challenger_net_money", sa.Double),
    sa.Column("champion_net_money", sa.Double),
    sa.Column("difference_low", sa.Double),
    sa.Column("difference_high", sa.Double),
    sa.Column("claims", sa.BigInteger),
    sa.Column("period_from", sa.Date),
    sa.Column("period_to", sa.Date),
    sa.Column("fairness", sa.Text),
    sa.Column("against_the_gate", sa.Boolean, nullable=False),
    sa.Column("key", sa.Text, unique=True),
    sa.Column("previous_hash", sa.String(HASH_CHARACTERS), nullable=False, unique=True),
    sa.Column("hash", sa.String(HASH_CHARACTERS), nullable=False, unique=True),
    sa.Index("promotion_ledger_by_dataset", "dataset", "sequence"),
)
"""One row per decision. Two rows can never follow the same one: `previous_hash` is unique."""

SCORE_BATCHES = sa.Table(
    "score_batches",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("model_name", sa.Text, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("as_of", UtcInstant, nullable=False),
    sa.Column("created_at", UtcInstant, nullable=False, server_default=sa.func.current_timestamp()),
    sa.Column("claims", sa.BigInteger, nullable=False),
    sa.Column("alerts", sa.BigInteger, nullable=False),
    sa.Column("audits", sa.BigInteger, nullable=False),
    sa.Column("capacity", sa.BigInteger),
    sa.Column("explained", sa.BigInteger),
    sa.Column("currency", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("seed", sa.BigInteger),
    sa.UniqueConstraint("dataset", "fingerprint", "model_version", "as_of", name="score_batches_key"),
)
"""One row per batch of scored claims. Its unique key is what makes writing a batch twice impossible."""

SCORES = sa.Table(
    "scores",
    METADATA,
    sa.Column("batch_id", sa.BigInteger, sa.ForeignKey("score_batches.id", name="scores_batch"), primary_key=True),
    sa.Column("claim_id", sa.Text, nullable=False),
    sa.Column("rank", sa.BigInteger, primary_key=True),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("expected_net_money", sa.Double),
    sa.Column("alert", sa.Boolean, nullable=False),
    sa.Column("selected_by", sa.Text),
    sa.Column("selection_probability", sa.Double),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.UniqueConstraint("claim_id", "batch_id", name="scores_claim"),
)
"""One row per batch and claim, by rank; the columns of `scores.parquet`, with the reasons as JSON text."""
