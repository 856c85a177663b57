"""What each kind of staging Connection becomes in dlt's own configuration."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import dlt
import pytest
from airflow.models.connection import Connection
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dlt.common.configuration.specs.base_configuration import BaseConfiguration

import wrike_provider.staging.database  # noqa: F401  # it tells dlt not to look for Airflow Variables
from wrike_provider.entities import CATALOGUE
from wrike_provider.operators.staging import staging_connection
from wrike_provider.staging.destination import Destination, destination
from wrike_provider.staging.errors import StagingConfigurationError
from wrike_provider.staging.kinds import KINDS
from wrike_provider.staging.tables import tables

SECRET = "s3cret/p@ss%"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"phrase")
)
GOOGLE_KEY = {
    "type": "service_account",
    "project_id": "of-key",
    "private_key": SECRET,
    "client_email": "wrike@of-key.iam.gserviceaccount.com",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def place_of(**said: Any) -> Destination:
    """Go the way of an Airflow Connection."""
    connection = Connection(**{**said, "extra": json.dumps(said["extra"]) if "extra" in said else None})
    return destination(
        staging_connection(connection),
        Path("/home/of/airflow"),
    )


def configured(place: Destination) -> Any:
    """What dlt makes of it, without a driver."""
    made = getattr(dlt.destinations, place.kind.dlt)(**place.arguments)
    return made.configuration(made.spec()._bind_dataset_name(dataset_name="wrike_team"))


def flat(configuration: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in dict(configuration).items():
        if isinstance(value, BaseConfiguration):
            found |= flat(value)
        else:
            found[name] = value
    return found


SERVER = {"host": "db.example.test", "schema": "dwh", "login": "wrike", "password": SECRET}
AT_SERVER = {"host": "db.example.test", "database": "dwh", "username": "wrike", "password": SECRET}
CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {
            "conn_type": "snowflake",
            "login": "WRIKE",
            "password": SECRET,
            "extra": {"account": "ab12345", "region": "eu-west-1", "database": "DWH", "warehouse": "WH", "role": "R"},
        },
        {
            "host": "ab12345.eu-west-1",
            "database": "DWH",
            "username": "WRIKE",
            "password": SECRET,
            "warehouse": "WH",
            "role": "R",
        },
        "snowflake:ab12345.eu-west-1/DWH",
    ),
    (
        {
            "conn_type": "snowflake",
            "login": "WRIKE",
            "password": "phrase",
            "extra": {"account": "ab12345", "extra__snowflake__database": "DWH", "private_key_content": KEY.decode()},
        },
        {"password": None, "private_key": KEY.decode(), "private_key_passphrase": "phrase", "database": "DWH"},
        "snowflake:ab12345/DWH",
    ),
    (
        {
            "conn_type": "gcpbigquery",
            "extra": {"project": "dwh", "location": "EU", "keyfile_dict": json.dumps(GOOGLE_KEY)},
        },
        {
            "project_id": "dwh",
            "location": "EU",
            "private_key": f"{SECRET}\n",
            "client_email": GOOGLE_KEY["client_email"],
            "token_uri": GOOGLE_KEY["token_uri"],
        },
        "bigquery:dwh",
    ),
    (
        {"conn_type": "redshift", **SERVER, "extra": {"sslmode": "verify-full", "cluster_identifier": "other"}},
        {**AT_SERVER, "port": 5439, "query": {"sslmode": "verify-full"}},
        "redshift:db.example.test:5439/dwh",
    ),
    (
        {
            "conn_type": "databricks",
            "host": "https://adb-1.azuredatabricks.net/",
            "password": SECRET,
            "extra": {"http_path": "/sql/1.0/warehouses/1", "catalog": "main"},
        },
        {
            "server_hostname": "adb-1.azuredatabricks.net",
            "http_path": "/sql/1.0/warehouses/1",
            "catalog": "main",
            "access_token": SECRET,
        },
        "databricks:adb-1.azuredatabricks.net/main",
    ),
    (
        {
            "conn_type": "databricks",
            "host": "adb-1.azuredatabricks.net",
            "login": "id",
            "password": SECRET,
            "extra": {"http_path": "/p", "catalog": "main", "service_principal_oauth": True},
        },
        {"client_id": "id", "client_secret": SECRET, "access_token": None},
        "databricks:adb-1.azuredatabricks.net/main",
    ),
    (
        {"conn_type": "mssql", **SERVER, "extra": {"Encrypt": "yes", "TrustServerCertificate": "no", "other": "x"}},
        {
            **AT_SERVER,
            "port": 1433,
            "driver": "ODBC Driver 18 for SQL Server",
            "query": {"encrypt": "yes", "trustservercertificate": "no"},
        },
        "mssql:db.example.test:1433/dwh",
    ),
    ({"conn_type": "synapse", **SERVER, "port": 1434}, {**AT_SERVER, "port": 1434}, "synapse:db.example.test:1434/dwh"),
    (
        {"conn_type": "clickhouse", **SERVER},
        {**AT_SERVER, "port": 9440, "http_port": 8443, "secure": 1},
        "clickhouse:db.example.test:9440/dwh",
    ),
    (
        {"conn_type": "clickhouse", **SERVER, "port": 9001, "extra": {"secure": False, "http_port": 8124}},
        {**AT_SERVER, "port": 9001, "http_port": 8124, "secure": 0},
        "clickhouse:db.example.test:9001/dwh",
    ),
    (
        {"conn_type": "mysql", **SERVER, "extra": {"ssl": {"ca": "/etc/ca.pem"}}},
        {
            **AT_SERVER,
            "drivername": "mysql+pymysql",
            "port": 3306,
            "query": {"charset": "utf8mb4", "ssl_ca": "/etc/ca.pem"},
        },
        "mysql:db.example.test:3306/dwh",
    ),
    (
        {"conn_type": "motherduck", "schema": "dwh", "password": SECRET},
        {"database": "dwh", "password": SECRET},
        "motherduck:/dwh",
    ),
    (
        {"conn_type": "postgres", **SERVER},
        {**AT_SERVER, "port": 5432},
        "postgres:db.example.test:5432/dwh",
    ),
]


@pytest.mark.parametrize(
    ("said", "expected", "shown"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_field_arrives_in_dlts_configuration(said: dict[str, Any], expected: dict[str, Any], shown: str) -> None:
    place = place_of(**said)
    got = flat(configured(place))
    assert {name: got[name] for name in expected} == expected
    assert str(place) == shown
    for text in (str(place), repr(place), repr(place.kind)):
        assert not any(secret in text for secret in ("s3cret", "phrase", "PRIVATE KEY"))


def test_there_is_a_case_for_every_kind_with_a_server() -> None:
    assert {said["conn_type"] for said, _, _ in CASES} == {
        kind.types[0] for kind in KINDS.values() if not kind.file_url
    }


def test_a_snowflake_key_opens_with_the_password() -> None:
    said = next(said for said, _, _ in CASES if "private_key_content" in said.get("extra", {}))
    parameters = configured(place_of(**said)).credentials.to_connector_params()
    assert serialization.load_der_private_key(parameters["private_key"], password=None)
    assert (parameters["user"], parameters["account"]) == ("WRIKE", "ab12345")


def test_a_google_key_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(GOOGLE_KEY))
    place = place_of(conn_type="google_cloud_platform", extra={"key_path": str(file), "project": "dwh"})
    configuration = configured(place)
    assert (configuration.project_id, configuration.credentials.project_id) == ("dwh", "of-key")
    assert configuration.credentials.private_key.strip() == SECRET


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"conn_type": "snowflake", "login": "a", "extra": {"account": "b"}}, r"lacks extra\.database:"),
        ({"conn_type": "snowflake", "login": "a", "extra": {"account": "b", "database": "c"}}, "nothing to log in"),
        ({"conn_type": "gcpbigquery", "extra": {"keyfile_dict": "[1]"}}, r"extra\.keyfile_dict that is no JSON object"),
        ({"conn_type": "gcpbigquery", "extra": {"key_path": "/no/key.json"}}, "/no/key.json, which cannot be read: No"),
        ({"conn_type": "redshift", **SERVER, "extra": {"iam": True}}, r"extra\.iam, which staging cannot use"),
        ({"conn_type": "redshift", "host": "a"}, "lacks schema and login: it needs host"),
        ({"conn_type": "databricks", "host": "a", "password": SECRET}, r"lacks extra\.http_path and extra\.catalog"),
        (
            {"conn_type": "databricks", "host": "a", "extra": {"http_path": "b", "catalog": "c"}},
            "nothing to log in with: it needs a token",
        ),
        ({"conn_type": "mssql", "login": "a", "password": SECRET}, "lacks host and schema"),
        ({"conn_type": "clickhouse", "port": 1, "password": SECRET}, "lacks host: it needs host"),
        ({"conn_type": "clickhouse", "host": "a", "extra": {"http_port": "x"}}, r"extra\.http_port that is no number"),
        ({"conn_type": "redshift", **SERVER, "extra": {"connect_timeout": "x"}}, r"connect_timeout that is no number"),
        ({"conn_type": "mysql", "host": "a", "password": SECRET}, "lacks login"),
        ({"conn_type": "motherduck", "schema": "a"}, r"lacks password: it needs .* \(the token\)"),
        ({"conn_type": "sqlite", "password": SECRET}, "type sqlite names no file"),
        ({"conn_type": "oracle", **SERVER}, r"known types: clickhouse, databricks, duckdb, gcpbigquery, google_cloud_"),
        ({"conn_type": "aws", "login": "a", "password": SECRET}, "Files in a lake cannot be staging"),
    ],
)
def test_what_is_wrong_is_said_without_secrets(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(StagingConfigurationError, match=complaint) as raised:
        place_of(**said)
    assert "s3cret" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("name", "install"), [("snowflake", "dlt[snowflake]"), ("mssql", "dlt[mssql]"), ("databricks", "dlt[databricks]")]
)
def test_a_missing_driver_is_named(name: str, install: str) -> None:
    said = next(said for said, _, _ in CASES if said["conn_type"] == name)
    with pytest.raises(StagingConfigurationError) as raised:
        place_of(**said).dlt()
    assert str(raised.value).endswith(f"pip install '{install}'")
    assert "s3cret" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_declaration_agrees_with_dlt(kind: Any) -> None:
    made = getattr(dlt.destinations, kind.dlt)(
        **({} if kind.dlt != "sqlalchemy" else {"credentials": "sqlite:///:memory:"})
    )
    capabilities = made.capabilities()
    if kind.parquet:
        assert "parquet" in capabilities.supported_loader_file_formats
    if kind.dialect and kind.dlt != "sqlalchemy":
        assert kind.dialect == capabilities.sqlglot_dialect
    assert kind.local_timestamps == capabilities.supports_naive_datetime
    room = min(capabilities.max_identifier_length, capabilities.max_column_identifier_length)
    names = [name for one in CATALOGUE for t in tables(one) for name in (t.name, *(c.name for c in t.columns))]
    assert max(map(len, names)) <= room
