"""A staging file, and a look into it that nothing of ours takes part in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from wrike_provider.staging.store import EntityStore

Query = Callable[..., list[tuple[Any, ...]]]


def present_keys(store: EntityStore) -> tuple[set[str], set[str]]:
    """Keys of the records that are there and listed, and of those that are there and listed as gone only."""
    present = [found for rows in store.present() for found in rows]
    return {key for key, gone in present if not gone}, {key for key, gone in present if gone}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "staging.duckdb"


@pytest.fixture
def query(file: Path) -> Query:
    """Run SQL in the staging file."""

    def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(file)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(sql, values).fetchall()

    return run


@pytest.fixture
def by_dlt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows go the way of databases that have none of their own for many rows."""
    monkeypatch.setattr("wrike_provider.staging.store.INSERTS", {})
