"""The sandbox that is read, the databases that are written, and how a measured process is told of them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from include.bench.measure import Cost, run
from include.local.home import ROOT
from include.local.ports import LOOPBACK
from include.local.postgres import Postgres
from include.sandbox.client import SandboxClient, running_sandbox

ACCOUNT = "aurora"
PAGE = 1000
CUSTOM_FIELDS = 10
VOLUME = ("tasks", "folders", "contacts")
"""The entities whose sizes the benchmark names, in the order in which Airflow starts their tasks."""


@dataclass(frozen=True)
class Sizes:
    """How much the account holds.

    Attributes:
        tasks: tasks, each with ten custom fields
        folders: folders and projects
        contacts: people
    """

    tasks: int
    folders: int
    contacts: int

    @classmethod
    def of(cls, tasks: float) -> Sizes:
        """Return the sizes that go with a number of tasks: of 100,000 they are 10,000 folders and 500 contacts."""
        number = max(20, round(tasks))
        return cls(number, max(20, number // 10), max(10, min(500, number // 20)))

    def arguments(self, related: int = 100) -> list[str]:
        """Return the sandbox's arguments for one account of these sizes.

        Args:
            related: for how many tasks there are time entries, comments and the like
        """
        return [
            *("--accounts", "1", "--tasks", str(self.tasks), "--folders", str(self.folders)),
            *("--contacts", str(self.contacts), "--custom-fields", str(CUSTOM_FIELDS), "--related", str(related)),
        ]


@dataclass(frozen=True)
class Synced:
    """One sync by the connector.

    Attributes:
        cost: of the process
        loading_cpu_seconds: what of that went into loading the program
        began: when the entities were begun, by the clock that all processes of the machine share
        ended: when they were done
        results: what it did with each entity, as the task tells it
    """

    cost: Cost
    loading_cpu_seconds: float
    began: float
    ended: float
    results: list[dict[str, Any]]

    @property
    def records(self) -> int:
        """Records read."""
        return sum(result["read"] for result in self.results)

    @property
    def requests(self) -> int:
        """Requests made."""
        return sum(result["requests"] for result in self.results)


class Connector:
    """The connector, synced by processes of its own.

    Args:
        wrike: the sandbox
        staging: the staging Connection, as Airflow reads it from the environment
        folder: where its files are; empty at first
        unlimited: whether it may ask faster than Wrike's request limit allows
    """

    def __init__(self, wrike: SandboxClient, staging: dict[str, Any], folder: Path, *, unlimited: bool = False) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._account = folder / "account.json"
        (account,) = wrike.records(ACCOUNT, "account")
        self._account.write_text(json.dumps(account))
        self._unlimited = unlimited
        team = {"conn_type": "wrike", "host": wrike.url, "extra": {"token": wrike.token(ACCOUNT)}}
        self._environment = {
            **environment(),
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW_CONN_WRIKE_TEAM": json.dumps(team),
            "AIRFLOW_CONN_WRIKE_STAGING": json.dumps(staging),
        }

    def sync(self, *entities: str, at_once: bool = False) -> Synced:
        """Sync entities; raises CommandFailedError when one fails.

        Args:
            entities: the entities; none: all
            at_once: each in a process of its own, as a worker forks the tasks of a DAG, instead of one after the other
        """
        command = [sys.executable, "-m", "include.bench.engine"]
        name = "-".join(entities) or "all"
        command += ["--account", str(self._account), "--states", str(self._folder / f"{name}.json")]
        command += [*(["--unlimited"] if self._unlimited else []), *(["--at-once"] if at_once else []), *entities]
        cost, output = run(command, self._environment, self._folder / f"{name}.log", cwd=ROOT)
        return Synced(cost, **json.loads(output.splitlines()[-1]))


def environment() -> dict[str, str]:
    """Return this process's environment without what would send a request elsewhere or report usage."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"DO_NOT_TRACK": "1", "RUNTIME__DLTHUB_TELEMETRY": "false"}


def duckdb_connection(file: Path) -> dict[str, Any]:
    """Return the staging Connection of a DuckDB file."""
    return {"conn_type": "duckdb", "host": str(file)}


def postgres_connection(server: Postgres, database: str) -> dict[str, Any]:
    """Return the staging Connection of a database of a PostgreSQL server."""
    return {
        "conn_type": "postgres",
        "host": LOOPBACK,
        "port": server.port,
        "login": "postgres",
        "password": server.password,
        "schema": database,
    }


@contextmanager
def https_sandbox(sizes: Sizes, folder: Path) -> Iterator[tuple[str, Path]]:
    """Run a sandbox that speaks HTTPS only, with a certificate of an authority of its own.

    Args:
        sizes: how much its account holds
        folder: where its files are

    Returns:
        host and port, and the file with the authority's certificate
    """
    authority = trustme.CA()
    certificate, trusted = folder / "server.pem", folder / "authority.pem"
    authority.issue_cert(LOOPBACK).private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(trusted))
    with running_sandbox(*sizes.arguments(), "--rate-limit", "0", "--certificate", str(certificate)) as wrike:
        yield wrike.url.removeprefix("https://"), trusted
