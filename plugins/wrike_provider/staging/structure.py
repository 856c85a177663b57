"""Which tables a team's schema has, and the making of those that are missing, for several entities at once."""

from __future__ import annotations

from collections.abc import Iterable

from wrike_provider.entities import CATALOGUE
from wrike_provider.entities.model import Entity
from wrike_provider.staging.database import Database
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.tables import tables


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

    def lacks(self, entity: Entity) -> bool:
        """Whether tables or columns of an entity are missing, so that it has to be read from the beginning.

        :param entity: the entity.
        :raises StagingError: the database cannot be read.
        """
        if self._there is None:
            self._there = self._database.columns([table for one in CATALOGUE for table in tables(one)])
        return not {(table.name, column.name) for table in tables(entity) for column in table.columns} <= self._there

    def make(self, entities: Iterable[Entity]) -> None:
        """Make what is missing of entities; what the missing tables held is to be written again.

        :param entities: the entities.
        :raises StagingError: the database cannot be written.
        """
        lacking = [entity for entity in entities if self.lacks(entity)]
        if not lacking:
            return
        there, self._there = self._there or set(), None
        made = [table for entity in lacking for table in tables(entity)]
        self._database.make(made)
        with self._database.sql():
            for entity in lacking:
                EntityStore(self._destination, self._schema, entity).distrust()
        self._there = there.union((table.name, column.name) for table in made for column in table.columns)
