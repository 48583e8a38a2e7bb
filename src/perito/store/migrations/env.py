"""What Alembic runs to migrate: on the connection that `perito.store.schema` hands over, and on no other.

Alembic runs this file itself; nothing of Perito imports it.
"""

from alembic import context

from perito.store.schema import VERSION_TABLE
from perito.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
context.run_migrations()
