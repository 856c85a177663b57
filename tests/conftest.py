"""What several test modules share: a running Airflow and a running local Wrike, each started once and only if used.

Nothing heavy is imported here: collecting unit tests must stay fast.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

    from include.local.airflow import Airflow
    from include.local.redis import RedisServer
    from include.sandbox.client import SandboxClient
    from wrike_provider.teams import Team

ROOT = Path(__file__).parents[1]
LONG = ("cluster", "web", "browser", "local", "deploy", "bench", "operators")
"""Folders of tests that take long: they begin first, so that no process waits for another one in the end."""
SHARED = "airflow"
AT_AIRFLOW = {
    *(f"browser/test_{name}.py" for name in ("connector", "login")),
    *(f"integration/test_{name}.py" for name in ("backfill", "deletions", "sync", "unhappy")),
    *(f"local/test_{name}.py" for name in ("airflow", "rest", "sample")),
    *(f"web/test_{name}.py" for name in ("authorize", "broker", "page", "routes", "several_servers")),
}
"""Modules that use `local_airflow`."""

QUIET = {
    "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
}
"""Settings of an Airflow that does only what a test asks for: nothing runs by schedule, no file is parsed again."""

_at_airflow = contextlib.ExitStack()

# Importing Airflow makes a folder in its home: not in the user's.
_IMPORT_HOME = tempfile.TemporaryDirectory(prefix="wrike-airflow-")
os.environ["AIRFLOW_HOME"] = _IMPORT_HOME.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        if _scope(item.nodeid) == SHARED:
            return 0
        return 1 if item.path.relative_to(ROOT).parts[1] in LONG else 2

    items.sort(key=turn)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Give each process whole modules, and those that share an Airflow to one, so that it starts once."""
    from xdist.scheduler import LoadFileScheduling

    class ByAirflow(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _scope(nodeid)

    return ByAirflow(config, log)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Stop the shared Airflow after its last test: at rest it takes a tenth of a processor from all others."""
    if nextitem is None or _scope(nextitem.nodeid) != SHARED:
        _at_airflow.close()


def _scope(nodeid: str) -> str:
    module = nodeid.split("::", 1)[0]
    return SHARED if module.removeprefix("tests/") in AT_AIRFLOW else module


@pytest.fixture(scope="session")
def teams_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The variables file that `local_airflow` reads: a copy of the sample one, to be changed at will."""
    path = tmp_path_factory.mktemp("teams") / "teams.yaml"
    shutil.copyfile(ROOT / "include" / "teams.yaml", path)
    return path


@pytest.fixture(scope="session")
def staging_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the DuckDB file of `local_airflow`'s Connection `wrike_staging` will be."""
    return tmp_path_factory.mktemp("staging") / "staging.duckdb"


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """The local Wrike with its two sample accounts, running as a process of its own."""
    from include.local.wrike import local_wrike

    with local_wrike(tmp_path_factory.mktemp("wrike") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis."""
    from include.local.redis import local_redis

    with local_redis() as running:
        yield running


@pytest.fixture(scope="session")
def local_airflow(tmp_path_factory: pytest.TempPathFactory, teams_file: Path) -> Airflow:
    """Airflow (API server, scheduler, DAG processor) in a temporary home, without Connections or Variables.

    Its database is a PostgreSQL: in SQLite, asking for a backfill while tasks run can fail, and takes the scheduler
    along. Its `api` is a client logged in as administrator; there are also users named after the roles op, user and
    viewer.
    """
    from include.local.airflow import Airflow
    from include.local.home import AirflowHome
    from include.local.postgres import local_postgres

    settings = {
        **QUIET,
        # Tests change the file.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "WRIKE_TEAMS_FILE": str(teams_file),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,op:op,user:user,viewer:viewer",
    }
    postgres = _at_airflow.enter_context(local_postgres())
    postgres.create_database("airflow")
    home = AirflowHome(tmp_path_factory.mktemp("airflow"), settings=settings, database=postgres.url("airflow"))
    return _at_airflow.enter_context(Airflow(home, preferred_port=0))


@pytest.fixture(autouse=True)
def components_run(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test after which a component of the shared Airflow is gone, with the end of that component's log."""
    yield
    if "local_airflow" in request.fixturenames:
        request.getfixturevalue("local_airflow").check()


@pytest.fixture(scope="session")
def sample_teams(local_airflow: Airflow, sandbox: SandboxClient, staging_path: Path, teams_file: Path) -> list[Team]:
    """The sample teams, ready to sync from `sandbox` into `staging_path` on `local_airflow`.

    Connections and pool are made, the endpoints' switches are on, the DAGs are read and not paused.
    """
    from include.local import sample

    teams = sample.sample_teams(sandbox, teams_file)
    sample.connect(local_airflow, sandbox, teams, staging_path)
    sample.wait_for_dags(local_airflow, teams)
    for team in teams:
        local_airflow.api.set_variable(team.switch, "true")
        local_airflow.api.set_paused(team.dag_id, False)
    return teams
