"""Records to rows: one row a record for its own table, any number for its child tables.

Records come by the page, and their rows are made column by column: what all values of a page have in common is looked
at once. Nothing that Wrike sends is lost: keys that no column takes and values that do not fit their column's type are
kept in ``_extra``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, NamedTuple

import pyarrow as pa

from wrike_provider.api.records import Records, values
from wrike_provider.entities.model import Entity
from wrike_provider.staging import columns, parsed
from wrike_provider.staging.children import child_table
from wrike_provider.staging.digests import digests, lines
from wrike_provider.staging.errors import BadRecordError
from wrike_provider.staging.made import Made
from wrike_provider.staging.plan import plan_of
from wrike_provider.staging.tables import DELETED_AT, SYNCED_AT, tables
from wrike_provider.staging.unknown import Found, Leftovers

Row = tuple[Any, ...]

_BIN: Final = "Rb"
_STAMPS: Final = {SYNCED_AT, DELETED_AT}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of several records.

    :param keys: the records' keys, each once.
    :param digests: for each record the digest of all its rows.
    :param in_bin: for each record whether it is in the recycle bin.
    :param tables: for each of the entity's tables the rows, with the columns that are declared; not the instants that
        tell when they are written.
    :param unknown: what went into ``_extra``.
    """

    keys: list[str]
    digests: list[str]
    in_bin: list[bool]
    tables: tuple[pa.Table, ...]
    unknown: list[Found]

    @property
    def size(self) -> int:
        """Bytes that the rows take."""
        return sum(table.nbytes for table in self.tables)

    def by_record(self) -> dict[str, list[tuple[Row, ...]]]:
        """The rows by the record's key: for each table those of the record."""
        by_table = []
        for table in self.tables:
            by_key: defaultdict[str, list[Row]] = defaultdict(list)
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                by_key[row[0]].append(row)
            by_table.append(by_key)
        return {key: [tuple(by_key.get(key, ())) for by_key in by_table] for key in self.keys}


class RowBuilder:
    """Makes the rows of an entity's records.

    :param entity: the entity.
    """

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self._plan = plan_of(entity.columns, entity.children)
        self._leftovers = Leftovers.of(entity)
        self._names = [
            [column.name for column in table.columns if column.name not in _STAMPS] for table in tables(entity)
        ]

    def build(self, records: Records) -> Rows:
        """Make the rows of records.

        :param records: records as Wrike sent them; left as they are. Of one that comes twice the later counts.
        :raises BadRecordError: a record has no key.
        """
        keys, made, extras, records = self._of_columns(records) or self._of_objects(records)
        key_cells = pa.array(keys, pa.string())
        children = [
            child_table(child, rows, key_cells)
            for child, rows in zip(self._entity.children, made.children, strict=True)
        ]
        told = digests(lines([*made.cells, extras]), [child.told for child in children])
        cells = [[*made.cells, extras, pa.array(told, pa.string())], *(child.cells for child in children)]
        return Rows(
            keys,
            told,
            self._in_bin(records),
            tuple(pa.Table.from_arrays(some, names) for some, names in zip(cells, self._names, strict=True)),
            list(chain.from_iterable(made.unknown.values())),
        )

    def _of_columns(self, records: Records) -> _Taken | None:
        """Take what was parsed to columns; None: it is not just as declared."""
        if not isinstance(records, parsed.ParsedRecords):
            return None
        keys = records.values(self._entity.key.path)
        # The others who take them tell what is wrong with a key, and which of two counts.
        if not all(keys) or len(set(keys)) < len(keys):
            return None
        made = self._nothing_made()
        try:
            parsed.take(records.array, self._plan, made)
        except parsed.UnfitError:
            return None
        return _Taken([str(key) for key in keys], made, pa.nulls(len(records), pa.string()), records)

    def _of_objects(self, records: Records) -> _Taken:
        by_key = dict(zip(self._keys(records), records, strict=True))
        if len(by_key) < len(records):
            records = list(by_key.values())
        made, rests = self._nothing_made(), columns.Rests()
        columns.take(records, self._plan, made, rests)
        for index, rest in rests.items():
            made.unknown[index].extend(self._leftovers.name(rest))
        return _Taken(list(by_key), made, rests.cells(len(records)), records)

    def _nothing_made(self) -> Made:
        return Made(len(self._entity.columns), len(self._entity.children))

    def _keys(self, records: Records) -> list[str]:
        path = self._entity.key.path
        for record in records:
            if not isinstance(record, dict):
                raise BadRecordError(
                    f"{self._entity.name}: Wrike sent {type(record).__name__} where a record should be. "
                    "Please report it with this message."
                )
            key = record.get(path)
            if not isinstance(key, str | int) or isinstance(key, bool) or key == "":
                raise BadRecordError(
                    f"{self._entity.name}: Wrike sent a record without {path!r}; it has {sorted(record)}. "
                    "Please report it with this message."
                )
        return [str(record[path]) for record in records]

    def _in_bin(self, records: Records) -> list[bool]:
        scope = self._entity.scope
        if scope is None:
            return [False] * len(records)
        return [str(value).startswith(_BIN) for value in values(records, scope)]


class _Taken(NamedTuple):
    """Records whose fields were taken.

    :param keys: their keys, each once.
    :param made: what was made of them.
    :param extras: the column ``_extra``.
    :param records: the records.
    """

    keys: list[str]
    made: Made
    extras: pa.Array
    records: Records
