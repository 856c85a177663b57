"""Any records of any entity: what was written equals Wrike, and no longer when one cell is another."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.staging.conftest import present_keys
from tests.staging.databases import prepare
from tests.staging.strategies import ANY_JSON, records
from wrike_provider.entities import CATALOGUE, Entity, Type, entity
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.differences import Differences
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.tables import DELETED_AT, SYNCED_AT, TableColumn, tables
from wrike_provider.staging.verification import Verification
from wrike_provider.staging.writer import EntityWriter

Record = dict[str, Any]

SOME_VALUE = {
    Type.TEXT: "''",
    Type.INTEGER: "0",
    Type.NUMBER: "0",
    Type.BOOLEAN: "FALSE",
    Type.TIMESTAMP: "TIMESTAMPTZ '2026-01-01 00:00:00+00'",
    Type.LOCAL_TIMESTAMP: "TIMESTAMP '2026-01-01 00:00:00'",
    Type.DATE: "DATE '2026-01-01'",
    Type.JSON: "'0'",
}
OTHER_VALUE = {
    Type.TEXT: "{} || ' '",
    Type.INTEGER: "xor({}, 1)",
    Type.NUMBER: "CASE WHEN {0} = 0 THEN 1 ELSE -{0} END",
    Type.BOOLEAN: "NOT {}",
    Type.TIMESTAMP: "{} + INTERVAL 1 MICROSECOND",
    Type.LOCAL_TIMESTAMP: "{} + INTERVAL 1 MICROSECOND",
    Type.DATE: "{} + 1",
    Type.JSON: "'[' || {} || ']'",
}


def sync(store: EntityStore, declared: Entity, listed: list[Record]) -> None:
    writer = EntityWriter(store, declared)
    seen = set(writer.add(listed))
    writer.flush()
    present, gone = present_keys(store)
    writer.mark_deleted((present | gone) - seen)


def verify(store: EntityStore, declared: Entity, listed: list[Record]) -> Differences:
    verification = Verification(store, declared)
    verification.check(listed)
    return verification.finish()


def change_a_cell(file: Path, declared: Entity, keys: list[str], data: st.DataObject) -> str:
    """Change one cell of a listed record into a value that means something else; the answer is the SQL."""
    with duckdb.connect(str(file)) as connection:
        cells = [
            (table.name, column, row)
            for table in tables(declared)
            for (row,) in connection.execute(
                f"SELECT rowid FROM wrike_team.{table.name} WHERE list_contains(?, {table.record_key})",  # noqa: S608
                [keys],
            ).fetchall()
            for column in table.columns
            if column.name != SYNCED_AT
        ]
        table, column, row = data.draw(st.sampled_from(cells))
        sql = f'UPDATE wrike_team.{table} SET "{column.name}" = {another(column, data)} WHERE rowid = {row}'  # noqa: S608
        connection.execute(sql)
    return sql


def another(column: TableColumn, data: st.DataObject) -> str:
    name = f'"{column.name}"'
    flipped = f"CASE WHEN {name} IS NULL THEN {SOME_VALUE[column.type]} ELSE NULL END"
    if column.name == DELETED_AT:
        return flipped
    changed = OTHER_VALUE[column.type].format(name)
    if not column.nullable:
        return changed
    return data.draw(st.sampled_from([flipped, f"COALESCE({changed}, {SOME_VALUE[column.type]})"]))


@settings(
    deadline=None,
    max_examples=25,
    # Not shrunk: an example takes a second, and finding a smaller one hundreds of them.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.sampled_from([declared.name for declared in CATALOGUE]), st.data())
def test_what_was_synced_equals_wrike_until_a_cell_is_changed(name: str, data: st.DataObject) -> None:
    declared = entity(name)
    before, after = (
        [
            {**record, declared.key.path: key}
            for key, record in data.draw(
                st.dictionaries(st.sampled_from(names), records(declared, ANY_JSON), min_size=1, max_size=3)
            ).items()
        ]
        for names in ("ABC", "BCD")
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "staging.duckdb"
        store = EntityStore(Destination("duckdb", file), "wrike_team", declared)
        prepare(store)
        for listed in (before, after):
            sync(store, declared, listed)
            found = verify(store, declared, listed)
            assert found.equal, str(found)
            assert found.staged_digest == found.wrike_digest
            assert found.compared == len(listed)
        sql = change_a_cell(file, declared, [record[declared.key.path] for record in after], data)
        found = verify(store, declared, after)
        assert not found.equal, sql
        assert found.staged_digest != found.wrike_digest
