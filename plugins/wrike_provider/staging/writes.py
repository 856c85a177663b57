"""The table ``sync_writes``: by it a schema that was restored from a dump is told from the one that runs have left.

What has been read is remembered elsewhere. A write is counted in the transaction of its rows, so that a number lower
than the remembered one tells that rows are gone which nobody would read again. Only where rows are written directly.
"""

from __future__ import annotations

from typing import Any, Final

from wrike_provider.entities.model import Type
from wrike_provider.staging.tables import Table, TableColumn

SYNC_WRITES: Final = Table(
    "sync_writes",
    (
        TableColumn("entity", Type.TEXT, "The entity, named like its table.", nullable=False),
        TableColumn("writes", Type.INTEGER, "How often rows of its tables have been written.", nullable=False),
    ),
    "How often the tables of each entity have been written; one row an entity.",
    "entity",
    ("entity",),
)


def count_write(client: Any, table: str, entity: str) -> int:
    """Count a write of an entity's rows, in their transaction.

    :param client: an SQL client.
    :param table: the quoted name of :data:`SYNC_WRITES`.
    :param entity: name of the entity.
    :returns: how many there are now.
    """
    found = client.execute_sql(f"SELECT writes FROM {table} WHERE entity = %s", entity)  # noqa: S608
    # More than one row, after two tries of a task have written at once.
    writes = max((int(row[0]) for row in found or ()), default=0) + 1
    client.execute_sql(f"DELETE FROM {table} WHERE entity = %s", entity)  # noqa: S608
    client.execute_sql(f"INSERT INTO {table} (entity, writes) VALUES (%s, %s)", entity, writes)  # noqa: S608
    return writes


def counted_writes(client: Any, table: str) -> dict[str, int]:
    """How often the tables of each entity have been written.

    :param client: an SQL client.
    :param table: the quoted name of :data:`SYNC_WRITES`.
    """
    return dict(client.execute_sql(f"SELECT entity, MAX(writes) FROM {table} GROUP BY entity") or ())  # noqa: S608
