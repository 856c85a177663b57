"""Proves that staging equals Wrike: rows made anew from Wrike's records, against the rows that the tables hold.

The stored digests are compared like any other cell, not relied on: they say what was written, not what is there.
Instants of the connector's own, ``_synced_at`` and that of ``_deleted_at``, have no counterpart in Wrike.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any, Final

from wrike_provider.entities.model import Entity, Type
from wrike_provider.staging.differences import Difference, Differences, shown_both, shown_row
from wrike_provider.staging.portable import instant_text
from wrike_provider.staging.rows import Row, RowBuilder
from wrike_provider.staging.store import KEYS_PER_QUERY, EntityStore
from wrike_provider.staging.tables import DELETED_AT, SYNCED_AT, Table, tables

EXAMPLE_RECORDS: Final = 5
EXAMPLES_PER_RECORD: Final = 5
_MODULUS: Final = 2**128
_EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_BINNED: Final = "an instant, for it is in the recycle bin"

Content = list[tuple[Row, ...]]
"""Of one record the rows of each table."""


class Verification:
    """Compares an entity's staging tables with the records that Wrike sends; reads only.

    :param store: the entity's staging tables.
    :param entity: the entity.
    """

    def __init__(self, store: EntityStore, entity: Entity) -> None:
        self._store = store
        self._entity = entity
        self._builder = RowBuilder(entity)
        self._shapes = [_Shape(table) for table in tables(entity)]
        self._seen: set[str] = set()
        self._missing: set[str] = set()
        # Of records that differ, by how much Wrike's digest is larger than that of staging.
        self._off: dict[str, int] = {}
        self._staged_digest = 0
        self._examples: dict[str, list[Difference]] = {}

    def check(self, records: Iterable[dict[str, Any]]) -> None:
        """Compare a page.

        :param records: records as Wrike sends them now; of one that comes twice the later counts.
        :raises BadRecordError: a record has no key.
        :raises StagingError: the database cannot be read, or a table is missing.
        """
        rows = self._builder.build(list(records))
        expected, staged = rows.by_record(), self._staged(rows.keys)
        for key, in_bin in zip(rows.keys, rows.in_bin, strict=True):
            self._compare(key, self._content(expected[key], in_bin=in_bin), staged[key])

    def finish(self) -> Differences:
        """Say what was found, when all that Wrike lists was checked.

        :raises StagingError: the database cannot be read.
        """
        unlisted = {key for rows in self._store.present() for key, _ in rows if key not in self._seen}
        orphaned = self._store.orphans() - self._seen
        wrike_digest = self._staged_digest + sum(self._off.values())
        staged_digest = self._staged_digest
        rest = sorted(unlisted | orphaned)
        for start in range(0, len(rest), KEYS_PER_QUERY):
            staged = self._staged(rest[start : start + KEYS_PER_QUERY])
            staged_digest += sum(self._digest(self._normal(content)) for content in staged.values())
        return Differences(
            entity=self._entity.name,
            compared=len(self._seen),
            missing=frozenset(self._missing),
            unlisted=frozenset(unlisted),
            differing=frozenset(self._off.keys() - self._missing),
            orphaned=frozenset(orphaned),
            examples=tuple(example for examples in self._examples.values() for example in examples),
            staged_digest=f"{staged_digest % _MODULUS:032x}",
            wrike_digest=f"{wrike_digest % _MODULUS:032x}",
        )

    def _compare(self, key: str, expected: Content, staged: Content) -> None:
        wrike_side, staged_side = self._normal(expected), self._normal(staged)
        digest = self._digest(staged_side)
        if key not in self._seen:
            self._seen.add(key)
            self._staged_digest += digest
        self._off.pop(key, None)
        self._missing.discard(key)
        self._examples.pop(key, None)
        if staged_side == wrike_side:
            return
        self._off[key] = self._digest(wrike_side) - digest
        if not staged[0]:
            self._missing.add(key)
        elif len(self._examples) < EXAMPLE_RECORDS:
            found = [
                example
                for shape, wrikes, stageds in zip(self._shapes, expected, staged, strict=True)
                for example in shape.differences(key, stageds, wrikes)
            ]
            self._examples[key] = found[:EXAMPLES_PER_RECORD]

    def _content(self, made: Content, *, in_bin: bool) -> Content:
        """The rows that a record should have in the tables, in the shape in which they are read."""
        (row,), *children = made
        stamped = (*row, None, _BINNED if in_bin else None)
        return [
            tuple(shape.expected(row) for row in some)
            for shape, some in zip(self._shapes, ((stamped,), *children), strict=True)
        ]

    def _staged(self, keys: Sequence[str]) -> dict[str, Content]:
        """The rows that records have in the tables."""
        read = self._store.rows(keys)
        by_table = []
        for shape in self._shapes:
            by_key: defaultdict[str, list[Row]] = defaultdict(list)
            for row in read[shape.table.name]:
                by_key[row[0]].append(row)
            by_table.append(by_key)
        return {key: [tuple(by_key.get(key, ())) for by_key in by_table] for key in keys}

    def _normal(self, content: Content) -> list[list[str]]:
        return [
            sorted(repr(shape.normal(row)) for row in rows) for shape, rows in zip(self._shapes, content, strict=True)
        ]

    @staticmethod
    def _digest(normal: list[list[str]]) -> int:
        """A number for the rows of a record; 0 when there are none."""
        if not any(normal):
            return 0
        return int.from_bytes(hashlib.blake2b(repr(normal).encode(), digest_size=16).digest())


class _Shape:
    """How the rows of a table are brought into one form, and compared.

    :param table: the table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        names = [column.name for column in table.columns]
        self._key = [names.index(name) for name in table.key]
        self._expected = _at(table, {Type.TIMESTAMP: _instant, Type.LOCAL_TIMESTAMP: _instant, Type.DATE: _day})
        self._normal = _at(table, {Type.JSON: _json, Type.NUMBER: _number})
        self._normal.update({names.index(name): make for name, make in _OWN.items() if name in names})

    def expected(self, row: Row) -> Row:
        """Write what the builder made as :meth:`EntityStore.rows` reads it.

        :param row: values of the columns.
        """
        return _applied(row, self._expected)

    def normal(self, row: Row) -> Row:
        """Make rows that mean the same the same.

        :param row: values of the columns.
        """
        return _applied(row, self._normal)

    def differences(self, key: str, staged: Sequence[Row], wrike: Sequence[Row]) -> Iterator[Difference]:
        """Say in what the rows of a record differ.

        :param key: the record's key.
        :param staged: the rows that it has.
        :param wrike: the rows that it should have.
        """
        surplus: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self._unmatched(staged, wrike):
            surplus[self._identity(row)].append(row)
        for row in self._unmatched(wrike, staged):
            rivals = surplus[self._identity(row)]
            if rivals:
                yield from self._cells(key, rivals.pop(), row)
            else:
                yield Difference(key, self.table.name, "", None, shown_row(row))
        for rows in surplus.values():
            yield from (Difference(key, self.table.name, "", shown_row(row), None) for row in rows)

    def _unmatched(self, rows: Sequence[Row], others: Sequence[Row]) -> Iterator[Row]:
        left = Counter(repr(self.normal(row)) for row in others)
        for row in rows:
            form = repr(self.normal(row))
            if left[form]:
                left[form] -= 1
            else:
                yield row

    def _identity(self, row: Row) -> str:
        return repr([row[index] for index in self._key])

    def _cells(self, key: str, staged: Row, wrike: Row) -> Iterator[Difference]:
        normal = zip(self.normal(staged), self.normal(wrike), strict=True)
        for column, one, other, (has, should) in zip(self.table.columns, staged, wrike, normal, strict=True):
            if repr(has) != repr(should):
                yield Difference(key, self.table.name, column.name, *shown_both(one, other))


_Makers = dict[int, Callable[[Any], Any]]


def _at(table: Table, by_type: dict[Type, Callable[[Any], Any]]) -> _Makers:
    return {index: by_type[column.type] for index, column in enumerate(table.columns) if column.type in by_type}


def _applied(row: Row, makers: _Makers) -> Row:
    cells = list(row)
    for index, make in makers.items():
        if cells[index] is not None:
            cells[index] = make(cells[index])
    return tuple(cells)


def _instant(value: datetime | str) -> str:
    # Not an instant: what stands for any, where a record is in the recycle bin.
    if isinstance(value, str):
        return value
    return instant_text(value)


def _day(value: date) -> str:
    return value.isoformat()


def _number(value: Any) -> Any:
    # 0.0 and -0.0 are one number.
    return value + 0.0 if isinstance(value, float) else value


def _json(text: str) -> Any:
    """Parse JSON so that what means the same is the same: PostgreSQL writes objects and numbers its own way."""
    try:
        return json.loads(text, object_pairs_hook=_members, parse_int=_exact, parse_float=_exact)
    except (ValueError, RecursionError):
        return text


def _members(pairs: list[tuple[str, Any]]) -> tuple[Any, ...]:
    return tuple(sorted(dict(pairs).items()))


def _exact(text: str) -> Decimal:
    return _EXACT.normalize(Decimal(text)) or Decimal(0)


_OWN: Final[dict[str, Callable[[Any], Any]]] = {SYNCED_AT: lambda _: None, DELETED_AT: lambda _: True}
