"""Why PostgreSQL refused, by its SQLSTATE, in one sentence and with a remedy. The one table of these.

Refuses the server's own words: they may hold a row, and are written in the server's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from perito.domain.errors import OutputError, PeritoError, ServiceError, SourceError
from perito.postgres.address import Address

NO_ANSWER = "08001"
REJECTED = "08004"
BROKEN_OFF = "08006"
NOT_ACCEPTED = "28P01"
NO_TEXT = "22021"
UNKNOWN = ""
"""The state of a failure that PostgreSQL gave none for."""


@dataclass(frozen=True)
class Refusal:
    """What a state means and what to do; `{setting}` stands for the name of the setting."""

    kind: type[PeritoError]
    what: str
    remedy: str


REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        "08": Refusal(
            ServiceError,
            "The PostgreSQL server does not answer.",
            "Check that it runs and can be reached from here, and host, port and sslmode in {setting}.",
        ),
        REJECTED: Refusal(
            ServiceError,
            "The PostgreSQL server answers, and refuses the connection.",
            "Check user, password and the database's name in {setting}.",
        ),
        BROKEN_OFF: Refusal(
            ServiceError,
            "The connection to the PostgreSQL server broke off.",
            "Check that the server in {setting} still runs, and repeat the command; nothing was half-written.",
        ),
        "28": Refusal(
            ServiceError,
            "The PostgreSQL server does not let this user in.",
            "Correct the user in {setting}, or let it in by the server's pg_hba.conf.",
        ),
        NOT_ACCEPTED: Refusal(
            ServiceError,
            "The PostgreSQL server does not accept this user and password.",
            "Correct the user and the password in {setting}.",
        ),
        "3D000": Refusal(
            ServiceError,
            "The PostgreSQL server has no database of that name.",
            "Correct the name at the end of {setting}, or make the database: createdb NAME.",
        ),
        "42501": Refusal(
            ServiceError,
            "The database user lacks the right to do this.",
            "Let the owner GRANT it USAGE and CREATE on the schema to write, SELECT on the table to read, or name "
            "another user in {setting}.",
        ),
        "3F000": Refusal(
            SourceError,
            "There is no such schema in the database.",
            "Correct the schema's name, or name another database in {setting}.",
        ),
        "42P01": Refusal(
            SourceError,
            "There is no such table in the database.",
            "Correct the table's name, or name another database in {setting}.",
        ),
        "42P07": Refusal(
            ServiceError,
            "The database holds a table of that name already, which Perito did not make.",
            "Name a database of Perito's own in {setting}, or another table.",
        ),
        "25006": Refusal(
            ServiceError,
            "The database can only be read; it may be a standby.",
            "Name the primary server in {setting}.",
        ),
        "53": Refusal(
            ServiceError,
            "The PostgreSQL server is short of memory or of another resource.",
            "Repeat the command when it has room again, or name another server in {setting}.",
        ),
        "53100": Refusal(
            OutputError,
            "The disk of the PostgreSQL server is full; nothing was written.",
            "Make room on the server that {setting} names, and repeat the command.",
        ),
        "53300": Refusal(
            ServiceError,
            "The PostgreSQL server has no connection left.",
            "Repeat the command later, or raise max_connections on the server that {setting} names.",
        ),
        "55P03": Refusal(
            ServiceError,
            "Another writer has held the database for too long.",
            "Wait for it or end it on the server that {setting} names, then repeat the command.",
        ),
        "57": Refusal(
            ServiceError,
            "The PostgreSQL server is starting or stopping, or ended the connection.",
            "Repeat the command when the server that {setting} names runs steadily.",
        ),
        "57014": Refusal(
            ServiceError,
            "The PostgreSQL server cancelled the statement.",
            "Raise the statement_timeout of the user in {setting}, or find out who cancelled it.",
        ),
        "40": Refusal(
            ServiceError,
            "Another transaction got in the way; nothing was written.",
            "Repeat the command on the database that {setting} names.",
        ),
        NO_TEXT: Refusal(
            OutputError,
            "A text holds a character that PostgreSQL cannot store, such as NUL; nothing was written.",
            "Clean the text where it comes from; {setting} is right.",
        ),
    }
)
"""SQLSTATE, or its class of two characters, and what it means."""


def refusal(state: str, address: Address) -> PeritoError:
    """The error for a state, by the whole of it, else by its class, else with the state itself."""
    known = REFUSALS.get(state) or REFUSALS.get(state[:2])
    if known is None:
        told = f"SQLSTATE {state}" if state else "no SQLSTATE was given"
        remedy = f"Look the state up in PostgreSQL's list of error codes, and check {address.setting}."
        return ServiceError(f"The PostgreSQL server refused ({told}).", where=address.where, remedy=remedy)
    return known.kind(known.what, where=address.where, remedy=known.remedy.format(setting=address.setting))


def state_of(failure: BaseException | None) -> str:
    """The SQLSTATE that a driver's error holds, psycopg's, psycopg2's or ADBC's; `UNKNOWN` for none."""
    from psycopg.errors import ConnectionTimeout

    if isinstance(failure, ConnectionTimeout):
        return NO_ANSWER
    return str(getattr(failure, "sqlstate", None) or getattr(failure, "pgcode", None) or UNKNOWN)
