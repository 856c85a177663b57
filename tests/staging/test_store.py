"""The staging tables of an entity in a real DuckDB file, and what can be wrong with that file."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.staging.conftest import Query, present_keys
from tests.staging.databases import prepare
from wrike_provider.entities import CATALOGUE, Entity, Type, entity
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import (
    StagingConfigurationError,
    StagingError,
    StagingLockedError,
)
from wrike_provider.staging.frames import arrow, frames
from wrike_provider.staging.rows import RowBuilder
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.tables import tables

GROUPS = entity("groups")
SQL_TYPES = {
    Type.TEXT: "VARCHAR",
    Type.INTEGER: "BIGINT",
    Type.NUMBER: "DOUBLE",
    Type.BOOLEAN: "BOOLEAN",
    Type.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    Type.LOCAL_TIMESTAMP: "TIMESTAMP",
    Type.DATE: "DATE",
    Type.JSON: "JSON",
}


def open_store(file: Path, declared: Entity = GROUPS, schema: str = "wrike_team") -> EntityStore:
    return EntityStore(Destination("duckdb", file), schema, declared)


def write(store: EntityStore, declared: Entity, *records: dict[str, Any]) -> None:
    rows = RowBuilder(declared).build(records)
    made = frames(declared, [(rows, rows.keys)], datetime.now(UTC))
    replaced = [record["id"] for record in records]
    store.write({table.name: arrow(table, made[table.name]) for table in tables(declared)}, replaced)


def test_row_groups_are_small(file: Path, query: Query) -> None:
    # Large ones that are not full are written anew whenever the file is closed.
    store = open_store(file)
    prepare(store)
    for batch in range(2):
        write(store, GROUPS, *({"id": f"{batch}-{number}", "title": "x"} for number in range(10_000)))
    groups = query(
        "SELECT row_group_id, max(count) FROM pragma_storage_info('wrike_team.groups') WHERE column_name = 'id' "
        "AND segment_type <> 'VALIDITY' GROUP BY 1 ORDER BY 1"
    )
    assert max(count for _, count in groups) <= 16_384
    assert sum(count for _, count in groups) == 20_000


def columns(query: Query, schema: str) -> dict[str, dict[str, tuple[str, bool]]]:
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for table, name, kind, nullable in query(
        "SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns "
        "WHERE table_schema = ? AND table_name NOT LIKE '\\_dlt%' ESCAPE '\\' AND table_name <> 'sync_writes'",
        schema,
    ):
        found.setdefault(table, {})[name] = (kind, nullable)
    return found


@pytest.mark.parametrize("declared", CATALOGUE, ids=lambda declared: declared.name)
def test_tables_are_made_as_declared(declared: Entity, file: Path, query: Query) -> None:
    store = open_store(file, declared)
    assert prepare(store) is True
    expected = {
        table.name: {column.name: (SQL_TYPES[column.type], column.nullable) for column in table.columns}
        for table in tables(declared)
    }
    assert columns(query, "wrike_team") == expected
    assert prepare(store) is False
    assert columns(query, "wrike_team") == expected


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_local_times_stay_local_and_instants_stay_instants(
    zone: str, file: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    tasks = entity("tasks")
    store = open_store(file, tasks)
    prepare(store)
    record = {
        "id": "A",
        "createdDate": "2026-06-01T12:00:00Z",
        "dates": {"start": "2026-06-01T09:00:00", "due": "2026-06-05T17:00:00"},
    }
    write(store, tasks, record)
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    # Seen from another zone, a local time reads the same; an instant is the same moment.
    with duckdb.connect(str(file)) as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")
        row = connection.execute(
            "SELECT dates_start::VARCHAR, dates_due::VARCHAR, created_date FROM wrike_team.tasks"
        ).fetchall()[0]
    assert row[:2] == ("2026-06-01 09:00:00", "2026-06-05 17:00:00")
    assert row[2] == noon


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "staging.duckdb"
    prepare(open_store(file))
    assert file.exists()


def test_entities_and_teams_share_a_file(file: Path, query: Query) -> None:
    for schema in ("wrike_one", "wrike_two"):
        for declared in (GROUPS, entity("spaces")):
            store = open_store(file, declared, schema)
            assert prepare(store) is True
            write(store, declared, {"id": f"{schema} {declared.name}"})
    for schema in ("wrike_one", "wrike_two"):
        assert query(f"SELECT id FROM {schema}.groups") == [(f"{schema} groups",)]  # noqa: S608
        assert query(f"SELECT id FROM {schema}.spaces") == [(f"{schema} spaces",)]  # noqa: S608


@pytest.mark.parametrize("schema", ["wrike_team", "w", "_w", "w1", "wrike_order", "w" * 58])
def test_a_schema_is_used_by_the_name_it_was_given(schema: str, file: Path, query: Query) -> None:
    store = open_store(file, schema=schema)
    prepare(store)
    write(store, GROUPS, {"id": "A"})
    assert present_keys(store) == ({"A"}, set())
    assert query(f'SELECT id FROM "{schema}".groups') == [("A",)]  # noqa: S608


def test_a_table_dropped_by_hand_is_made_again(file: Path, query: Query) -> None:
    store = open_store(file)
    prepare(store)
    write(store, GROUPS, {"id": "A", "memberIds": ["m"]})
    for table in ("groups_member_ids", "groups"):
        query(f"DROP TABLE wrike_team.{table}")
        assert prepare(store) is True
        assert prepare(store) is False
    write(store, GROUPS, {"id": "A", "memberIds": ["m"]})
    assert query("SELECT * FROM wrike_team.groups_member_ids") == [("A", "m")]


def test_a_schema_dropped_by_hand_is_made_again(file: Path, query: Query) -> None:
    store = open_store(file)
    prepare(store)
    write(store, GROUPS, {"id": "A"})
    query("DROP SCHEMA wrike_team CASCADE")
    assert prepare(store) is True
    write(store, GROUPS, {"id": "B"})
    assert query("SELECT id FROM wrike_team.groups") == [("B",)]


@pytest.mark.usefixtures("by_dlt")
def test_both_schemas_dropped_by_hand_are_made_again(file: Path, query: Query) -> None:
    store = open_store(file)
    prepare(store)
    write(store, GROUPS, {"id": "A"})
    query("DROP SCHEMA wrike_team CASCADE")
    query("DROP SCHEMA wrike_team_load CASCADE")
    assert prepare(store) is True
    write(store, GROUPS, {"id": "B"})
    assert query("SELECT id FROM wrike_team.groups") == [("B",)]


@pytest.mark.usefixtures("by_dlt")
def test_an_old_table_gets_the_columns_that_are_new(file: Path, query: Query) -> None:
    """An old table, also in the loading schema: this is how a newer version finds them."""
    columns_then = tuple(column for column in GROUPS.columns if column.name != "title")
    then = type(GROUPS)(**{name: getattr(GROUPS, name) for name in type(GROUPS).__slots__} | {"columns": columns_then})
    store = open_store(file, then)
    prepare(store)
    write(store, then, {"id": "A", "memberIds": ["m"]})
    assert "title" not in columns(query, "wrike_team")["groups"]
    now = open_store(file)
    assert prepare(now) is True
    assert prepare(now) is False
    assert query("SELECT id, title FROM wrike_team.groups") == [("A", None)]
    write(now, GROUPS, {"id": "B", "title": "x"})
    assert query("SELECT id, title FROM wrike_team.groups ORDER BY id") == [("A", None), ("B", "x")]


def test_an_old_table_keeps_the_columns_of_its_user(file: Path, query: Query) -> None:
    store = open_store(file)
    prepare(store)
    query("ALTER TABLE wrike_team.groups ADD COLUMN my_note VARCHAR")
    assert prepare(store) is False
    write(store, GROUPS, {"id": "A"})
    assert query("SELECT id, my_note FROM wrike_team.groups") == [("A", None)]


@pytest.mark.parametrize(
    "damage", ["DROP TABLE wrike_team_load.groups", "ALTER TABLE wrike_team_load.groups DROP COLUMN title"]
)
@pytest.mark.usefixtures("by_dlt")
def test_a_damaged_loading_schema_mends_itself(damage: str, file: Path, query: Query) -> None:
    store = open_store(file)
    prepare(store)
    write(store, GROUPS, {"id": "A"})
    query(damage)
    prepare(store)
    write(store, GROUPS, {"id": "B", "title": "x"})
    assert query("SELECT id FROM wrike_team.groups ORDER BY id") == [("A",), ("B",)]


def test_digests_tell_what_staging_has(file: Path) -> None:
    store = open_store(file)
    prepare(store)
    assert store.digests([]) == {}
    assert store.digests(["A"]) == {}
    write(store, GROUPS, {"id": "A"}, {"id": "B"})
    (digest,) = RowBuilder(GROUPS).build([{"id": "A"}]).digests
    assert store.digests(["A", "Z"]) == {"A": digest}
    store.mark_deleted(["A"], datetime.now(UTC))
    assert store.digests(["A"]) == {"A": None}


def test_records_that_wrike_lists_as_gone_are_kept_apart(file: Path) -> None:
    contacts = entity("contacts")
    store = open_store(file, contacts)
    prepare(store)
    write(store, contacts, {"id": "A", "deleted": False}, {"id": "B", "deleted": True}, {"id": "C"})
    assert present_keys(store) == ({"A", "C"}, {"B"})


@pytest.mark.parametrize("way", ["direct", "by dlt"])
def test_a_failed_write_leaves_everything_as_it_was(
    way: str, file: Path, query: Query, request: pytest.FixtureRequest
) -> None:
    if way == "by dlt":
        request.getfixturevalue("by_dlt")
    store = open_store(file)
    prepare(store)
    write(store, GROUPS, {"id": "A", "title": "old", "memberIds": ["m"]})
    # The record's own rows go in before those of its last child, which can not.
    query("DROP TABLE wrike_team.groups_metadata")
    with pytest.raises(StagingError, match="groups_metadata"):
        write(store, GROUPS, {"id": "A", "title": "new"}, {"id": "B"})
    assert query("SELECT id, title FROM wrike_team.groups") == [("A", "old")]
    assert query("SELECT * FROM wrike_team.groups_member_ids") == [("A", "m")]
    assert prepare(store) is True
    write(store, GROUPS, {"id": "A", "title": "new"})
    assert query("SELECT id, title FROM wrike_team.groups") == [("A", "new")]
    if way == "by dlt":
        assert query("SELECT count(*) FROM wrike_team_load.groups") == [(0,)]


def test_child_rows_without_their_record_go_when_it_is_made_anew(file: Path, query: Query) -> None:
    store = open_store(file)
    prepare(store)
    write(store, GROUPS, {"id": "A", "memberIds": ["m"]}, {"id": "B", "memberIds": ["n"]})
    query("DELETE FROM wrike_team.groups WHERE id = 'A'")
    store.distrust()
    assert query("SELECT * FROM wrike_team.groups_member_ids") == [("B", "n")]
    assert store.digests(["A", "B"]) == {"B": None}


def test_one_open_database_serves_several_calls(file: Path) -> None:
    store, other = open_store(file), open_store(file, entity("spaces"))
    prepare(store)
    prepare(other)
    with store.held():
        write(store, GROUPS, {"id": "A"})
        assert present_keys(other) == (set(), set())
        assert present_keys(store) == ({"A"}, set())
    with duckdb.connect(str(file)) as connection:
        assert connection.execute("SELECT id FROM wrike_team.groups").fetchall() == [("A",)]


@pytest.mark.parametrize(
    "name",
    ["wrike_team.duckdb", "wrike_team_load.duckdb", "wrike_team", "wrike_team.v2.duckdb", "Wrike_Team.duckdb"],
)
def test_a_file_named_like_the_schema_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(StagingConfigurationError, match="Give the file or the schema another name"):
        prepare(open_store(tmp_path / name))


@pytest.mark.parametrize("name", ["wrike.team.duckdb", "wrike_teams.duckdb", "my staging", "order.duckdb"])
def test_a_file_may_have_any_other_name(name: str, tmp_path: Path) -> None:
    store = open_store(tmp_path / name)
    prepare(store)
    write(store, GROUPS, {"id": "A"})
    assert present_keys(store) == ({"A"}, set())


def test_a_file_that_another_program_has_open(file: Path) -> None:
    store = open_store(file)
    prepare(store)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()",
            str(file),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "open\n"
        for attempt in (
            lambda: prepare(store),
            lambda: present_keys(store),
            lambda: write(store, GROUPS, {"id": "A"}),
            lambda: store.digests(["A"]),
        ):
            with pytest.raises(StagingLockedError, match="Another program has the staging file") as caught:
                attempt()
            assert str(file) in str(caught.value)
    finally:
        holder.communicate(timeout=10)
    write(store, GROUPS, {"id": "A"})
    assert present_keys(store) == ({"A"}, set())


def test_a_file_that_is_no_database(file: Path) -> None:
    file.write_text("no database" * 1000)
    with pytest.raises(StagingConfigurationError, match=r"damaged or none of DuckDB's.*remove the file") as caught:
        prepare(open_store(file))
    assert str(file) in str(caught.value)


def test_a_folder_that_cannot_be_made() -> None:
    with pytest.raises(StagingConfigurationError, match=r"/proc/nowhere.*its folder cannot be made"):
        prepare(open_store(Path("/proc/nowhere/staging.duckdb")))


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    with pytest.raises(StagingError, match="plain"):
        prepare(open_store(tmp_path / "plain" / "staging.duckdb"))


_FILL = """
import sys
from pathlib import Path
from wrike_provider.entities import entity
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import StagingError
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.structure import Structure
from wrike_provider.staging.writer import EntityWriter
import random, string

declared = entity("groups")
place = Destination("duckdb", Path(sys.argv[1]))
store = EntityStore(place, "wrike_team", declared)
try:
    Structure(place, "wrike_team").make([declared])
    for batch in range(100):
        writer = EntityWriter(store, declared)
        random.seed(batch)
        writer.add([{"id": f"{batch}-{n}", "title": random.randbytes(2000).hex()} for n in range(500)])
        writer.flush()
        print("committed", flush=True)
    print("never full")
except StagingError as error:
    print(type(error).__name__, error)
"""


def test_a_disk_without_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    script = tmp_path / "fill.py"
    script.write_text(_FILL)
    fill = f"exec '{sys.executable}' '{script}' '{disk}/staging.duckdb'"
    mount = f"mount -t tmpfs -o size=4m none '{disk}'"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], check=False, capture_output=True).returncode:
        # Where a small disk cannot be mounted, no file may grow beyond 4 MiB.
        command = ["sh", "-c", f"ulimit -f 8192 && {fill}"]
    else:
        command = ["unshare", "-rm", "sh", "-c", f"{mount} && {fill}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    last = done.stdout.splitlines()[-1]
    assert last.startswith("StagingFullError There is no room left for the staging database"), done.stdout


def test_what_was_committed_is_there_when_the_file_could_not_be_closed(tmp_path: Path) -> None:
    script, file = tmp_path / "fill.py", tmp_path / "staging.duckdb"
    script.write_text(_FILL)
    # The log beside the file takes what the file itself, which may not grow beyond 4 MiB, has no room for.
    command = ["sh", "-c", f"ulimit -f 8192 && exec '{sys.executable}' '{script}' '{file}'"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert "was closed before all was moved into it" in done.stderr
    committed = done.stdout.splitlines().count("committed")
    assert committed > 1
    with duckdb.connect(str(file)) as database:
        (found,) = database.execute("SELECT count(*) FROM wrike_team.groups").fetchall()
    assert found == (500 * committed,)


def test_tables_lack_something_without_every_column(file: Path) -> None:
    store = open_store(file, GROUPS)
    assert prepare(store) is True
    assert prepare(store) is False
    with duckdb.connect(str(file)) as database:
        database.execute("ALTER TABLE wrike_team.groups_member_ids DROP COLUMN member_id")
    assert prepare(store) is True
    assert prepare(store) is False
