"""Records into a real DuckDB file, and only what differs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from tests.staging.conftest import Query, present_keys
from tests.staging.databases import prepare
from wrike_provider.api.records import LULL
from wrike_provider.entities import entity
from wrike_provider.staging import destination as destination_module
from wrike_provider.staging import writer as writer_module
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import BadRecordError, StagingError
from wrike_provider.staging.rows import RowBuilder
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.unknown import UnknownKey
from wrike_provider.staging.writer import Counts, EntityWriter

Record = dict[str, Any]
GROUPS = entity("groups")


@pytest.fixture
def store(file: Path) -> EntityStore:
    made = EntityStore(Destination("duckdb", file), "wrike_team", GROUPS)
    assert prepare(made) is True
    return made


def load(store: EntityStore, *records: Record) -> Counts:
    writer = EntityWriter(store, GROUPS)
    writer.add(records)
    writer.flush()
    return writer.counts


def group(key: str, title: str = "x", *members: str, **more: Any) -> Record:
    return {"id": key, "title": title, "memberIds": list(members), **more}


def test_new_changed_and_unchanged_records_are_counted(store: EntityStore, query: Query) -> None:
    assert load(store, group("A"), group("B"), group("C")) == Counts(read=3, inserted=3)
    before = dict(query("SELECT id, _synced_at FROM wrike_team.groups"))
    counts = load(store, group("A"), group("B", "y"), group("D"))
    assert counts == Counts(read=3, inserted=1, updated=1, unchanged=1)
    rows = {key: (title, at) for key, title, at in query("SELECT id, title, _synced_at FROM wrike_team.groups")}
    assert {key: title for key, (title, _) in rows.items()} == {"A": "x", "B": "y", "C": "x", "D": "x"}
    assert [key for key in before if rows[key][1] != before[key]] == ["B"]
    assert rows["B"][1] > before["B"]


def test_a_second_load_of_the_same_writes_nothing(store: EntityStore, query: Query, file: Path) -> None:
    records = [group("A", "x", "m1", "m2"), group("B", new=1)]
    load(store, *records)
    state = "SELECT * FROM wrike_team.groups ORDER BY id"
    before = query(state)
    counts = load(store, *reversed([{**record, "memberIds": record["memberIds"][::-1]} for record in records]))
    assert counts == Counts(read=2, unchanged=2)
    assert query(state) == before


def test_of_a_record_that_comes_twice_the_later_counts(
    store: EntityStore, query: Query, caplog: pytest.LogCaptureFixture
) -> None:
    assert load(store, group("A", "old", "m1"), group("A", "new", "m2")) == Counts(read=2, inserted=1)
    assert caplog.text.count("groups: Wrike sent several records with one id in one answer; the last one counts.") == 1
    assert query("SELECT id, title FROM wrike_team.groups") == [("A", "new")]
    assert query("SELECT member_id FROM wrike_team.groups_member_ids") == [("m2",)]


def test_child_rows_are_replaced_and_emptied_with_their_record_only(store: EntityStore, query: Query) -> None:
    members = "SELECT group_id, member_id FROM wrike_team.groups_member_ids ORDER BY ALL"
    load(store, group("A", "x", "m1", "m2"), group("B", "x", "m1"))
    assert query(members) == [("A", "m1"), ("A", "m2"), ("B", "m1")]
    assert load(store, group("A", "x", "m2", "m3")) == Counts(read=1, updated=1)
    assert query(members) == [("A", "m2"), ("A", "m3"), ("B", "m1")]
    load(store, group("A"))
    assert query(members) == [("B", "m1")]
    load(store, {"id": "B", "title": "x"})
    assert query(members) == []
    assert query("SELECT count(*) FROM wrike_team.groups") == [(2,)]


def test_what_no_column_takes_is_kept_as_json(store: EntityStore, query: Query) -> None:
    load(store, group("A", new={"b": [1, None], "a": "ä\U0001f600"}, myTeam="perhaps"))
    (extra,) = query("SELECT _extra FROM wrike_team.groups")[0]
    assert json.loads(extra) == {"new": {"b": [1, None], "a": "ä\U0001f600"}, "myTeam": "perhaps"}
    assert query("SELECT _extra->'new'->>'a' FROM wrike_team.groups") == [("ä\U0001f600",)]


def test_text_is_kept_as_it_is(store: EntityStore, query: Query) -> None:
    texts = ["", " ", "'; DROP TABLE groups; --", "%s", "a\r\\n\tb", "\ufe0f\U0001f600", "&amp;", '"', "x" * 100_000]
    load(store, *(group(f"K{index}", text) for index, text in enumerate(texts)))
    assert dict(query("SELECT id, title FROM wrike_team.groups")) == {f"K{i}": text for i, text in enumerate(texts)}


def test_keys_are_told_apart_by_case(store: EntityStore, query: Query) -> None:
    assert load(store, group("MAb-"), group("MAB-"), group("it's %s")) == Counts(read=3, inserted=3)
    assert load(store, group("MAb-"), group("MAB-"), group("it's %s")) == Counts(read=3, unchanged=3)


def test_a_vanished_record_is_marked_and_loses_the_mark_when_it_comes_back(store: EntityStore, query: Query) -> None:
    state = "SELECT id, _deleted_at IS NULL FROM wrike_team.groups ORDER BY id"
    load(store, group("A", "x", "m1"), group("B"))
    writer = EntityWriter(store, GROUPS)
    began = datetime.now(UTC)
    writer.mark_deleted({"A"})
    assert writer.counts == Counts(deleted=1)
    assert query(state) == [("A", False), ("B", True)]
    deleted_at, synced_at = query("SELECT _deleted_at, _synced_at FROM wrike_team.groups WHERE id = 'A'")[0]
    assert began - timedelta(seconds=1) <= deleted_at == synced_at <= datetime.now(UTC)
    assert query("SELECT title FROM wrike_team.groups WHERE id = 'A'") == [("x",)]
    assert query("SELECT member_id FROM wrike_team.groups_member_ids") == [("m1",)]
    assert present_keys(store) == ({"B"}, set())
    assert load(store, group("A", "x", "m1")) == Counts(read=1, updated=1)
    assert query(state) == [("A", True), ("B", True)]
    assert present_keys(store) == ({"A", "B"}, set())


def test_marking_nothing_touches_nothing(store: EntityStore) -> None:
    writer = EntityWriter(store, GROUPS)
    writer.mark_deleted(set())
    assert writer.counts == Counts()


def test_more_keys_than_one_query_takes(store: EntityStore, query: Query) -> None:
    records = [group(f"K{number:04}") for number in range(2_345)]
    assert load(store, *records) == Counts(read=2_345, inserted=2_345)
    assert load(store, *records) == Counts(read=2_345, unchanged=2_345)
    EntityWriter(store, GROUPS).mark_deleted({record["id"] for record in records[:1_500]})
    assert len(present_keys(store)[0]) == 845


def test_add_tells_the_keys_in_order(store: EntityStore) -> None:
    writer = EntityWriter(store, GROUPS)
    assert writer.add([group("B"), group("A"), group("B")]) == ["B", "A"]
    assert writer.add([]) == []


def test_nothing_is_written_before_the_flush_and_nothing_after(store: EntityStore, query: Query) -> None:
    writer = EntityWriter(store, GROUPS)
    writer.add([group("A")])
    assert query("SELECT count(*) FROM wrike_team.groups") == [(0,)]
    writer.flush()
    writer.flush()
    assert writer.counts == Counts(read=1, inserted=1)
    assert query("SELECT count(*) FROM wrike_team.groups") == [(1,)]


def test_in_a_lull_what_has_come_is_written(store: EntityStore, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    size = RowBuilder(GROUPS).build([group("A")]).size
    monkeypatch.setattr(writer_module, "BATCH_BYTES", round(1.5 * size / writer_module.WORTH_A_LULL))
    writer = EntityWriter(store, GROUPS)
    count = "SELECT count(*) FROM wrike_team.groups"
    assert writer.add(LULL) == []
    assert writer.pages == 0
    writer.add([group("A")])
    # An answer can be empty too.
    writer.add([])
    writer.settle()
    assert query(count) == [(0,)]
    # It is not worth it for a little.
    assert writer.add(LULL) == []
    writer.settle()
    assert query(count) == [(0,)]
    writer.add([group("B")])
    assert writer.add(LULL) == []
    writer.settle()
    assert query(count) == [(2,)]
    assert writer.pages == 3
    writer.flush()
    assert writer.counts == Counts(read=2, inserted=2)


def test_large_loads_go_in_batches(store: EntityStore, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    first = group("A", "x", "m1", "m2")
    monkeypatch.setattr(writer_module, "BATCH_BYTES", RowBuilder(GROUPS).build([first]).size + 1)
    writer = EntityWriter(store, GROUPS)
    writer.add([first])
    assert query("SELECT count(*) FROM wrike_team.groups") == [(0,)]
    writer.add([group("B")])
    writer.settle()
    assert query("SELECT id FROM wrike_team.groups ORDER BY id") == [("A",), ("B",)]
    writer.add([group("C")])
    assert query("SELECT count(*) FROM wrike_team.groups") == [(2,)]
    writer.flush()
    assert writer.counts == Counts(read=3, inserted=3)


def test_a_record_without_key_stops_the_load(store: EntityStore) -> None:
    with pytest.raises(BadRecordError):
        EntityWriter(store, GROUPS).add([group("A"), {"title": "x"}])
    assert issubclass(BadRecordError, StagingError)


def test_a_crash_between_batches_loses_nothing(
    store: EntityStore, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "BATCH_BYTES", 1)
    records = [group("A", "x", "m1"), group("B", "x", "m2"), group("C", "x", "m3")]
    interrupted = EntityWriter(store, GROUPS)
    interrupted.add(records[:1])
    interrupted.settle()
    del interrupted
    again = EntityWriter(store, GROUPS)
    for record in records:
        again.add([record])
    again.settle()
    assert again.counts == Counts(read=3, inserted=2, unchanged=1)
    members = query("SELECT group_id, member_id FROM wrike_team.groups_member_ids ORDER BY ALL")
    assert members == [("A", "m1"), ("B", "m2"), ("C", "m3")]


def test_unknown_keys_are_counted_in_all_records_that_are_read(store: EntityStore) -> None:
    records = [group("A", new=1), group("B", new="x", myTeam="perhaps"), group("C")]
    for _ in range(2):
        writer = EntityWriter(store, GROUPS)
        writer.add(records)
        writer.add([group("D", metadata=[{"key": "k", "value": "v", "by": None}, {"key": "l", "by": None}], new=2)])
        writer.flush()
        assert writer.unknown_keys_as_dict() == {
            "new": {"type": "integer|string", "count": 3},
            "myTeam": {"type": "string", "count": 1},
            "metadata[].by": {"type": "null", "count": 2},
        }
        assert writer.unknown_keys["new"] == UnknownKey("integer|string", 3)


def test_nothing_unknown_is_counted_where_all_fits(store: EntityStore) -> None:
    writer = EntityWriter(store, GROUPS)
    writer.add([group("A", "x", "m1", metadata=[{"key": "k", "value": "v"}])])
    assert writer.unknown_keys_as_dict() == {}


def test_unknown_keys_are_not_counted_without_end(store: EntityStore) -> None:
    writer = EntityWriter(store, GROUPS)
    writer.add([group(f"K{number}", **{f"new{number}" + "x" * 1000: 1, "first": 1}) for number in range(80)])
    assert len(writer.unknown_keys) == 50
    assert writer.unknown_keys["first"] == UnknownKey("integer", 80)
    assert max(map(len, writer.unknown_keys)) == 100


def test_a_batch_that_could_not_be_written_aside_is_told_at_the_latest_at_the_end(
    store: EntityStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "BATCH_BYTES", 1)
    writer = EntityWriter(store, GROUPS)
    with duckdb.connect(str(file)) as database:
        database.execute("DROP TABLE wrike_team.groups")
    writer.add([group("A")])
    with pytest.raises(StagingError, match="groups"):
        writer.flush()


def test_who_adds_records_does_not_wait_for_the_batch_before(
    store: EntityStore, file: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "BATCH_BYTES", 1)
    monkeypatch.setattr(destination_module, "LOCK_TIMEOUT_S", 10)
    writer = EntityWriter(store, GROUPS)
    with FileLock(f"{file}.lock"):
        assert writer.add([group("A")]) == ["A"]
        assert query("SELECT count(*) FROM wrike_team.groups") == [(0,)]
    writer.flush()
    assert query("SELECT count(*) FROM wrike_team.groups") == [(1,)]


def test_while_batches_are_written_the_next_records_are_taken(
    store: EntityStore, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "BATCH_BYTES", 1)
    writer = EntityWriter(store, GROUPS)
    keys = [writer.add([group(f"G{page}-{number}", "x", "m") for number in range(7)]) for page in range(20)]
    writer.add([group("G0-0", "later")])
    writer.flush()
    assert writer.counts == Counts(read=141, inserted=140, updated=1)
    assert query("SELECT count(*) FROM wrike_team.groups") == [(140,)]
    assert query("SELECT count(*) FROM wrike_team.groups_member_ids") == [(139,)]
    assert len({key for page in keys for key in page}) == 140
