"""A team's staging on each kind of database, and a look at the views on top of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from include.local.home import ROOT
from include.local.postgres import Postgres, local_postgres
from tests.staging.databases import Database, DuckDB, PostgresDatabase, prepare
from wrike_provider.entities import entity
from wrike_provider.staging.destination import Destination, StagingConnection, destination
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.views import Refreshed, Views
from wrike_provider.staging.writer import EntityWriter

SCHEMA = "wrike_team"
FILES = ROOT / "include" / "sql"
Record = dict[str, Any]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with local_postgres() as server:
        yield server


@pytest.fixture(params=["duckdb", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "duckdb":
        return DuckDB(tmp_path / "staging.duckdb")
    return PostgresDatabase.make(request.getfixturevalue("postgres"))


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Destination:
    said = database.as_connection()
    said["type"] = said.pop("conn_type")
    return destination(StagingConnection(**said), tmp_path)


@pytest.fixture
def stage(place: Destination) -> Callable[..., None]:
    """Write records of an entity, whose tables are made when missing."""

    def write(name: str, *records: Record) -> None:
        store = EntityStore(place, SCHEMA, entity(name))
        prepare(store)
        writer = EntityWriter(store, entity(name))
        writer.add(records)
        writer.flush()

    return write


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "sql"
    shutil.copytree(FILES, folder)
    return folder


@pytest.fixture
def views(place: Destination, files: Path) -> Views:
    return Views(place, SCHEMA, files)


def field(key: str, title: str, kind: str, **settings: Any) -> Record:
    return {"id": key, "title": title, "type": kind, "settings": settings}


def ask(database: Database, sql: str) -> list[tuple[Any, ...]]:
    with database.open(SCHEMA) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def columns(database: Database, view: str) -> list[str]:
    return [
        name
        for (name,) in ask(
            database,
            "SELECT column_name FROM information_schema.columns "  # noqa: S608
            f"WHERE table_schema = '{SCHEMA}' AND table_name = '{view}' ORDER BY ordinal_position",
        )
    ]


def made(refreshed: Refreshed) -> dict[str, str]:
    assert refreshed.problems == {}
    return refreshed.made
