"""The type of Connection for a DuckDB file, as Airflow's Connections page uses it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from airflow.sdk._shared.secrets_masker import redact

from wrike_provider.operators.staging import DuckDbFileHook, staging


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DuckDbFileHook:
    """The hook of a Connection to the file `staging.duckdb` in a folder that is not there yet."""
    connection = {"conn_type": "duckdb", "host": str(tmp_path / "new" / "staging.duckdb")}
    monkeypatch.setenv("AIRFLOW_CONN_STAGED", json.dumps(connection))
    return DuckDbFileHook("staged")


def test_a_file_that_a_sync_will_make(hook: DuckDbFileHook, tmp_path: Path) -> None:
    file = tmp_path / "new" / "staging.duckdb"
    assert hook.test_connection() == (True, f"{file} is not there yet: the first sync makes it.")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_read_only(hook: DuckDbFileHook, tmp_path: Path) -> None:
    file = tmp_path / "new" / "staging.duckdb"
    file.parent.mkdir()
    with duckdb.connect(str(file)) as database:
        database.execute("CREATE TABLE t AS SELECT 7 AS n")
    assert hook.test_connection() == (True, f"{file} is a DuckDB file.")
    with hook.get_conn() as database:
        assert database.execute("SELECT n FROM t").fetchall() == [(7,)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            database.execute("INSERT INTO t VALUES (8)")


def test_a_file_of_something_else(hook: DuckDbFileHook, tmp_path: Path) -> None:
    file = tmp_path / "new" / "staging.duckdb"
    file.parent.mkdir()
    file.write_text("name,title\n" * 1000)
    good, said = hook.test_connection()
    assert not good
    assert str(file) in said


def test_a_folder_that_cannot_be_written(hook: DuckDbFileHook, tmp_path: Path) -> None:
    (tmp_path / "new").write_text("a file where the folder should be")
    good, said = hook.test_connection()
    assert not good
    assert said == f"{tmp_path / 'new' / 'staging.duckdb'} is not there, and {tmp_path / 'new'} cannot be written."


def test_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_STAGED", json.dumps({"conn_type": "duckdb"}))
    good, said = DuckDbFileHook("staged").test_connection()
    assert not good
    assert said.startswith("Connection staged: The staging Connection of type duckdb names no file.")


def test_a_password_is_masked_as_urls_write_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"conn_type": "postgres", "host": "db", "schema": "dwh", "login": "wrike", "password": "pa ss/w@rd"}
    monkeypatch.setenv("AIRFLOW_CONN_STAGED", json.dumps(connection))
    (url,) = staging("staged").arguments.values()
    told = f"no answer: {url}, pa+ss%2Fw%40rd, pa ss/w@rd, pa%20ss/w%40rd, pa ss%2Fw%40rd"
    assert redact(told) == "no answer: postgresql://wrike:***@db:5432/dwh, ***, ***, ***, ***"
