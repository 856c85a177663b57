"""Airflow as docker-compose.yaml runs it, but no containers: two Celery workers of which one is lost, several teams."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import psutil
import pytest
import yaml

from include.local.compare import ENTITIES, Staged, differences, wrike_records
from include.local.ports import LOOPBACK
from tests.conftest import QUIET
from tests.waiting import wait_until

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.local.redis import RedisServer
    from include.local.rest import TaskInstance
    from include.sandbox.client import SandboxClient
    from tests.staging.databases import PostgresDatabase

KILLS = int(os.environ.get("WRIKE_KILLS", "1"))
"""How often a worker is lost, each time while everything is read into empty staging."""
LIFETIME_S = 15
"""How long access tokens live: they end while teams are read."""
RUN_S = 400.0
SOME = ("contacts", "groups", "custom_fields", "folders", "tasks", "comments", "timelogs")
ENDED = ("success", "skipped", "failed", "upstream_failed")
TEAMS: dict[str, tuple[str, ...]] = {"aurora": ENTITIES, "borealis": SOME, "cygnus": SOME}
"""The teams and what is taken of them; the first one is authorised by OAuth."""
SETTINGS = {
    **QUIET,
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": "3",
    # As docs/cluster.md has them, but in more of a hurry.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": '{"imports": ["wrike_provider.preloaded"]}',
    "AIRFLOW__WRIKE__LIMITS_CONNECTION_ID": "wrike_limits",
    "AIRFLOW__WRIKE__OUTGOING_ADDRESS": "one",
}


@dataclass(frozen=True)
class Cluster:
    """What runs."""

    airflow: Airflow
    wrike: SandboxClient
    staging: PostgresDatabase
    secrets: list[str] = field(repr=False)

    def tasks(self, runs: dict[str, str]) -> dict[tuple[str, str], TaskInstance]:
        """All tasks of the runs."""
        return {
            (dag_id, task.task_id): task
            for dag_id, run_id in runs.items()
            for task in self.airflow.api.task_instances(dag_id, run_id)
        }

    def logs(self, worker: int, dag_id: str, run_id: str, task_id: str) -> list[str]:
        """Names of the logs of a task's tries that a worker has."""
        folder = self.airflow.worker_home(worker) / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}"
        return sorted(path.name for path in (folder / f"task_id={task_id}").glob("*.log"))

    def at_work(self, tasks: dict[tuple[str, str], TaskInstance]) -> dict[int, set[tuple[str, str]]]:
        """Those of the tasks that run, by the number of the worker."""
        # A log would not tell: a message that is delivered twice leaves one with the other worker too.
        pids = {number: self.airflow.worker_pids(number) for number in (1, 2)}
        return {
            number: found
            for number, known in pids.items()
            if (found := {name for name, task in tasks.items() if task.state == "running" and task.pid in known})
        }


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[Cluster]:
    from include.local.airflow import COMMANDS, Airflow
    from include.local.compose import services
    from include.local.env import complete
    from include.local.home import AirflowHome
    from include.local.postgres import local_postgres
    from include.local.wrike import local_wrike
    from tests.staging.databases import PostgresDatabase

    folder = tmp_path_factory.mktemp("cluster")
    teams_file = folder / "teams.yaml"
    teams = [
        {"name": name, "endpoint": "eu1", "schedule": None, "entities": {"include": list(entities)}}
        for name, entities in TEAMS.items()
    ]
    teams_file.write_text(yaml.safe_dump({"teams": teams}))
    wanted = ("--address-limit", "--accounts", str(len(TEAMS)), "--tasks", "80", "--token-lifetime", str(LIFETIME_S))
    with local_postgres() as postgres, local_wrike(folder / "wrike.log", *wanted) as wrike:
        postgres.create_database("airflow")
        home = AirflowHome(
            folder / "airflow",
            settings={**SETTINGS, "WRIKE_TEAMS_FILE": str(teams_file)},
            database=postgres.url("airflow"),
            broker=redis_server.url(0),
        )
        secrets_file = folder / ".env"
        secrets_file.write_text(complete("")[0])
        composed = services(secrets_file)
        commands = {name: composed[name]["command"] for name in COMMANDS}
        with Airflow(home, preferred_port=0, workers=2, commands=commands) as airflow:
            staging = PostgresDatabase.make(postgres)
            secrets = [postgres.password, redis_server.password, *(wrike.token(name) for name in TEAMS)]
            running = Cluster(airflow, wrike, staging, secrets)
            connect(running, redis_server)
            yield running


def connect(cluster: Cluster, limits: RedisServer) -> None:
    """Make all Connections, and let the teams' DAGs run."""
    from include.local.rest import Connection
    from include.local.sample import authorize, wait_for_dags
    from wrike_provider.teams import Team

    api, wrike = cluster.airflow.api, cluster.wrike
    place = cluster.staging.as_connection()
    api.set_connection(Connection("wrike_staging", **place))
    api.set_connection(
        Connection("wrike_limits", "redis", host=LOOPBACK, port=limits.port, password=limits.password, extra={"db": 1})
    )
    wrike.register_redirect_uri(f"{cluster.airflow.url}/wrike/callback")
    for name, app in wrike.accounts().items():
        if name == next(iter(TEAMS)):
            secret = {"login": app["client_id"], "password": app["client_secret"], "extra": {"login_url": wrike.url}}
            api.set_connection(Connection(f"wrike_{name}", "wrike", **secret))
            authorize(cluster.airflow, wrike, f"wrike_{name}")
        else:
            extra = {"token": wrike.token(name)}
            api.set_connection(Connection(f"wrike_{name}", "wrike", host=wrike.url, extra=extra))
    api.set_variable("wrike_enabled__eu1", "true")
    teams = [Team(name=name, endpoint="eu1") for name in TEAMS]
    wait_for_dags(cluster.airflow, teams)
    for team in teams:
        api.set_paused(team.dag_id, False)


def wait_for(cluster: Cluster, runs: dict[str, str], share: float) -> dict[int, set[tuple[str, str]]]:
    """Wait until a share of the tasks has ended; return which ones run, by the number of the worker."""

    def look() -> dict[int, set[tuple[str, str]]] | None:
        tasks = cluster.tasks(runs)
        ended = sum(task.state in ENDED for task in tasks.values())
        return cluster.at_work(tasks) if ended >= share * len(tasks) else None

    return wait_until(look, f"the end of {share:.0%} of the tasks", RUN_S)


def unequal(cluster: Cluster, name: str) -> list[str]:
    """What differs between staging and Wrike, by rules written apart from the connector."""
    with cluster.staging.open(f"wrike_{name}") as database:
        staged = Staged(database, f"wrike_{name}")
        return [
            str(found)
            for entity in TEAMS[name]
            for found in differences(staged, entity, wrike_records(cluster.wrike, name, entity))
        ]


def crowded(cluster: Cluster) -> list[list[str]]:
    """What came within a second before each request that Wrike refused with 429."""
    came = sorted(cluster.wrike.requests(), key=lambda request: float(request["seconds"]))
    return [
        [
            f"{request['seconds'] - refused['seconds']:.3f} s {request['account']} {request['path']}"
            for request in came
            if 0 <= refused["seconds"] - request["seconds"] <= 1
        ]
        for refused in came
        if refused["status"] == HTTPStatus.TOO_MANY_REQUESTS
    ]


def forget(cluster: Cluster) -> None:
    """Empty staging and the log of Wrike."""
    with cluster.staging.open("public") as database:
        for name in TEAMS:
            database.execute(f"DROP SCHEMA IF EXISTS wrike_{name} CASCADE")
    cluster.wrike.forget_requests()


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_worker_is_lost_in_the_middle(cluster: Cluster, kill: int) -> None:
    forget(cluster)
    chance = random.SystemRandom()
    share = chance.uniform(0.05, 0.75)
    began = time.monotonic()
    runs = {f"wrike_{name}": cluster.airflow.api.trigger(f"wrike_{name}") for name in TEAMS}
    busy = wait_for(cluster, runs, share)
    victim = chance.choice(list(busy))
    lasted = time.monotonic() - began
    cluster.airflow.kill_worker(victim)
    after = cluster.tasks(runs)
    # Some may have ended in between.
    lost = {name for name in busy[victim] if after[name].state == "running"}
    states = cluster.airflow.api.wait(runs, RUN_S)
    sys.stdout.write(
        f"worker {victim} was killed after {lasted:.0f} s, {share:.0%} of the tasks done, with {sorted(lost)}; "
        f"all was done {time.monotonic() - began - lasted:.0f} s later\n"
    )
    assert states == dict.fromkeys(runs, "success")
    ended = cluster.tasks(runs)
    assert {task.state for task in ended.values()} == {"success"}
    for dag_id, task_id in lost:
        assert ended[dag_id, task_id].try_number > 1
        tried_again = f"attempt={ended[dag_id, task_id].try_number}.log"
        assert tried_again in cluster.logs(3 - victim, dag_id, runs[dag_id], task_id), "by the other worker"
    assert {name: unequal(cluster, name) for name in TEAMS} == {name: [] for name in TEAMS}
    cluster.airflow.start_worker(victim)
    seen = cluster.wrike.stats()
    assert crowded(cluster) == []
    assert seen["refresh"] >= 1
    assert seen["dead_refresh"] == 0


def test_the_limit_is_kept_in_redis_only(cluster: Cluster) -> None:
    assert list(cluster.airflow.home.path.rglob("wrike_limits")) == []


def test_no_secret_is_on_a_command_line_or_in_a_log(cluster: Cluster) -> None:
    secrets = [*cluster.secrets, *cluster.wrike.issued()]
    running = [process for pid in cluster.airflow.pids for process in psutil.Process(pid).children(recursive=True)]
    assert len(running) > 6
    shown = [path.read_text(errors="replace") for path in cluster.airflow.home.path.rglob("*.log")]
    for process in running:
        # One that has ended meanwhile shows nothing.
        with contextlib.suppress(psutil.NoSuchProcess):
            shown.append(" ".join(process.cmdline()))
    public = "\n".join(shown)
    assert [secret[:4] for secret in secrets if secret in public] == []
