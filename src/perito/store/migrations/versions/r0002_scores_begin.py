"""Batches of scored claims, and the scores of each.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables, empty."""
    op.create_table(
        "score_batches",
        # SQLite numbers rows by itself only where the key is an INTEGER.
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
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
    op.create_table(
        "scores",
        sa.Column("batch_id", sa.BigInteger, nullable=False),
        sa.Column("claim_id", sa.Text, nullable=False),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("expected_net_money", sa.Double),
        sa.Column("alert", sa.Boolean, nullable=False),
        sa.Column("selected_by", sa.Text),
        sa.Column("selection_probability", sa.Double),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "rank", name="scores_pkey"),
        sa.UniqueConstraint("claim_id", "batch_id", name="scores_claim"),
        sa.ForeignKeyConstraint(["batch_id"], ["score_batches.id"], name="scores_batch"),
    )


def downgrade() -> None:
    """Remove every batch with its scores; the ledger stays as it is."""
    op.drop_table("scores")
    op.drop_table("score_batches")
