"""The only door to the relational database: SQLite by default, PostgreSQL in service.

Refuses to change or remove what was recorded: a ledger is only ever added to.
SQLAlchemy is imported only when a store is opened.
"""

from perito.store.address import Database
from perito.store.entries import GENESIS, Action, Decision, Entry, Evidence, Flaw, find_flaw
from perito.store.ledger import Ledger, check_database, open_ledger

__all__ = [
    "GENESIS",
    "Action",
    "Database",
    "Decision",
    "Entry",
    "Evidence",
    "Flaw",
    "Ledger",
    "check_database",
    "find_flaw",
    "open_ledger",
]
