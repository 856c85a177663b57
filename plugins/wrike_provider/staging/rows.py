"""Records to rows: one row a record for its own table, any number for its child tables.

Records come by the page, and their rows are made column by column: what all values of a page have in common is looked
at once. Nothing that Wrike sends is lost: keys that no column takes and values that do not fit their column's type are
kept in ``_extra``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import orjson
import pyarrow as pa

from wrike_provider.entities.model import Entity
from wrike_provider.staging.columns import Made, Record, Rests, Row, plan_of, take
from wrike_provider.staging.convert import JSON_OPTIONS
from wrike_provider.staging.errors import BadRecordError
from wrike_provider.staging.tables import DELETED_AT, SYNCED_AT, tables
from wrike_provider.staging.unknown import Found, Leftovers

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

    def build(self, records: Sequence[Record]) -> Rows:
        """Make the rows of records.

        :param records: records as Wrike sent them; left as they are. Of one that comes twice the later counts.
        :raises BadRecordError: a record has no key.
        """
        by_key = dict(zip(self._keys(records), records, strict=True))
        if len(by_key) < len(records):
            records = list(by_key.values())
        made = Made(list(by_key), len(self._entity.columns), len(self._entity.children))
        rests = Rests()
        take(records, self._plan, made, rests)
        for index, rest in rests.items():
            made.unknown[index].extend(self._leftovers.name(rest))
        extras = rests.as_json(len(records))
        digests = [
            hashlib.blake2b(orjson.dumps(content, option=JSON_OPTIONS), digest_size=16).hexdigest()
            for content in zip(*made.told, extras, *(child.told for child in made.children), strict=True)
        ]
        cells = [[*made.cells, pa.array(extras, pa.string()), pa.array(digests, pa.string())]]
        cells.extend(child.cells for child in made.children)
        return Rows(
            made.keys,
            digests,
            self._in_bin(records),
            tuple(pa.Table.from_arrays(some, names) for some, names in zip(cells, self._names, strict=True)),
            list(chain.from_iterable(made.unknown.values())),
        )

    def _keys(self, records: Sequence[Record]) -> list[str]:
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

    def _in_bin(self, records: Sequence[Record]) -> list[bool]:
        scope = self._entity.scope
        if scope is None:
            return [False] * len(records)
        return [str(record.get(scope)).startswith(_BIN) for record in records]
