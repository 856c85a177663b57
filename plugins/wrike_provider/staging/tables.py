"""From an entity to its staging tables: which columns they have, and of what type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wrike_provider.entities.model import Entity, Type

EXTRA: Final = "_extra"
HASH: Final = "_hash"
SYNCED_AT: Final = "_synced_at"
DELETED_AT: Final = "_deleted_at"
POSITION: Final = "position"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a staging table.

    :param name: its name.
    :param type: its type.
    :param description: what it means.
    :param nullable: whether it can be empty.
    :param source: where the value is in Wrike's record; empty: the connector adds it.
    """

    name: str
    type: Type
    description: str
    nullable: bool = True
    source: str = ""

    @property
    def comment(self) -> str:
        """What the database says of it."""
        return " ".join(part for part in (self.description, self.source and f"Wrike: {self.source}") if part)


@dataclass(frozen=True, slots=True)
class Table:
    """A staging table.

    :param name: its name.
    :param columns: its columns, in order.
    :param description: what a row means.
    :param record_key: the column that holds the key of the record that a row belongs to.
    :param key: the columns that tell rows apart.
    """

    name: str
    columns: tuple[TableColumn, ...]
    description: str
    record_key: str
    key: tuple[str, ...]


_EXTRA = TableColumn(EXTRA, Type.JSON, "What Wrike sent beyond the columns, and values that fit no column.")


def record_table(entity: Entity) -> Table:
    """The table with one row a record.

    :param entity: the entity.
    """
    return Table(
        entity.name,
        (
            *(
                TableColumn(
                    column.name,
                    Type.BOOLEAN if column.presence else column.type,
                    column.description,
                    nullable=column is not entity.key,
                    source=column.path,
                )
                for column in entity.columns
            ),
            _EXTRA,
            TableColumn(HASH, Type.TEXT, "Digest of the record and its child rows; tells whether it changed."),
            TableColumn(SYNCED_AT, Type.TIMESTAMP, "When this state of the record was written.", nullable=False),
            TableColumn(
                DELETED_AT,
                Type.TIMESTAMP,
                "When the record was found to be gone from Wrike; empty: it is there.",
            ),
        ),
        entity.description,
        entity.key.name,
        (entity.key.name,),
    )


def child_tables(entity: Entity) -> tuple[Table, ...]:
    """The tables with one row an element of the record's arrays, in the order of the declaration.

    :param entity: the entity.
    """
    return tuple(
        Table(
            entity.child_table(child),
            (
                TableColumn(entity.parent_key, Type.TEXT, f"The {entity.singular.replace('_', ' ')}.", nullable=False),
                *(
                    (TableColumn(POSITION, Type.INTEGER, "Place in the list, from 0.", nullable=False),)
                    if child.ordered
                    else ()
                ),
                *(
                    TableColumn(
                        column.name,
                        column.type,
                        column.description,
                        source=f"{child.path}[].{column.path}".rstrip("."),
                    )
                    for column in child.columns
                ),
                *(() if child.scalar else (_EXTRA,)),
            ),
            child.description,
            entity.parent_key,
            (entity.parent_key, *(child.key or (POSITION,))),
        )
        for child in entity.children
    )


def tables(entity: Entity) -> tuple[Table, ...]:
    """All tables of an entity, the one with a row a record first.

    :param entity: the entity.
    """
    return record_table(entity), *child_tables(entity)
