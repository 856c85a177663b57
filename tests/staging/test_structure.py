"""Tables of several entities are looked for, and made, at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.staging.conftest import Query
from wrike_provider.entities import entity
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import StagingError
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.structure import Structure
from wrike_provider.staging.tables import tables
from wrike_provider.staging.writer import EntityWriter

GROUPS, SPACES, TASKS = map(entity, ("groups", "spaces", "tasks"))


def test_what_is_missing_is_made_and_nothing_else(file: Path, query: Query) -> None:
    structure = Structure(Destination("duckdb", file), "wrike_team")
    assert structure.lacks(GROUPS)
    assert not structure.complete
    structure.make([GROUPS, SPACES])
    assert [structure.lacks(one) for one in (GROUPS, SPACES, TASKS)] == [False, False, True]
    there = {
        name
        for (name,) in query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'wrike_team'")
        if not name.startswith("_dlt")
    }
    assert there == {"sync_writes"} | {table.name for one in (GROUPS, SPACES) for table in tables(one)}


def test_records_of_a_table_that_lost_a_child_are_not_trusted(file: Path, query: Query) -> None:
    place = Destination("duckdb", file)
    Structure(place, "wrike_team").make([GROUPS, SPACES])
    for name in ("groups", "spaces"):
        query(f"INSERT INTO wrike_team.{name} (id, _hash, _synced_at) VALUES ('A', 'digest', now())")  # noqa: S608
    query("DROP TABLE wrike_team.groups_member_ids")
    structure = Structure(place, "wrike_team")
    structure.make([GROUPS, SPACES])
    assert not structure.lacks(GROUPS)
    assert query("SELECT _hash FROM wrike_team.groups") == [(None,)]
    assert query("SELECT _hash FROM wrike_team.spaces") == [("digest",)]


def write(store: EntityStore, *names: str) -> None:
    writer = EntityWriter(store, store.entity)
    writer.add([{"id": name, "title": name} for name in names])
    writer.flush()


def test_writes_are_counted(file: Path, query: Query) -> None:
    place = Destination("duckdb", file)
    structure = Structure(place, "wrike_team")
    structure.make([GROUPS, SPACES])
    assert structure.counts_writes
    assert structure.complete
    assert structure.writes(GROUPS) == 0
    store = EntityStore(place, "wrike_team", GROUPS)
    assert store.writes is None
    write(store, "A", "B")
    # Nothing has changed.
    write(store, "A", "B")
    assert store.writes == 1
    store.mark_deleted({"A"}, datetime.now(UTC))
    write(EntityStore(place, "wrike_team", SPACES), "S")
    assert store.writes == 2
    assert query("SELECT entity, writes FROM wrike_team.sync_writes ORDER BY 1") == [("groups", 2), ("spaces", 1)]
    later = Structure(place, "wrike_team")
    assert [later.writes(one) for one in (GROUPS, SPACES, TASKS)] == [2, 1, 0]


def test_a_write_that_fails_is_not_counted(file: Path, query: Query) -> None:
    place = Destination("duckdb", file)
    Structure(place, "wrike_team").make([GROUPS])
    store = EntityStore(place, "wrike_team", GROUPS)
    write(store, "A")
    query("DROP TABLE wrike_team.groups_member_ids")
    writer = EntityWriter(store, GROUPS)
    writer.add([{"id": "B", "title": "B", "memberIds": ["M"]}])
    with pytest.raises(StagingError):
        writer.flush()
    assert store.writes == 1
    assert query("SELECT writes FROM wrike_team.sync_writes") == [(1,)]


def test_a_schema_of_an_older_version_gets_a_count(file: Path, query: Query) -> None:
    """What it holds is trusted as before."""
    place = Destination("duckdb", file)
    Structure(place, "wrike_team").make([GROUPS])
    query("INSERT INTO wrike_team.groups (id, _hash, _synced_at) VALUES ('A', 'digest', now())")
    query("DROP TABLE wrike_team.sync_writes")
    structure = Structure(place, "wrike_team")
    assert (structure.lacks(GROUPS), structure.counts_writes, structure.writes(GROUPS)) == (False, False, 0)
    structure.make([])
    assert structure.counts_writes
    assert query("SELECT _hash FROM wrike_team.groups") == [("digest",)]
    assert query("SELECT * FROM wrike_team.sync_writes") == []


def test_where_dlt_writes_nothing_is_counted(tmp_path: Path) -> None:
    """Tasks of one team would change the same table at once."""
    place = Destination("sqlite", tmp_path / "staging.sqlite")
    structure = Structure(place, "wrike_team")
    structure.make([GROUPS])
    store = EntityStore(place, "wrike_team", GROUPS)
    write(store, "A")
    store.mark_deleted({"A"}, datetime.now(UTC))
    later = Structure(place, "wrike_team")
    assert (store.writes, later.writes(GROUPS), later.counts_writes, later.complete) == (None, 0, False, True)


def test_of_two_tries_that_wrote_at_once_the_higher_count_stays(file: Path, query: Query) -> None:
    place = Destination("duckdb", file)
    Structure(place, "wrike_team").make([GROUPS])
    query("INSERT INTO wrike_team.sync_writes VALUES ('groups', 7), ('groups', 6)")
    assert Structure(place, "wrike_team").writes(GROUPS) == 7
    store = EntityStore(place, "wrike_team", GROUPS)
    write(store, "A")
    assert query("SELECT entity, writes FROM wrike_team.sync_writes") == [("groups", 8)]
