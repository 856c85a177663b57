"""From a staging Connection to a place."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from airflow.models.connection import Connection

from wrike_provider.staging.destination import Destination, destination
from wrike_provider.staging.errors import StagingConfigurationError, StagingLockedError

HOME = Path("/home/of/airflow")


def read(connection: Connection) -> Destination:
    return destination(connection.conn_type, connection.host, connection.schema, HOME)


@pytest.mark.parametrize(
    ("connection", "file"),
    [
        (Connection(conn_type="duckdb", host="/data/staging.duckdb"), "/data/staging.duckdb"),
        (Connection(conn_type="duckdb", host="staging.duckdb"), "/home/of/airflow/staging.duckdb"),
        (Connection(conn_type="duckdb", host="data/staging.duckdb"), "/home/of/airflow/data/staging.duckdb"),
        (Connection(conn_type="duckdb", host="../staging.duckdb"), "/home/of/staging.duckdb"),
        (Connection(conn_type="duckdb", host="/data/", schema="staging.duckdb"), "/data/staging.duckdb"),
        (Connection(conn_type="duckdb", schema="data/staging.duckdb"), "/home/of/airflow/data/staging.duckdb"),
        (Connection(uri="duckdb://data/sub/staging.duckdb"), "/home/of/airflow/data/sub/staging.duckdb"),
        (Connection(uri="duckdb://%2Fdata%2Fstaging.duckdb"), "/data/staging.duckdb"),
        (
            Connection.from_json('{"conn_type": "duckdb", "host": "/data/my staging.duckdb"}'),
            "/data/my staging.duckdb",
        ),
        (Connection.from_json('{"conn_type": "duckdb", "host": "staging.db"}'), "/home/of/airflow/staging.db"),
    ],
)
def test_a_duckdb_connection_names_a_file(connection: Connection, file: str) -> None:
    assert read(connection) == Destination("duckdb", Path(file))


@pytest.mark.parametrize(("host", "schema"), [(None, None), ("", ""), ("/", ""), (":memory:", None)])
def test_a_duckdb_connection_without_a_file_is_refused(host: str | None, schema: str | None) -> None:
    with pytest.raises(StagingConfigurationError, match="names no file"):
        destination("duckdb", host, schema, HOME)


@pytest.mark.parametrize("kind", ["mysql", "DuckDB", "", None])
def test_an_unknown_type_is_refused(kind: str | None) -> None:
    with pytest.raises(StagingConfigurationError, match=r"type .*; known types: .*duckdb"):
        destination(kind, "host", "schema", HOME)


def test_one_at_a_time_has_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wrike_provider.staging.destination.LOCK_TIMEOUT_S", 0.2)
    place = Destination("duckdb", tmp_path / "new" / "staging.duckdb")
    mine, done = threading.Event(), threading.Event()

    def hold() -> None:
        with place.turn():
            mine.set()
            done.wait(10)

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert mine.wait(10)
        with pytest.raises(StagingLockedError, match="Other tasks have kept the staging file"), place.turn():
            pytest.fail("two have the file at once")
    finally:
        done.set()
        other.join()
    with place.turn():
        assert (tmp_path / "new").is_dir()


def test_a_turn_ends_with_an_error_too(tmp_path: Path) -> None:
    place = Destination("duckdb", tmp_path / "staging.duckdb")
    with pytest.raises(RuntimeError), place.turn():
        raise RuntimeError
    with place.turn():
        pass


def test_a_server_needs_no_turns() -> None:
    with Destination("postgres").turn(), Destination("postgres").turn():
        pass
