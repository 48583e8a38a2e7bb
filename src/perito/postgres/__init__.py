"""What PostgreSQL alone can do: many rows at once, typed, and refusals that say why.

Stands under the engine and above `files`. Refuses to say a password, and to guess why a server refused.
"""

from perito.postgres.address import CONNECT_SECONDS, Address, is_postgresql
from perito.postgres.copying import copy_rows, load_table, read_rows
from perito.postgres.login import login, why_refused
from perito.postgres.refusals import BROKEN_OFF, UNKNOWN, refusal, state_of

__all__ = [
    "BROKEN_OFF",
    "CONNECT_SECONDS",
    "UNKNOWN",
    "Address",
    "copy_rows",
    "is_postgresql",
    "load_table",
    "login",
    "read_rows",
    "refusal",
    "state_of",
    "why_refused",
]
