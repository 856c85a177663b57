"""From the fields of an Airflow Connection, as Airflow's providers name them, to what dlt needs to log in.

Each function raises :class:`StagingConfigurationError` when something is missing or cannot be read.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from wrike_provider.staging.connection import StagingConnection
from wrike_provider.staging.errors import StagingConfigurationError

Arguments = dict[str, Any]
"""What dlt's destination is made with."""

POSTGRES_PORT: Final = 5432
_SERVER: Final = "host, schema (the name of the database), login and password"
# Of PostgreSQL there can be several.
_HOST: Final = re.compile(r"[\w.,-]+|\[?(?P<address>[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[\w.-]+)?)\]?")
# With protocol and name of the instance.
_SQL_SERVER_HOST: Final = re.compile(rf"((tcp|np|lpc|admin):)?[\w.,()\\-]+|{_HOST.pattern}", re.IGNORECASE)
_POSTGRES_OPTIONS: Final = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "options", "connect_timeout", "target_session_attrs"}
)


def _credentials(**said: Any) -> Arguments:
    return {"credentials": {name: value for name, value in said.items() if value is not None}}


def _host(connection: StagingConnection, pattern: re.Pattern[str] = _HOST) -> str:
    """The host, without brackets; a wrong one would make drivers quote the whole URL, with the password in it."""
    found = pattern.fullmatch(connection.host or "")
    if found is None:
        # What stands before an @, or in a query, can be a password.
        shown = re.split(r"[/?]", (connection.host or "").rpartition("@")[2].removeprefix("https://"))[0]
        raise StagingConfigurationError(
            f"The staging Connection of type {connection.type} has the host {shown!r}, which is no name or address of "
            "a host. Port, schema (the name of the database), login and password have fields of their own."
        )
    return found["address"] or found[0]


def _server(connection: StagingConnection, port: int, pattern: re.Pattern[str] = _HOST, **more: Any) -> Arguments:
    connection.require("host", "schema", "login", meaning=_SERVER)
    return _credentials(
        host=_host(connection, pattern),
        port=connection.port or port,
        database=connection.schema,
        username=connection.login,
        password=connection.password,
        **more,
    )


def postgres(connection: StagingConnection) -> Arguments:
    """Read a Connection to PostgreSQL."""
    connection.require("host", "schema", "login", meaning=_SERVER)
    host = _host(connection)
    query = {name: str(value) for name, value in connection.extra.items() if name in _POSTGRES_OPTIONS and value}
    login, password, database = (
        quote(part or "", safe="") for part in (connection.login, connection.password, connection.schema)
    )
    name = f"[{host}]" if ":" in host else host
    url = f"postgresql://{login}:{password}@{name}:{connection.port or POSTGRES_PORT}/{database}"
    # Not as forms do it: libpq takes a + for what it is.
    return {"credentials": f"{url}?{urlencode(query, quote_via=quote)}" if query else url}


def snowflake(connection: StagingConnection) -> Arguments:
    """Read a Connection to Snowflake."""
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


def bigquery(connection: StagingConnection) -> Arguments:
    """Read a Connection to BigQuery."""
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


def redshift(connection: StagingConnection) -> Arguments:
    """Read a Connection to Redshift."""
    if connection.flag("iam"):
        raise StagingConfigurationError(
            "The staging Connection of type redshift has extra.iam, which staging cannot use: put login and password."
        )
    options = connection.options(("sslmode", "sslrootcert"))
    return _server(connection, 5439, query=options or None, connect_timeout=connection.number("connect_timeout"))


def databricks(connection: StagingConnection) -> Arguments:
    """Read a Connection to Databricks."""
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


def sql_server(connection: StagingConnection) -> Arguments:
    """Read a Connection to SQL Server and Synapse."""
    # Names of options are the driver's, whose case does not matter.
    options = {
        str(name).lower(): str(value)
        for name, value in connection.extra.items()
        if str(name).lower() in {"encrypt", "trustservercertificate", "applicationintent", "multisubnetfailover"}
    }
    return _server(
        connection,
        1433,
        _SQL_SERVER_HOST,
        driver=connection.option("driver") or "ODBC Driver 18 for SQL Server",
        query=options or None,
    )


def clickhouse(connection: StagingConnection) -> Arguments:
    """Read a Connection to ClickHouse."""
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


def mysql(connection: StagingConnection) -> Arguments:
    """Read a Connection to MySQL and MariaDB."""
    connection.require("host", "login")
    ssl = connection.mapping("ssl")
    query = {"charset": connection.option("charset") or "utf8mb4"}
    query |= {f"ssl_{name}": str(ssl[name]) for name in ("ca", "cert", "key") if ssl.get(name)}
    return _credentials(
        drivername="mysql+pymysql",
        host=_host(connection),
        port=connection.port or 3306,
        database=connection.schema or "",
        username=connection.login,
        password=connection.password,
        query=query,
    )


def motherduck(connection: StagingConnection) -> Arguments:
    """Read a Connection to MotherDuck."""
    connection.require("schema", "password", meaning="schema (the name of the database) and password (the token)")
    return _credentials(database=connection.schema, password=connection.password)
