"""The promotion ledger, which no statement can change or empty.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE = (
    "CREATE TRIGGER promotion_ledger_no_{verb} BEFORE {VERB} ON promotion_ledger "
    "BEGIN SELECT RAISE(ABORT, 'the promotion ledger is only ever added to'); END"
)
_POSTGRESQL_FUNCTION = (
    "CREATE FUNCTION promotion_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the promotion ledger is only ever added to'; END $$"
)
_POSTGRESQL = (
    "CREATE TRIGGER promotion_ledger_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON promotion_ledger "
    "FOR EACH STATEMENT EXECUTE FUNCTION promotion_ledger_refuse()"
)


def upgrade() -> None:
    """Make the table and the triggers that guard it."""
    op.create_table(
        "promotion_ledger",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
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
        sa.Column("key", sa.Text),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("key", name="promotion_ledger_key"),
        sa.UniqueConstraint("previous_hash", name="promotion_ledger_previous_hash"),
        sa.UniqueConstraint("hash", name="promotion_ledger_hash"),
        sa.CheckConstraint("action IN ('promoted', 'refused', 'rolled_back')", name="promotion_ledger_action"),
    )
    op.create_index("promotion_ledger_by_dataset", "promotion_ledger", ["dataset", "sequence"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(_SQLITE.format(verb=verb, VERB=verb.upper()))
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL)


def downgrade() -> None:
    """Remove the ledger with all it holds."""
    op.drop_table("promotion_ledger")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION promotion_ledger_refuse()")
