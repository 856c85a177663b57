"""Writes the reference of all staging tables from the declarations: ``python -m wrike_provider.staging.reference``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from wrike_provider.entities import CATALOGUE, Entity
from wrike_provider.staging.tables import Table, tables

_HEAD = """# Staging tables

Written by `python -m wrike_provider.staging.reference` from the entity declarations; do not edit.

Each team has a schema of its own, `wrike_<team>` unless the variables file says otherwise. Every entity has a table
with one row a record, and a table for each array of the record with one row an element. Columns are named like
Wrike's own fields. Timestamps are UTC, except those marked *local*, for which Wrike gives no zone.

Records that vanished from Wrike are not removed but marked: `_deleted_at` tells when. Child tables hold what the record
held when it was last seen."""


def reference() -> str:
    """Write the reference, as Markdown."""
    return "\n".join([_HEAD, *(line for entity in CATALOGUE for line in _entity(entity)), ""])


def _entity(entity: Entity) -> Iterator[str]:
    yield f"\n## {entity.name}\n\n{entity.description}\n"
    yield f"* Read from `GET {entity.path}`."
    if entity.changed_by is not None:
        yield f"* Read by Wrike's filter `{entity.changed_by}`: each run takes what changed since the last one."
    else:
        yield "* Read whole by each run; only what differs is written, and what is missing is marked as deleted."
    if entity.gone is not None:
        yield f"* Records that Wrike lists only with `{entity.gone}=true` are kept, with `{entity.gone}` true."
    if entity.fields:
        yield f"* Optional fields asked for: {', '.join(f'`{name}`' for name in entity.fields)}."
    for table in tables(entity):
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"\n### {table.name}\n\n{table.description}\n\nKey: {', '.join(f'`{name}`' for name in table.key)}.\n"
    yield "| column | type | field of Wrike | meaning |\n|---|---|---|---|"
    for column in table.columns:
        field = f"`{column.source}`" if column.source else ""
        yield f"| `{column.name}` | {column.type.value} | {field} | {column.description} |"


if __name__ == "__main__":
    sys.stdout.write(reference())
