"""Records per second and per CPU second, beside what people would use instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from include.bench.charts import Chart
from include.bench.environments import AIRBYTE_WRIKE, PYAIRBYTE, REST_API, python, python310
from include.bench.measure import Cost, run
from include.bench.part import Part, Ratio, Result, Told, table
from include.bench.world import (
    ACCOUNT,
    VOLUME,
    Connector,
    Sizes,
    duckdb_connection,
    environment,
    https_sandbox,
    postgres_connection,
)
from include.local.ports import LOOPBACK
from include.local.postgres import Postgres, local_postgres
from include.sandbox.client import SandboxClient, running_sandbox

TASKS = 100_000
SMALL_TASKS = 20_000
_BAR = 10
_PEERS = Path(__file__).parent / "peers"
_CONNECTOR, _REST_API, _AIRBYTE = "this connector", "dlt rest_api source", "airbyte-source-wrike"
_UNDECLARED = f"{_CONNECTOR}, fields it does not know"
_DATABASES = {"duckdb": "DuckDB", "postgres": "PostgreSQL"}


def measure(size: float, folder: Path) -> Result:
    """Load contacts, folders and tasks, once with each of them and into each database."""
    rows: list[dict[str, Any]] = []
    large, small = Sizes.of(TASKS * size), Sizes.of(SMALL_TASKS * size)
    with local_postgres() as server:
        with running_sandbox(*large.arguments(), "--rate-limit", "0") as wrike:
            rows += [_connector(wrike, kind, server, folder / f"connector-{kind}", large) for kind in _DATABASES]
            rows.append(_rest_api(wrike, "postgres", server, folder / "rest-postgres", large))
            # The same sizes, the same data and tokens.
            token = wrike.token(ACCOUNT)
        with running_sandbox(*large.arguments(), "--unknown-keys", "--rate-limit", "0") as wrike:
            rows.append(_connector(wrike, "postgres", server, folder / "connector-undeclared", large, _UNDECLARED))
        with https_sandbox(large, folder) as (host, trusted):
            rows += [
                _airbyte(host, trusted, token, kind, server, folder / f"airbyte-{kind}", large) for kind in _DATABASES
            ]
        with running_sandbox(*small.arguments(), "--rate-limit", "0") as wrike:
            rows.append(_connector(wrike, "duckdb", server, folder / "small-duckdb", small))
            rows.append(_rest_api(wrike, "duckdb", server, folder / "rest-duckdb", small))
    return {"rows": rows}


def _connector(
    wrike: SandboxClient, kind: str, server: Postgres, folder: Path, sizes: Sizes, name: str = _CONNECTOR
) -> dict[str, Any]:
    if kind == "duckdb":
        staging = duckdb_connection(folder / "staging.duckdb")
    else:
        server.create_database(folder.name)
        staging = postgres_connection(server, folder.name)
    synced = Connector(wrike, staging, folder, unlimited=True).sync(*VOLUME)
    # Not what it has read: where parts meet, it reads some twice.
    loaded = {result["entity"]: result["inserted"] + result["deleted"] for result in synced.results}
    return _row(name, kind, sizes, synced.cost, synced.loading_cpu_seconds, loaded)


def _rest_api(wrike: SandboxClient, kind: str, server: Postgres, folder: Path, sizes: Sizes) -> dict[str, Any]:
    command = [str(python(REST_API)), str(_PEERS / "rest_api.py"), wrike.url, kind]
    return _peer(_REST_API, command, kind, server, folder, sizes, {"WRIKE_TOKEN": wrike.token(ACCOUNT)})


def _airbyte(
    host: str, trusted: Path, token: str, kind: str, server: Postgres, folder: Path, sizes: Sizes
) -> dict[str, Any]:
    # PyAirbyte wants a program without arguments.
    connector = folder.with_suffix(".sh")
    interpreter = python(AIRBYTE_WRIKE, python310())
    connector.write_text(f'#!/bin/sh\nexec "{interpreter}" "{_PEERS / "trusting.py"}" "$@"\n')
    connector.chmod(0o700)
    command = [str(python(PYAIRBYTE)), str(_PEERS / "airbyte_wrike.py"), host, str(connector), kind]
    more = {"WRIKE_TOKEN": token, "REQUESTS_CA_BUNDLE": str(trusted), "AIRBYTE_OFFLINE_MODE": "1"}
    return _peer(_AIRBYTE, command, kind, server, folder, sizes, more)


def _peer(
    name: str,
    command: list[str],
    kind: str,
    server: Postgres,
    folder: Path,
    sizes: Sizes,
    more: Mapping[str, str],
) -> dict[str, Any]:
    folder.mkdir(parents=True)
    if kind == "duckdb":
        address = str(folder / "staging.duckdb")
    else:
        server.create_database(folder.name)
        address = f"postgresql://postgres:{server.password}@{LOOPBACK}:{server.port}/{folder.name}"
    own = {"HOME": str(folder), "DLT_DATA_DIR": str(folder / "dlt"), "STAGING_URL": address, **more}
    cost, output = run(command, {**environment(), **own}, folder / "peer.log", cwd=folder)
    return _row(name, kind, sizes, cost, **json.loads(output.splitlines()[-1]))


def _row(
    name: str, kind: str, sizes: Sizes, cost: Cost, loading_cpu_seconds: float, loaded: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "name": name,
        "database": kind,
        "tasks": sizes.tasks,
        "loaded": dict(loaded),
        "seconds": cost.seconds,
        "cpu_seconds": cost.cpu_seconds,
        "loading_cpu_seconds": loading_cpu_seconds,
        "peak_mib": cost.peak_mib,
    }


def tell(result: Result) -> Told:
    """Tell a result."""
    rows = result["rows"]
    ratios = []
    for peer in (_REST_API, _AIRBYTE):
        for kind, database in _DATABASES.items():
            theirs = next(row for row in rows if (row["name"], row["database"]) == (peer, kind))
            beside = (_CONNECTOR, kind, theirs["tasks"])
            ours = next(row for row in rows if (row["name"], row["database"], row["tasks"]) == beside)
            what = f"Records per CPU second against {peer}, {database}, {theirs['tasks']:,} tasks"
            ratios += [
                Ratio(what, _rate(ours) / _rate(theirs), _BAR, at_most=False, unit=" x"),
                Ratio(f"{what}, once loaded", _loaded_rate(ours) / _loaded_rate(theirs), None, unit=" x"),
            ]
    head = ["", "tasks there", "tasks loaded", "records loaded", "s", "CPU s", "loading", "records/s"]
    head += ["records/CPU s", "peak MiB"]
    cells = [
        [
            _label(row),
            f"{row['tasks']:,}",
            f"{row['loaded']['tasks']:,}",
            f"{_records(row):,}",
            f"{row['seconds']:.1f}",
            f"{row['cpu_seconds']:.1f}",
            f"{row['loading_cpu_seconds']:.1f}",
            f"{_records(row) / row['seconds']:,.0f}",
            f"{_rate(row):,.0f}",
            f"{row['peak_mib']:,.0f}",
        ]
        for row in rows
    ]
    labels = [f"{_label(row)}, {row['tasks']:,} tasks" for row in rows]
    rates = {"": [_rate(row) for row in rows]}
    return Told(
        [_INTRODUCTION, table(head, cells), _MISSED],
        ratios,
        Chart("Records per CPU second", "records per CPU second", labels, rates, logarithmic=True),
    )


def _records(row: Mapping[str, Any]) -> int:
    return sum(row["loaded"].values())


def _rate(row: Mapping[str, Any]) -> float:
    seconds: float = row["cpu_seconds"]
    return _records(row) / seconds


def _loaded_rate(row: Mapping[str, Any]) -> float:
    seconds: float = row["cpu_seconds"] - row["loading_cpu_seconds"]
    return _records(row) / seconds


def _label(row: Mapping[str, Any]) -> str:
    return f"{row['name']}, {_DATABASES[row['database']]}"


_INTRODUCTION = """\
Contacts, folders and tasks are loaded into an empty database, by a process of its own each, from a Wrike without
limit and latency. Everything counts from the start of the process to its end, imports too; the CPU time of
PostgreSQL and of the local Wrike does not. What it takes to load the program is given too (`loading`; of Airbyte's two
programs PyAirbyte): a worker of Airflow has loaded the connector once, and forks its tasks. The connector's process
ends as Airflow ends that of a task, without the interpreter's shutdown, which would take 0.6 CPU seconds more; the
others end as they do. Records are those that are in the database in the end. Into DuckDB the `rest_api` source loads a
smaller account: for the larger one it would need more memory than many machines have. Answers that hold what is
declared, and nothing else, are parsed straight to columns; what it costs when each page holds fields that the
connector does not know, and keeps, has a line of its own. Each has an environment of its own, with the versions that
[environments.py](../include/bench/environments.py) names."""

_MISSED = """What the peers miss:

* The `rest_api` source ([as a user would write it](../include/bench/peers/rest_api.py)) reads everything anew each
  time: its cursor could be made incremental, but then pages that move while they are read lose records without a
  sign. What was deleted stays; what is in the recycle bin and people who were removed are not read; custom fields
  keep what type the first values have; the request limit is met by being refused.
* `airbyte-source-wrike` reads the first page of tasks only (it looks for the token of the next page in the last
  record), without custom fields, assignees or anything else that has to be asked for, and folders as the tree,
  without dates. It has no incremental streams, takes no OAuth grant, and runs on Python 3.10 only."""

PART = Part(3, "throughput", "Records per CPU second, beside what people use instead", measure, tell)
