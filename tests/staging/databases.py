"""Staging databases for tests, and a look into them that nothing of ours takes part in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import duckdb
import psycopg2
import psycopg2.extras

from include.local.ports import LOOPBACK
from include.local.postgres import Postgres
from wrike_provider.staging.store import EntityStore
from wrike_provider.staging.structure import Structure


def prepare(store: EntityStore) -> bool:
    """Make the tables of an entity as a task does; returns whether any was missing, or lacked a column."""
    structure = Structure(store.destination, store.schema)
    lacking = structure.lacks(store.entity)
    structure.make([store.entity])
    return lacking


class Database(Protocol):
    """A staging database."""

    def as_connection(self) -> dict[str, Any]:
        """Say it like an Airflow Connection does."""

    def open(self, schema: str) -> Any:
        """Connect, for as long as the block lasts; JSON is read as text.

        :param schema: the schema whose tables need no prefix.
        """


@dataclass(frozen=True)
class DuckDB:
    """A DuckDB file."""

    file: Path

    def as_connection(self) -> dict[str, Any]:
        return {"conn_type": "duckdb", "host": str(self.file)}

    @contextmanager
    def open(self, schema: str) -> Iterator[Any]:
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(f"USE {schema}")
            yield connection


@dataclass(frozen=True)
class PostgresDatabase:
    """A database of a PostgreSQL server, which is thrown away with it."""

    server: Postgres
    name: str

    @classmethod
    def make(cls, server: Postgres) -> PostgresDatabase:
        name = f"staging_{secrets.token_hex(4)}"
        server.create_database(name)
        return cls(server, name)

    def as_connection(self) -> dict[str, Any]:
        return {
            "conn_type": "postgres",
            "host": LOOPBACK,
            "port": self.server.port,
            "login": "postgres",
            "password": self.server.password,
            "schema": self.name,
        }

    @contextmanager
    def open(self, schema: str) -> Iterator[Any]:
        url = self.server.url(self.name).replace("+psycopg2", "")
        with closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            psycopg2.extras.register_default_json(connection, loads=lambda text: text)

            def execute(sql: str) -> Any:
                cursor = connection.cursor()
                cursor.execute(sql)
                return cursor

            execute(f"SET search_path TO {schema}")
            yield SimpleNamespace(execute=execute)
