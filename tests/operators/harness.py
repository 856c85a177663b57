"""A task's execution without Airflow around it: the states and XComs of a DAG run are kept in memory."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include.local.compare import ENTITIES, Staged, differences, wrike_records
from include.sandbox.client import SandboxClient
from tests.staging.databases import Database, DuckDB
from wrike_provider.entities import CATALOGUE, entity
from wrike_provider.operators.connect import ACCOUNT_KEY
from wrike_provider.operators.results import Outcome, Result
from wrike_provider.operators.sync import Sync
from wrike_provider.teams import Reconcile

SCHEMA = "wrike_team"
ALL = tuple(declared.name for declared in CATALOGUE)


class State(dict[str, Any]):
    def set(self, key: str, value: Any) -> None:
        # As Airflow keeps it.
        self[key] = json.loads(json.dumps(value))

    def delete(self, key: str) -> None:
        self.pop(key, None)


def task_context(account: Any, notes: State, states: Mapping[Any, State], **others: Any) -> Any:
    """Make the context of a task, in its first try.

    :param account: what `connect` has read.
    :param notes: the state of the task.
    :param states: the states of assets.
    :param others: what is otherwise; of `ti` the attributes.
    """
    ti = {"try_number": 1, "xcom_pull": lambda task_ids, key: {("connect", ACCOUNT_KEY): account}.get((task_ids, key))}
    return {
        "dag_run": SimpleNamespace(run_type="manual"),
        "data_interval_start": None,
        "data_interval_end": None,
        "params": {},
        "task_state_store": notes,
        "asset_state_store": states,
        "outlet_events": defaultdict(SimpleNamespace),
        **others,
        "ti": SimpleNamespace(**{**ti, **others.get("ti", {})}),
    }


class Harness:
    """Syncs entities of one account of a sandbox into a database.

    :param wrike: the sandbox.
    :param folder: where files are.
    :param monkeypatch: sets the Connections.
    :param account: key of the account.
    :param database: where to stage; None: a DuckDB file in the folder.
    """

    def __init__(
        self,
        wrike: SandboxClient,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        account: str = "aurora",
        database: Database | None = None,
    ) -> None:
        self.wrike = wrike
        self.account = account
        self.file = folder / "staging.duckdb"
        self.states: dict[str, State] = {name: State() for name in ALL}
        self.account_told: dict[str, Any] = {}
        """What `connect` has read of the account instead."""
        connection = {"conn_type": "wrike", "host": wrike.url, "extra": {"token": wrike.token(account)}}
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_TEAM", json.dumps(connection))
        self._database = database or DuckDB(self.file)
        monkeypatch.setenv("AIRFLOW_CONN_WRIKE_STAGING", json.dumps(self._database.as_connection()))
        # The limits of requests are kept there.
        monkeypatch.setenv("AIRFLOW_HOME", str(folder))

    def run(
        self,
        *names: str,
        detail_requests: int = 1,
        reconcile: Reconcile = Reconcile.NEVER,
        may_vanish: float = 1.0,
        run_type: str = "manual",
        interval: tuple[datetime, datetime] | None = None,
        **params: Any,
    ) -> dict[str, Result]:
        """Run a task that has these entities.

        :param names: the entities; none: all.
        :param params: params of the run.
        :param detail_requests: as in the variables file; so are `reconcile` and `may_vanish`.
        :param run_type: Airflow's type of the run.
        :param interval: the data interval.
        :raises Exception: an entity failed.
        """
        wanted = names or ALL
        operator = SimpleNamespace(
            team="team",
            assets={name: name for name in wanted},
            wrike_conn_id="wrike_team",
            staging_conn_id="wrike_staging",
            schema=SCHEMA,
            may_vanish=may_vanish,
            reconcile=reconcile,
            detail_requests=detail_requests,
            connect_task_id="connect",
            log=logging.getLogger("wrike_task"),
        )
        start, end = interval or (None, None)
        context = task_context(
            self._account(),
            State(),
            self.states,
            dag_run=SimpleNamespace(run_type=run_type),
            data_interval_start=start,
            data_interval_end=end,
            params=params,
        )
        sync = Sync(operator, context)  # type: ignore[arg-type]
        results = {}
        for name in wanted:
            results[name], failure = sync.entity(entity(name))
            if failure is not None:
                raise failure
        return results

    def blocked(self, *names: str) -> dict[str, str]:
        """Run a task, and say why entities were blocked.

        :param names: the entities; none: all.
        """
        return {name: result.note for name, result in self.run(*names).items() if result.outcome is Outcome.BLOCKED}

    def unequal(self, *names: str) -> list[str]:
        """What differs between staging and Wrike, by rules written apart from the connector.

        :param names: the entities; none: all.
        """
        with self._database.open(SCHEMA) as database:
            staged = Staged(database, SCHEMA)
            return [
                found
                for name in names or ENTITIES
                for found in differences(staged, name, wrike_records(self.wrike, self.account, name))
            ]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run SQL in the staging database.

        :param sql: a statement that has rows; the team's schema is the default one.
        """
        with self._database.open(SCHEMA) as database:
            return database.execute(sql).fetchall()

    def _account(self) -> dict[str, Any]:
        (account,) = self.wrike.records(self.account, "account")
        return {**account, **self.account_told}
