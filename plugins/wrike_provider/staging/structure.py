"""Which tables a team's schema has, and the making of those that are missing, for several entities at once."""

from __future__ import annotations

from collections.abc import Iterable

from wrike_provider.entities import CATALOGUE
from wrike_provider.entities.model import Entity
from wrike_provider.staging.database import Database
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.direct import INSERTS
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.tables import Table, tables
from wrike_provider.staging.writes import SYNC_WRITES, counted_writes


class Structure:
    """The tables of a schema, as they were when first asked for, and as they have been made since.

    :param destination: the staging database.
    :param schema: the team's schema in it.
    :raises StagingConfigurationError: file and schema have one name.
    """

    def __init__(self, destination: Destination, schema: str) -> None:
        self._destination = destination
        self._schema = schema
        self._database = Database(destination, schema, schema)
        self._there: set[tuple[str, str]] | None = None
        self._writes: dict[str, int] | None = None

    def lacks(self, entity: Entity) -> bool:
        """Whether tables or columns of an entity are missing, so that it has to be read from the beginning.

        :param entity: the entity.
        :raises StagingError: the database cannot be read.
        """
        return self._lack(tables(entity))

    @property
    def counts_writes(self) -> bool:
        """Whether there is the table in which writes are counted; schemas of an older version have none.

        Where dlt writes there never is: tasks that change one table at once are refused by some databases.

        :raises StagingError: the database cannot be read.
        """
        return not self._lack([SYNC_WRITES])

    @property
    def complete(self) -> bool:
        """Whether nothing is missing beside the tables of entities.

        :raises StagingError: the database cannot be read.
        """
        return self._destination.type not in INSERTS or self.counts_writes

    def writes(self, entity: Entity) -> int:
        """How often the tables of an entity had been written when first asked for that of any.

        :param entity: the entity.
        :raises StagingError: the database cannot be read.
        """
        if self._writes is None:
            self._writes = {}
            if self.counts_writes:
                with self._database.sql() as client:
                    self._writes = counted_writes(client, client.make_qualified_table_name(SYNC_WRITES.name))
        return self._writes.get(entity.name, 0)

    def make(self, entities: Iterable[Entity]) -> None:
        """Make what is missing of entities, and to count writes; what the missing tables held is to be written again.

        :param entities: the entities.
        :raises StagingError: the database cannot be written.
        """
        lacking = [entity for entity in entities if self.lacks(entity)]
        made = [table for entity in lacking for table in tables(entity)]
        if not self.complete:
            made.append(SYNC_WRITES)
        if not made:
            return
        there, self._there = self._there or set(), None
        self._database.make(made)
        with self._database.sql():
            for entity in lacking:
                EntityStore(self._destination, self._schema, entity).distrust()
        self._there = there.union((table.name, column.name) for table in made for column in table.columns)

    def _lack(self, wanted: Iterable[Table]) -> bool:
        if self._there is None:
            every = [table for one in CATALOGUE for table in tables(one)]
            self._there = self._database.columns([*every, SYNC_WRITES])
        return not {(table.name, column.name) for table in wanted for column in table.columns} <= self._there
