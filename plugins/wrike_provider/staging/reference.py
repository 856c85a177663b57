"""Writes the reference of all staging tables from the declarations: ``python -m wrike_provider.staging.reference``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from wrike_provider.entities import CATALOGUE, Entity
from wrike_provider.staging.ledger import SYNC_RUNS
from wrike_provider.staging.tables import Table, tables
from wrike_provider.staging.writes import SYNC_WRITES

_HEAD = """# Staging tables

Written by `python -m wrike_provider.staging.reference` from the entity declarations; do not edit.

Each team has a schema of its own, `wrike_<team>` unless the variables file says otherwise. Every entity has a table
with one row a record, and a table for each array of the record with one row an element. Columns are named like
Wrike's own fields. Timestamps are UTC, except those marked *local*, for which Wrike gives no zone.

Records that vanished from Wrike are not removed but marked: `_deleted_at` tells when. Child tables hold what the record
held when it was last seen.

A team with `data_export: true` has a further schema, `wrike_<team>_export`, with the tables of Wrike's data export.
Wrike describes them itself, so they are not listed here; what they mean is in the comments of tables and columns."""


def reference() -> str:
    """Write the reference, as Markdown."""
    entities = [line for entity in CATALOGUE for line in _entity(entity)]
    runs = ["\n## What runs did\n\nWritten by the task `summary`.", *_table(SYNC_RUNS)]
    writes = [
        "\n## How often tables were written\n\nIn DuckDB and PostgreSQL. "
        "By it a restored dump is told from the tables as runs have left them.",
        *_table(SYNC_WRITES),
    ]
    return "\n".join([_HEAD, *entities, *runs, *writes, ""])


def _entity(entity: Entity) -> Iterator[str]:
    yield f"\n## {entity.name}\n\n{entity.description}\n"
    yield f"* Read from `GET {entity.path}`."
    if entity.owners:
        paths = " and ".join(f"`GET {owner.path}`" for owner in entity.owners)
        whose = " and ".join(f"`{owner.of}`" for owner in entity.owners)
        yield (
            f"* Where that is refused, read from {paths} for each record of {whose}: new and changed ones in each run, "
            "and the others by turns (`detail_requests`)."
        )
    yield f"* Changes: {_changes(entity)}"
    yield f"* Deletions: {_deletions(entity)}"
    needs = f"; {entity.needs}" if entity.needs else ""
    yield f"* Needs the scope {' or '.join(f'`{scope}`' for scope in entity.scopes)}{needs}."
    if entity.gone is not None:
        yield f"* Records that Wrike lists only with `{entity.gone}=true` are kept, with `{entity.gone}` true."
    if entity.fields:
        yield f"* Optional fields asked for: {', '.join(f'`{name}`' for name in entity.fields)}."
    for table in tables(entity):
        yield from _table(table)


def _changes(entity: Entity) -> str:
    if details := entity.details:
        whom = f"`{details.of}`" + (f" whose `{details.only[0]}` is `{details.only[1]}`" if details.only else "")
        what = f"the `{details.array}` of {whom}" if details.array else whom
        return (
            f"asked for by id, {details.batch} a request, for {what}: new and changed ones in each run, and the "
            "others by turns (`detail_requests`)."
        )
    if spans := entity.spans:
        return (
            f"by Wrike's filter `{entity.changed_by}`, less than {spans.longest.days + 1} days a request. Later "
            "changes come when all are read again (`reconcile`)."
        )
    if entity.changed_by:
        return f"by Wrike's filter `{entity.changed_by}`: each run takes what changed since the last one."
    return "read whole by each run; only what differs is written."


def _deletions(entity: Entity) -> str:
    if entity.immutable:
        return "none; entries that Wrike lets go of are kept."
    if entity.details:
        return "what is about a record that is gone, or is not answered any more, is marked."
    again = "what is missing when all are read again (`reconcile`, *Full refresh*) is marked."
    if entity.scope:
        return f"what is in the recycle bin is marked by each run; {again}"
    return "what is missing is marked by each run." if entity.read_whole else again


def _table(table: Table) -> Iterator[str]:
    yield f"\n### {table.name}\n\n{table.description}\n\nKey: {', '.join(f'`{name}`' for name in table.key)}.\n"
    yield "| column | type | field of Wrike | meaning |\n|---|---|---|---|"
    for column in table.columns:
        field = f"`{column.source}`" if column.source else ""
        yield f"| `{column.name}` | {column.type.value} | {field} | {column.description} |"


if __name__ == "__main__":
    sys.stdout.write(reference())
