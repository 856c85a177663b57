"""Which kinds of database staging can be in: one declaration each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from wrike_provider.staging import credentials
from wrike_provider.staging.connection import StagingConnection


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
    arguments: Callable[[StagingConnection], credentials.Arguments] = lambda _: {}
    file_url: str = ""
    dialect: str = ""
    parquet: bool = True
    json: bool = False
    local_timestamps: bool = True
    comments: Comments = Comments.NONE
    views: str = ""


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
            arguments=credentials.postgres,
            json=True,
            comments=Comments.STATEMENT,
            views="postgres",
        ),
        Kind(
            name="motherduck",
            dlt="motherduck",
            types=("motherduck",),
            install=("dlt[motherduck]",),
            arguments=credentials.motherduck,
            json=True,
            comments=Comments.STATEMENT,
            views="duckdb",
        ),
        Kind(
            name="snowflake",
            dlt="snowflake",
            types=("snowflake",),
            install=("dlt[snowflake]",),
            arguments=credentials.snowflake,
            dialect="snowflake",
            comments=Comments.STATEMENT,
        ),
        Kind(
            name="bigquery",
            dlt="bigquery",
            types=("gcpbigquery", "google_cloud_platform"),
            install=("dlt[bigquery]",),
            arguments=credentials.bigquery,
            dialect="bigquery",
            local_timestamps=False,
            comments=Comments.HINT,
        ),
        Kind(
            name="redshift",
            dlt="redshift",
            types=("redshift",),
            install=("dlt[redshift]",),
            arguments=credentials.redshift,
            dialect="redshift",
            parquet=False,
            comments=Comments.STATEMENT,
        ),
        Kind(
            name="databricks",
            dlt="databricks",
            types=("databricks",),
            install=("dlt[databricks]",),
            arguments=credentials.databricks,
            dialect="databricks",
            comments=Comments.HINT,
        ),
        Kind(
            name="mssql",
            dlt="mssql",
            types=("mssql",),
            install=("dlt[mssql]",),
            arguments=credentials.sql_server,
            dialect="tsql",
            parquet=False,
        ),
        Kind(
            name="synapse",
            dlt="synapse",
            types=("synapse",),
            install=("dlt[synapse]",),
            arguments=credentials.sql_server,
            dialect="tsql",
            parquet=False,
        ),
        Kind(
            name="clickhouse",
            dlt="clickhouse",
            types=("clickhouse",),
            install=("dlt[clickhouse]",),
            arguments=credentials.clickhouse,
            dialect="clickhouse",
        ),
        Kind(
            name="mysql",
            dlt="sqlalchemy",
            types=("mysql",),
            install=("dlt[sqlalchemy]", "PyMySQL"),
            arguments=credentials.mysql,
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
