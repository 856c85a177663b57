"""Airbyte's connector for Wrike, run by PyAirbyte, as its documentation says.

Runs in an environment of its own; the connector in another one. The token and the database's address come from the
environment variables `WRIKE_TOKEN` and `STAGING_URL`.
"""

import json
import os
import sys
import time
from urllib.parse import urlsplit

import airbyte
from airbyte.caches import DuckDBCache, PostgresCache


def main() -> None:
    """Read the command line (Wrike's host, the connector's program, kind of database) and load."""
    loading = time.process_time()
    host, connector, kind = sys.argv[1:]
    source = airbyte.get_source(
        "source-wrike",
        local_executable=connector,
        config={"access_token": os.environ["WRIKE_TOKEN"], "wrike_instance": host},
        streams=["contacts", "folders", "tasks"],
    )
    address = os.environ["STAGING_URL"]
    if kind == "duckdb":
        cache = DuckDBCache(db_path=address, schema_name="airbyte_wrike")
    else:
        parts = urlsplit(address)
        cache = PostgresCache(
            host=parts.hostname,
            port=parts.port,
            username=parts.username,
            password=parts.password,
            database=parts.path.lstrip("/"),
            schema_name="airbyte_wrike",
        )
    source.read(cache=cache)
    loaded = {name: len(cache[name]) for name in ("contacts", "folders", "tasks")}
    sys.stdout.write(f"{json.dumps({'loading_cpu_seconds': loading, 'loaded': loaded})}\n")


if __name__ == "__main__":
    main()
