"""Runs of teams on the real Airflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from include.local.compare import ENTITIES, Staged, differences, wrike_records
from include.local.sample import wait_for_dags

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

RUN_S = 180.0


def all_tasks(sandbox: SandboxClient) -> list[dict[str, Any]]:
    """Tasks that a sync reads: those in the recycle bin too, but for the subtasks there, which Wrike does not list."""
    binned = sandbox.records("aurora", "tasks", trashed=True)
    return sandbox.records("aurora", "tasks") + [task for task in binned if not task.get("superTaskIds")]


@dataclass
class Ran:
    """A run that has ended.

    :param state: state of the run.
    :param tasks: state of each task.
    :param log: reads the log of a task's first try.
    """

    state: str
    tasks: dict[str, str | None]
    log: Callable[[str], str] = field(repr=False)

    def row(self, entity: str) -> list[str]:
        """The entity's row of the summary's table: outcome, read, new, changed, gone, requests."""
        lines = [line.split() for line in self.log("summary").splitlines()]
        return next(line[1:7] for line in lines if line[:1] == [entity])


@dataclass(frozen=True)
class Team:
    """A team that was added to the variables file."""

    name: str

    @property
    def dag_id(self) -> str:
        return f"wrike_{self.name}"


@pytest.fixture(scope="session")
def run(local_airflow: Airflow) -> Callable[..., Ran]:
    """Trigger a DAG and wait for the end."""

    def go(dag_id: str, **conf: Any) -> Ran:
        api = local_airflow.api
        run_id = api.trigger(dag_id, conf)
        state = api.wait({dag_id: run_id}, RUN_S, lambda *_: local_airflow.check())[dag_id]
        tasks = {task.task_id: task.state for task in api.task_instances(dag_id, run_id)}
        return Ran(state, tasks, lambda task_id: api.log(dag_id, run_id, task_id))

    return go


@pytest.fixture
def add_team(local_airflow: Airflow, teams_file: Path) -> Iterator[Callable[..., Team]]:
    """Add a team to the variables file, with the Connections it needs; all are taken away again afterwards."""
    before = teams_file.read_text()
    made: list[str] = []

    def add(name: str, connection: dict[str, Any] | None, **fields: Any) -> Team:
        from include.local.rest import Connection

        team = Team(name)
        if connection is not None:
            local_airflow.api.set_connection(Connection(team.dag_id, "wrike", **connection))
            made.append(team.dag_id)
        content = yaml.safe_load(teams_file.read_text())
        content["teams"].append({"name": name, "schedule": None, "endpoint": "eu1", **fields})
        teams_file.write_text(yaml.safe_dump(content))
        wait_for_dags(local_airflow, [team])  # type: ignore[list-item]
        local_airflow.api.set_paused(team.dag_id, False)
        return team

    yield add
    teams_file.write_text(before)
    for connection_id in made:
        local_airflow.api.delete_connection(connection_id)


@pytest.fixture(scope="session")
def unequal() -> Callable[..., list[str]]:
    """Compare staging with the sandbox, by rules written apart from the connector."""

    def compare(staging: Path, schema: str, sandbox: SandboxClient, account: str, *but: str) -> list[str]:
        import duckdb

        with duckdb.connect(str(staging), read_only=True) as database:
            staged = Staged(database, schema)
            return [
                str(difference)
                for entity in ENTITIES
                if entity not in but
                for difference in differences(staged, entity, wrike_records(sandbox, account, entity))
            ]

    return compare
