"""What the integration tests share: one real PostgreSQL server for the whole session."""

from collections.abc import Iterator

import pytest
from tests.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server that writes every statement into its log, so that a test can look for secrets in it."""
    with running_postgres("log_statement=all") as server:
        yield server
