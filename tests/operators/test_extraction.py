"""One entity from Wrike into staging."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.staging import databases
from wrike_provider.api.records import Records
from wrike_provider.entities import entity
from wrike_provider.entities.requests import Window
from wrike_provider.operators.extraction import Extraction
from wrike_provider.staging.destination import Destination
from wrike_provider.staging.errors import BadRecordError
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.writer import EntityWriter


def test_nobody_reads_on_when_a_page_cannot_be_written(tmp_path: Path) -> None:
    """The task goes on with other entities, and keeps the error, to which all that was under way belongs."""
    declared = entity("groups")
    store = EntityStore(Destination("duckdb", tmp_path / "staging.duckdb"), "wrike_team", declared)
    databases.prepare(store)
    ended = []

    def pages() -> Iterator[Records]:
        try:
            yield [{"title": "of which Wrike tells no id"}]
        finally:
            ended.append(True)

    with pytest.raises(BadRecordError) as held:
        Extraction._take(EntityWriter(store, declared), pages())
    assert ended
    assert held.tb


@pytest.mark.parametrize("way", ["changes", "whole"])
def test_wrike_is_asked_while_tables_are_made(tmp_path: Path, way: str) -> None:
    declared = entity("groups")
    store = EntityStore(Destination("duckdb", tmp_path / "staging.duckdb"), "wrike_team", declared)
    asked, made = threading.Event(), threading.Event()

    class Reading:
        def changed(self, *_: Any) -> Iterator[Records]:
            asked.set()
            assert made.wait(10)
            yield [{"id": "G", "title": "Group"}]

        whole = changed

    def prepare() -> None:
        assert asked.wait(10)
        databases.prepare(store)
        made.set()

    extraction = Extraction(declared, store, 1.0, prepare=prepare)
    reading: Any = Reading()
    if way == "changes":
        writer = extraction.changes(reading, "updatedDate", Window(), complete=True)
    else:
        writer = extraction.whole(reading, anew=False)
    assert writer.counts.inserted == 1
