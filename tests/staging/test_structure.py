"""Tables of several entities are looked for, and made, at once."""

from __future__ import annotations

from pathlib import Path

from tests.staging.conftest import Query
from wrike_provider.entities import entity
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.structure import Structure
from wrike_provider.staging.tables import tables

GROUPS, SPACES, TASKS = map(entity, ("groups", "spaces", "tasks"))


def test_what_is_missing_is_made_and_nothing_else(file: Path, query: Query) -> None:
    structure = Structure(Destination("duckdb", file), "wrike_team")
    assert structure.lacks(GROUPS)
    structure.make([GROUPS, SPACES])
    assert [structure.lacks(one) for one in (GROUPS, SPACES, TASKS)] == [False, False, True]
    there = {
        name
        for (name,) in query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'wrike_team'")
        if not name.startswith("_dlt")
    }
    assert there == {table.name for one in (GROUPS, SPACES) for table in tables(one)}


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
