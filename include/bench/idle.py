"""Airflow's own share: syncs that find nothing to do, on a real Airflow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy
import yaml

from include.bench.charts import Chart
from include.bench.measure import cpu_seconds
from include.bench.part import Part, Ratio, Result, Told, table
from include.bench.world import postgres_connection
from include.local.airflow import Airflow
from include.local.home import AirflowHome
from include.local.ports import LOOPBACK
from include.local.postgres import Postgres, local_postgres
from include.local.redis import RedisServer, local_redis
from include.local.rest import Connection
from include.local.sample import STAGING_CONNECTION, wait_for_dags
from include.local.waiting import wait_until
from include.sandbox.client import SandboxClient, running_sandbox
from wrike_provider.teams import Team, read_teams

TEAMS = 50
WORKERS = 2
SLOTS = 2
TASKS = 300
_RUN_SECONDS = 3600.0
_REST_SECONDS = 10.0
_POLL_SECONDS = 0.5
_BAR_SECONDS, _BAR_CPU_SECONDS = 20, 15
_DATABASE = "airflow"
_STAGING = "staging"
_LIMITS = "wrike_limits"
_CALLS = """
SELECT sum(s.calls) FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid WHERE d.datname = :name
"""
_COUNTED = ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=top")


@dataclass(frozen=True)
class _Stage:
    """What runs while it is measured."""

    airflow: Airflow
    server: Postgres
    teams: Sequence[Team]

    def run(self, teams: Sequence[Team]) -> dict[str, Any]:
        """Run the DAGs of teams to their end, and count; raises RuntimeError when one fails."""
        self._forget()
        busy, began = cpu_seconds(self.airflow.pids), time.monotonic()
        runs = {team.dag_id: self.airflow.api.trigger(team.dag_id) for team in teams}
        self._wait()
        seconds, busy = time.monotonic() - began, cpu_seconds(self.airflow.pids) - busy
        queries = self._queries()
        states = {dag_id: self.airflow.api.run_state(dag_id, run_id) for dag_id, run_id in runs.items()}
        if failed := sorted(dag_id for dag_id, state in states.items() if state != "success"):
            raise RuntimeError(f"Runs failed: {', '.join(failed)}; see {self.airflow.home.logs}")
        return {"teams": len(teams), "seconds": seconds, "cpu_seconds": busy, "queries": queries}

    def rest(self) -> dict[str, Any]:
        """Count what Airflow does while nothing runs, a second."""
        self._forget()
        busy, began = cpu_seconds(self.airflow.pids), time.monotonic()
        time.sleep(_REST_SECONDS)
        seconds = time.monotonic() - began
        return {
            "cpu_seconds": (cpu_seconds(self.airflow.pids) - busy) / seconds,
            "queries": self._queries() / seconds,
        }

    def _wait(self) -> None:
        """Wait until no run is left, with one question for all of them: what is asked costs Airflow time too."""

        def look() -> bool:
            self.airflow.check()
            runs = self.airflow.api.get("/dags/~/dagRuns", state=["queued", "running"], limit=1)
            return not runs["total_entries"]

        def late() -> TimeoutError:
            return TimeoutError(f"The runs have not ended after {_RUN_SECONDS:.0f} s.")

        wait_until(look, _RUN_SECONDS, late, _POLL_SECONDS)

    def _forget(self) -> None:
        self.server.execute("SELECT pg_stat_statements_reset()")

    def _queries(self) -> int:
        engine = sqlalchemy.create_engine(self.server.url())
        try:
            with engine.connect() as connection:
                return int(connection.scalar(sqlalchemy.text(_CALLS), {"name": _DATABASE}) or 0)
        finally:
            engine.dispose()


def measure(size: float, folder: Path) -> Result:
    """Sync teams once, then again when nothing has changed: one alone, and all at once."""
    number = max(2, round(TEAMS * size))
    with _stage(number, folder) as stage:
        first = stage.run(stage.teams)
        rest = stage.rest()
        one = stage.run(stage.teams[:1])
        every = stage.run(stage.teams)
    return {"workers": WORKERS, "slots": SLOTS, "first": first, "rest": rest, "one": one, "all": every}


@contextmanager
def _stage(number: int, folder: Path) -> Iterator[_Stage]:
    arguments = ("--accounts", str(number), "--tasks", str(TASKS), "--rate-limit", "0")
    with running_sandbox(*arguments) as wrike, local_postgres(*_COUNTED) as server, local_redis() as redis:
        for name in (_DATABASE, _STAGING):
            server.create_database(name)
        server.execute("CREATE EXTENSION pg_stat_statements")
        file = folder / "teams.yaml"
        names = list(wrike.accounts())
        entries = [
            {"name": name, "account_name": name.title(), "schedule": None, "reconcile": "never"} for name in names
        ]
        file.write_text(yaml.safe_dump({"teams": entries}))
        settings = {
            "WRIKE_TEAMS_FILE": str(file),
            "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(SLOTS),
            "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": '{"imports": ["wrike_provider.preloaded"]}',
            "AIRFLOW__WRIKE__LIMITS_CONNECTION_ID": _LIMITS,
            # As Airflow has it by default: what parsing costs meanwhile is no part of a sync.
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
        }
        home = AirflowHome(folder / "home", settings=settings, database=server.url(_DATABASE), broker=redis.url(0))
        with Airflow(home, preferred_port=0, workers=WORKERS, own_addresses=True) as airflow:
            teams = read_teams(file).teams
            airflow.api.set_connection(_limits(redis))
            _connect(airflow, wrike, server, teams)
            yield _Stage(airflow, server, teams)


def _limits(redis: RedisServer) -> Connection:
    return Connection(_LIMITS, "redis", host=LOOPBACK, port=redis.port, password=redis.password, extra={"db": 1})


def _connect(airflow: Airflow, wrike: SandboxClient, server: Postgres, teams: Sequence[Team]) -> None:
    staging = postgres_connection(server, _STAGING)
    airflow.api.set_connection(Connection(STAGING_CONNECTION, **staging))
    for team in teams:
        extra = {"token": wrike.token(team.name)}
        airflow.api.set_connection(Connection(team.connection_id, "wrike", host=wrike.url, extra=extra))
        airflow.api.set_variable(team.switch, "true")
    wait_for_dags(airflow, teams)
    for team in teams:
        airflow.api.set_paused(team.dag_id, False)


def tell(result: Result) -> Told:
    """Tell a result."""
    one, every, first, rest = (result[name] for name in ("one", "all", "first", "rest"))
    many = every["teams"]
    ratios = [
        Ratio("Seconds of an idle sync of all entities of one team", one["seconds"], _BAR_SECONDS, unit=" s"),
        Ratio("CPU seconds of it", one["cpu_seconds"], _BAR_CPU_SECONDS, unit=" s"),
    ]
    rows = [
        _row("idle sync, one team", one),
        _row(f"idle sync, {many} teams", every),
        _row(f"first sync, {many} teams", first),
        ["Airflow at rest, a second", "1.0", f"{rest['cpu_seconds']:.2f}", f"{rest['queries']:,.0f}", "", ""],
    ]
    chart = Chart(
        "An idle sync of all entities",
        "a team",
        ["one team alone", f"{many} teams at once, a team"],
        {
            "seconds": [one["seconds"], every["seconds"] / many],
            "CPU seconds": [one["cpu_seconds"], every["cpu_seconds"] / many],
        },
    )
    head = ["", "s", "CPU s", "queries", "CPU s a team", "queries a team"]
    return Told([_INTRODUCTION.format(**result), table(head, rows)], ratios, chart)


def _row(label: str, one: dict[str, Any]) -> list[str]:
    seconds, busy, queries = one["seconds"], one["cpu_seconds"], one["queries"]
    return [
        label,
        f"{seconds:.1f}",
        f"{busy:.1f}",
        f"{queries:,}",
        f"{busy / one['teams']:.1f}",
        f"{queries / one['teams']:,.0f}",
    ]


_INTRODUCTION = """\
A real Airflow (API server, scheduler, DAG processor, triggerer, {workers} Celery workers with {slots} tasks each) on
PostgreSQL syncs small accounts into PostgreSQL; the queue and the request limit are in Redis. Once everything, then
again when nothing has changed. The clock runs from the request that triggers the runs to the answer that the last one
has ended; each worker has an outgoing address of its own, whose limit allows 397 requests a minute. CPU seconds are
those of all processes of Airflow, tasks included; queries are the statements that PostgreSQL counted in Airflow's
database. Both contain what Airflow does at rest."""

PART = Part(6, "idle", "Airflow's own share", measure, tell)
