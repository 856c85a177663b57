"""One entity from Wrike into staging."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.staging import databases
from wrike_provider.api.records import Records
from wrike_provider.entities import entity
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
