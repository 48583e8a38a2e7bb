"""A connection that fails in words. Refuses to tell a wrong password from a missing database by the server's language.

libpq keeps only the text of a refused login, in the language of the server. Where it can, this
module has libpq trace the one attempt that finds out why, into memory alone, and takes the
SQLSTATE from there. `tests/integration/test_postgres_refusals.py` holds it against a real server.
"""

import os
import re
import selectors
import time
from typing import TYPE_CHECKING, Any

from perito.postgres.address import CONNECT_SECONDS, Address
from perito.postgres.refusals import BROKEN_OFF, NO_ANSWER, NOT_ACCEPTED, REJECTED, refusal, state_of

if TYPE_CHECKING:
    import psycopg

_STATE = re.compile(rb'\tErrorResponse\t.*? C "([0-9A-Z]{5})" ')
LONGEST_TRACE = 1 << 16


def login(address: Address, *, writes: bool = False) -> "psycopg.Connection[Any]":
    """A connection that cannot write unless asked to.

    Raises
    ------
    ServiceError
        The server does not answer or does not let this user in.
    ParameterError
        The URL cannot be read.
    """
    import psycopg

    try:
        connection = psycopg.connect(address.conninfo)
    except psycopg.Error as failure:
        raise refusal(state_of(failure) or why_refused(address), address) from None
    connection.read_only = not writes
    return connection


def why_refused(address: Address) -> str:
    """The SQLSTATE with which the server refuses a login now; `BROKEN_OFF` where it lets this user in."""
    import psycopg
    from psycopg import pq

    try:
        attempt = pq.PGconn.connect_start(address.conninfo.encode())
    except psycopg.Error:
        return NO_ANSWER
    try:
        finished, trace = _follow(attempt)
        if finished == pq.PollingStatus.OK:
            return BROKEN_OFF
        found = _STATE.search(trace)
        if found is not None:
            return found.group(1).decode()
        return NOT_ACCEPTED if attempt.needs_password else REJECTED if attempt.used_password else NO_ANSWER
    finally:
        attempt.finish()


def _follow(attempt: Any) -> tuple[Any, bytes]:
    """How an attempt to connect ends, and the trace of it; empty on systems where libpq cannot trace."""
    if not hasattr(os, "memfd_create"):
        return _wait(attempt), b""
    # In memory, because a server that asks for a plain password gets it through the trace too.
    traced = os.memfd_create("login")
    try:
        attempt.trace(traced)
        finished = _wait(attempt)
        attempt.untrace()
        return finished, os.pread(traced, LONGEST_TRACE, 0)
    finally:
        os.close(traced)


def _wait(attempt: Any) -> Any:
    from psycopg import pq

    until = time.monotonic() + CONNECT_SECONDS
    wanted = {pq.PollingStatus.READING: selectors.EVENT_READ, pq.PollingStatus.WRITING: selectors.EVENT_WRITE}
    while (status := attempt.connect_poll()) in wanted and time.monotonic() < until:
        with selectors.DefaultSelector() as waiting:
            waiting.register(attempt.socket, wanted[status])
            waiting.select(max(until - time.monotonic(), 0))
    return status
