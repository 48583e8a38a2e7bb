"""The only door to the relational database: SQLite by default, PostgreSQL in service.

Refuses to change or remove what was recorded: a ledger is only ever added to, a batch of scores written once.
SQLAlchemy is imported only when a store is opened; `perito.store.scores`, which needs Arrow, by those who need it.
"""

from perito.store.address import Database
from perito.store.batches import Batch, BatchKey, Terms
from perito.store.entries import GENESIS, Action, Decision, Entry, Evidence, Flaw, find_flaw
from perito.store.ledger import Ledger, open_ledger
from perito.store.opening import check_database

__all__ = [
    "GENESIS",
    "Action",
    "Batch",
    "BatchKey",
    "Database",
    "Decision",
    "Entry",
    "Evidence",
    "Flaw",
    "Ledger",
    "Terms",
    "check_database",
    "find_flaw",
    "open_ledger",
]
