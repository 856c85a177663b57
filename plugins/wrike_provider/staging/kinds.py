"""Which kinds of database staging can be in: one declaration each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from wrike_provider.staging.connection import StagingConnection
from wrike_provider.staging.errors import StagingConfigurationError

Arguments = dict[str, Any]
"""What dlt's destination is made with."""


class Comments(Enum):
    """How a database is told what tables and columns mean."""

    NONE = "not at all"
    STATEMENT = "by COMMENT ON"
    HINT = "by dlt, when it makes them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of database.

    :param name: what it is called here.
    :param dlt: what dlt calls it.
    :param types: the types of Airflow Connection that name it.
    :param install: what brings its driver, as pip takes it.
    :param arguments: makes what dlt needs of what a Connection says.
    :param file_url: how dlt names a database in a file, ``{}`` being the path; empty: it has a server.
    :param dialect: how sqlglot calls its SQL; empty: it takes ours as it is.
    :param parquet: whether rows are handed over as parquet; otherwise in the form that dlt prefers there.
    :param json: whether JSON has a type of its own there; otherwise it is kept as text.
    :param local_timestamps: whether a timestamp without a zone can be kept as such.
    :param comments: how it is told what tables and columns mean.
    :param views: whose views it takes; empty: it has none.
    """

    name: str
    dlt: str
    types: tuple[str, ...]
    install: tuple[str, ...]
    arguments: Callable[[StagingConnection], Arguments] = lambda _: {}
    file_url: str = ""
    dialect: str = ""
    parquet: bool = True
    json: bool = False
    local_timestamps: bool = True
    comments: Comments = Comments.NONE
    views: str = ""


POSTGRES_PORT: Final = 5432
_SERVER: Final = "host, schema (the name of the database), login and password"
_POSTGRES_OPTIONS: Final = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "options", "connect_timeout", "target_session_attrs"}
)


def _credentials(**said: Any) -> Arguments:
    return {"credentials": {name: value for name, value in said.items() if value is not None}}


def _server(connection: StagingConnection, port: int, **more: Any) -> Arguments:
    connection.require("host", "schema", "login", meaning=_SERVER)
    return _credentials(
        host=connection.host,
        port=connection.port or port,
        database=connection.schema,
        username=connection.login,
        password=connection.password,
        **more,
    )


def _postgres(connection: StagingConnection) -> Arguments:
    connection.require("host", "schema", "login", meaning=_SERVER)
    query = {name: str(value) for name, value in connection.extra.items() if name in _POSTGRES_OPTIONS and value}
    login, password, database = (
        quote(part or "", safe="") for part in (connection.login, connection.password, connection.schema)
    )
    host = f"[{connection.host}]" if ":" in (connection.host or "") else connection.host
    url = f"postgresql://{login}:{password}@{host}:{connection.port or POSTGRES_PORT}/{database}"
    return {"credentials": f"{url}?{urlencode(query)}" if query else url}


def _snowflake(connection: StagingConnection) -> Arguments:
    connection.require("login", "extra.account", "extra.database")
    option = connection.option
    account = ".".join(part for part in (option("account"), option("region")) if part)
    with_key = bool(option("private_key_file") or option("private_key_content"))
    if not (connection.password or with_key or option("token")):
        raise StagingConfigurationError(
            "The staging Connection of type snowflake says nothing to log in with: it needs a password, or "
            "extra.private_key_file, extra.private_key_content or extra.token."
        )
    return _credentials(
        host=account,
        database=option("database"),
        username=connection.login,
        password=None if with_key else connection.password,
        private_key_path=option("private_key_file"),
        private_key=option("private_key_content"),
        private_key_passphrase=connection.password if with_key else None,
        **connection.options(("warehouse", "role", "authenticator", "token")),
    )


def _bigquery(connection: StagingConnection) -> Arguments:
    key = connection.mapping("keyfile_dict")
    path = connection.option("key_path")
    if not key and path:
        try:
            key = json.loads(Path(path).read_text())
        except (OSError, ValueError) as error:
            raise StagingConfigurationError(
                f"The staging Connection of type {connection.type} names the key file {path}, which cannot be read: "
                f"{getattr(error, 'strerror', None) or 'it is no JSON'}."
            ) from None
    project = connection.option("project") or key.get("project_id")
    arguments: Arguments = {"project_id": project, "location": connection.option("location")}
    if key:
        names = ("private_key", "client_email", "token_uri")
        arguments |= _credentials(
            project_id=key.get("project_id") or project, **{name: key.get(name) for name in names}
        )
    return {name: value for name, value in arguments.items() if value is not None}


def _redshift(connection: StagingConnection) -> Arguments:
    if connection.flag("iam"):
        raise StagingConfigurationError(
            "The staging Connection of type redshift has extra.iam, which staging cannot use: put login and password."
        )
    options = connection.options(("sslmode", "sslrootcert"))
    return _server(connection, 5439, query=options or None, connect_timeout=connection.number("connect_timeout"))


def _databricks(connection: StagingConnection) -> Arguments:
    connection.require("host", "extra.http_path", "extra.catalog")
    host = connection.host or ""
    principal = connection.flag("service_principal_oauth")
    token = None if principal else connection.option("token") or connection.password
    if not (token or (principal and connection.login and connection.password)):
        raise StagingConfigurationError(
            "The staging Connection of type databricks says nothing to log in with: it needs a token as its password, "
            "or extra.service_principal_oauth with client id and secret as login and password."
        )
    return _credentials(
        server_hostname=urlsplit(host).hostname if "://" in host else host.rstrip("/"),
        http_path=connection.option("http_path"),
        catalog=connection.option("catalog"),
        access_token=token,
        client_id=connection.login if principal else None,
        client_secret=connection.password if principal else None,
        session_configuration=connection.mapping("session_configuration") or None,
    )


def _sql_server(connection: StagingConnection) -> Arguments:
    # Names of options are the driver's, whose case does not matter.
    options = {
        str(name).lower(): str(value)
        for name, value in connection.extra.items()
        if str(name).lower() in {"encrypt", "trustservercertificate", "applicationintent", "multisubnetfailover"}
    }
    return _server(
        connection,
        1433,
        driver=connection.option("driver") or "ODBC Driver 18 for SQL Server",
        query=options or None,
    )


def _clickhouse(connection: StagingConnection) -> Arguments:
    connection.require("host")
    secure = connection.flag("secure", default=True)
    return _credentials(
        host=connection.host,
        port=connection.port or (9440 if secure else 9000),
        http_port=connection.number("http_port") or (8443 if secure else 8123),
        database=connection.schema or "default",
        username=connection.login or "default",
        password=connection.password or "",
        secure=int(secure),
    )


def _mysql(connection: StagingConnection) -> Arguments:
    connection.require("host", "login")
    ssl = connection.mapping("ssl")
    query = {"charset": connection.option("charset") or "utf8mb4"}
    query |= {f"ssl_{name}": str(ssl[name]) for name in ("ca", "cert", "key") if ssl.get(name)}
    return _credentials(
        drivername="mysql+pymysql",
        host=connection.host,
        port=connection.port or 3306,
        database=connection.schema or "",
        username=connection.login,
        password=connection.password,
        query=query,
    )


def _motherduck(connection: StagingConnection) -> Arguments:
    connection.require("schema", "password", meaning="schema (the name of the database) and password (the token)")
    return _credentials(database=connection.schema, password=connection.password)


KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            name="duckdb",
            dlt="duckdb",
            types=("duckdb",),
            install=("dlt[duckdb]",),
            file_url="{}",
            # Of an Arrow table that it is not told to write as parquet, dlt hands over that; and the rest as text.
            parquet=False,
            json=True,
            comments=Comments.STATEMENT,
            views="duckdb",
        ),
        Kind(
            name="postgres",
            dlt="postgres",
            types=("postgres",),
            install=("dlt[postgres]",),
            arguments=_postgres,
            json=True,
            comments=Comments.STATEMENT,
            views="postgres",
        ),
        Kind(
            name="motherduck",
            dlt="motherduck",
            types=("motherduck",),
            install=("dlt[motherduck]",),
            arguments=_motherduck,
            json=True,
            comments=Comments.STATEMENT,
            views="duckdb",
        ),
        Kind(
            name="snowflake",
            dlt="snowflake",
            types=("snowflake",),
            install=("dlt[snowflake]",),
            arguments=_snowflake,
            dialect="snowflake",
            comments=Comments.STATEMENT,
        ),
        Kind(
            name="bigquery",
            dlt="bigquery",
            types=("gcpbigquery", "google_cloud_platform"),
            install=("dlt[bigquery]",),
            arguments=_bigquery,
            dialect="bigquery",
            local_timestamps=False,
            comments=Comments.HINT,
        ),
        Kind(
            name="redshift",
            dlt="redshift",
            types=("redshift",),
            install=("dlt[redshift]",),
            arguments=_redshift,
            dialect="redshift",
            parquet=False,
            comments=Comments.STATEMENT,
        ),
        Kind(
            name="databricks",
            dlt="databricks",
            types=("databricks",),
            install=("dlt[databricks]",),
            arguments=_databricks,
            dialect="databricks",
            comments=Comments.HINT,
        ),
        Kind(
            name="mssql",
            dlt="mssql",
            types=("mssql",),
            install=("dlt[mssql]",),
            arguments=_sql_server,
            dialect="tsql",
            parquet=False,
        ),
        Kind(
            name="synapse",
            dlt="synapse",
            types=("synapse",),
            install=("dlt[synapse]",),
            arguments=_sql_server,
            dialect="tsql",
            parquet=False,
        ),
        Kind(
            name="clickhouse",
            dlt="clickhouse",
            types=("clickhouse",),
            install=("dlt[clickhouse]",),
            arguments=_clickhouse,
            dialect="clickhouse",
        ),
        Kind(
            name="mysql",
            dlt="sqlalchemy",
            types=("mysql",),
            install=("dlt[sqlalchemy]", "PyMySQL"),
            arguments=_mysql,
            dialect="mysql",
        ),
        Kind(
            name="sqlite",
            dlt="sqlalchemy",
            types=("sqlite",),
            install=("dlt[sqlalchemy]",),
            file_url="sqlite:///{}",
            dialect="sqlite",
        ),
    )
}
"""By name."""
