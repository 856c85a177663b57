"""From a staging Connection to a place."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from airflow.models.connection import Connection

from wrike_provider.operators.staging import staging_connection
from wrike_provider.staging.destination import Destination, StagingConnection, destination
from wrike_provider.staging.errors import StagingConfigurationError, StagingLockedError, explained

HOME = Path("/home/of/airflow")


def read(connection: Connection) -> Destination:
    return destination(
        staging_connection(connection),
        HOME,
    )


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
        destination(StagingConnection("duckdb", host, schema), HOME)


@pytest.mark.parametrize("kind", ["oracle", "DuckDB", ""])
def test_an_unknown_type_is_refused(kind: str) -> None:
    with pytest.raises(StagingConfigurationError, match=r"type .*; known types: .*duckdb"):
        destination(StagingConnection(kind, "host", "schema"), HOME)


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        (
            Connection(
                conn_type="postgres", host="db.example.test", login="wrike", password="p@ss/word%", schema="dwh"
            ),
            "postgresql://wrike:p%40ss%2Fword%25@db.example.test:5432/dwh",
        ),
        (
            Connection(
                conn_type="postgres",
                host="::1",
                port=6432,
                login="w r",
                schema="d h",
                extra='{"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "cursor": "dictcursor"}',
            ),
            "postgresql://w%20r:@[::1]:6432/d%20h?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
        ),
        (Connection(uri="postgres://wrike:secret@db:5433/dwh"), "postgresql://wrike:secret@db:5433/dwh"),
        (
            Connection(
                conn_type="postgres",
                host="db",
                login="w",
                schema="d",
                extra='{"options": "-c statement_timeout=9 -c lock_timeout=8"}',
            ),
            "postgresql://w:@db:5432/d?options=-c%20statement_timeout%3D9%20-c%20lock_timeout%3D8",
        ),
        (
            Connection(conn_type="postgres", host="[::1]", login="wrike", password="p", schema="dwh"),
            "postgresql://wrike:p@[::1]:5432/dwh",
        ),
        (
            Connection(conn_type="postgres", host="one,two.example.test", login="wrike", password="p", schema="dwh"),
            "postgresql://wrike:p@one,two.example.test:5432/dwh",
        ),
    ],
)
def test_a_postgres_connection_names_a_server(connection: Connection, url: str) -> None:
    place = read(connection)
    assert (place.type, place.file, place.arguments) == ("postgres", None, {"credentials": url})
    assert str(place) == f"postgres:{place.server}"
    for shown in (str(place), repr(place)):
        assert "secret" not in shown
        assert "p@ss" not in shown
        assert "p%40ss" not in shown


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ({}, "host and schema and login"),
        ({"host": "db", "schema": "dwh"}, "login"),
        ({"host": "db", "login": "wrike"}, "schema"),
    ],
)
def test_a_postgres_connection_that_lacks_something_is_refused(said: dict[str, str], lacking: str) -> None:
    with pytest.raises(StagingConfigurationError, match=f"lacks {lacking}:"):
        destination(StagingConnection("postgres", **said), HOME)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["postgres", "redshift", "mssql", "mysql"])
@pytest.mark.parametrize(
    "host",
    ["[::1]]", "[[::1]]", "db:5432", "https://db", "/run/postgresql", "a b", "who:secret@d b", "d/b?password=secret"],
)
def test_what_is_no_host_is_refused_and_no_secret_is_shown(kind: str, host: str) -> None:
    with pytest.raises(StagingConfigurationError, match="which is no name or address of a host") as refused:
        destination(StagingConnection(kind, host, "dwh", login="wrike", password="secret"), HOME)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "host", ["tcp:srv.database.windows.net", "(localdb)\\MSSQLLocalDB", "db\\instance", "db", "fe80::1%br-lan"]
)
def test_sql_server_has_hosts_of_its_own(host: str) -> None:
    place = destination(StagingConnection("mssql", host, "dwh", login="wrike", password="secret"), HOME)
    assert place.arguments["credentials"]["host"] == host


def test_a_url_that_a_driver_quotes_is_shown_without_its_login() -> None:
    error = ValueError('invalid dsn: in URI: "postgresql://wrike:se@cret@db:1/dwh?x=y"')
    assert str(explained(error, "db")) == (
        'The staging database db failed: invalid dsn: in URI: "postgresql://***@db:1/dwh?x=y"'
    )


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


def test_who_has_the_turn_may_take_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wrike_provider.staging.destination.LOCK_TIMEOUT_S", 0.2)
    place = Destination("duckdb", tmp_path / "staging.duckdb")
    refused = []

    def other() -> None:
        try:
            with place.turn():
                pass
        except StagingLockedError as error:
            refused.append(error)

    with place.turn():
        with place.turn():
            pass
        asking = threading.Thread(target=other)
        asking.start()
        asking.join()
    assert len(refused) == 1


def test_a_server_needs_no_turns() -> None:
    with Destination("postgres").turn(), Destination("postgres").turn():
        pass
