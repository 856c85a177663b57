"""Which keys were seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.staging.databases import prepare
from wrike_provider.entities import entity
from wrike_provider.staging import store as store_module
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.seen import Seen
from wrike_provider.staging.store import Absent, EntityStore
from wrike_provider.staging.writer import EntityWriter

KEYS = st.lists(st.text(max_size=3), max_size=20)


@given(KEYS, KEYS, KEYS)
def test_lacking_are_those_that_were_not_added(first: list[str], second: list[str], asked: list[str]) -> None:
    seen = Seen()
    seen.add(first)
    assert seen.lacking(asked) == [key for key in asked if key not in first]
    seen.add(second)
    assert seen.lacking(asked) == [key for key in asked if key not in {*first, *second}]


@pytest.mark.parametrize("at_once", [1, 2, 10_000])
@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_records_that_staging_has_and_that_were_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, at_once: int
) -> None:
    monkeypatch.setattr(store_module, "PRESENT_AT_ONCE", at_once)
    contacts = entity("contacts")
    store = EntityStore(Destination(kind, tmp_path / "file"), "wrike_team", contacts)
    prepare(store)
    writer = EntityWriter(store, contacts)
    writer.add([{"id": key, "deleted": key in "DE"} for key in "AaBCDEF"])
    writer.flush()
    writer.mark_deleted({"F"})
    seen = Seen()
    seen.add("aBE")
    assert store.absent(seen) == Absent({"A", "C"}, {"D"}, 6)
