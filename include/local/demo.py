"""The demo: two sample teams synced from a local Wrike through a real Airflow, and a look at what has been staged.

`python -m include.local.demo`; exits with 0 only when the staged rows are what the local Wrike holds and a team whose
endpoint is off is skipped.
"""

import time
from pathlib import Path

import duckdb
from rich.console import Console

from include.local import cli, report
from include.local.airflow import UI_PORT, Airflow
from include.local.compare import ENTITIES, Staged, differences, wrike_records
from include.local.home import ROOT, AirflowHome
from include.local.progress import Progress
from include.local.rest import TaskInstance
from include.local.sample import SampleError, connect, sample_teams, wait_for_dags
from include.local.wrike import local_wrike
from include.sandbox.client import SandboxClient
from wrike_provider.teams import Team

SAMPLE_TEAMS = ROOT / "include" / "sandbox" / "teams.yaml"
_GATE = "feature_enabled"
_RUN_SECONDS = 600.0
_LOG_LINES = 15


def main(console: Console) -> int:
    """Run the demo in this checkout; return its exit code."""
    return demo(console, ROOT / ".airflow")


def demo(console: Console, folder: Path) -> int:
    """Run the demo; return its exit code.

    Args:
        console: where to show it
        folder: where Airflow and the staging file are; they may be there from an earlier demo
    """
    begin = time.monotonic()
    settings = {
        "WRIKE_TEAMS_FILE": str(SAMPLE_TEAMS),
        # Only what the demo asks for runs, so that it can be followed; `make up` keeps the schedules.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }
    home = AirflowHome(folder, settings=settings)
    with local_wrike(home.logs / "wrike.log") as sandbox:
        teams = sample_teams(sandbox, SAMPLE_TEAMS)
        _heading(console, 1, "A local Wrike and a real Airflow")
        console.print(f"  A stand-in for Wrike answers at {sandbox.url}; it holds the accounts of two sample teams.")
        console.print("  Airflow starts (API server, scheduler, DAG processor) ...")
        with Airflow(home) as airflow:
            taken = "" if airflow.port == UI_PORT else f" (port {UI_PORT} is taken)"
            console.print(f"  Airflow runs at {airflow.url}{taken} after {time.monotonic() - begin:.0f} s.")
            code = Demo(console, airflow, sandbox, teams, home.path / "staging.duckdb").run()
    console.print(f"\nTook {time.monotonic() - begin:.0f} s. Everything that was started has been stopped.")
    return code


class Demo:
    """The steps of the demo, on a running Airflow and a running sandbox.

    Args:
        console: where to show what happens
        airflow: Airflow, with the DAGs of the teams
        sandbox: the local Wrike, with an account for every team
        teams: the teams to sync; the last one is the one that is switched off
        staging: the DuckDB file; made when missing
    """

    def __init__(
        self, console: Console, airflow: Airflow, sandbox: SandboxClient, teams: list[Team], staging: Path
    ) -> None:
        self._console = console
        self._airflow = airflow
        self._api = airflow.api
        self._sandbox = sandbox
        self._teams = teams
        self._staging = staging

    def run(self) -> int:
        """Go through all steps; return 0 when everything is as it should be, else 1."""
        self._connect()
        good = self._sync() and self._show_and_compare() and self._switch_off()
        self._console.print()
        if good:
            self._console.print("[bold green]The demo has done what it should.[/]")
        else:
            self._console.print("[bold red]The demo has failed[/], see above.")
        self._tell_where()
        return 0 if good else 1

    def _connect(self) -> None:
        _heading(self._console, 2, "Connections, switches, DAGs")
        if foreign := connect(self._airflow, self._sandbox, self._teams, self._staging):
            raise SampleError(
                f"Airflow has Connections that the demo has not made: {', '.join(foreign)}. "
                "Remove them, or remove everything with `make clean`."
            )
        for team in self._teams:
            self._api.set_variable(team.switch, "true")
        wait_for_dags(self._airflow, self._teams)
        for team in self._teams:
            self._api.end_unfinished_runs(team.dag_id)
            self._api.set_paused(team.dag_id, False)
            self._console.print(
                f"  Team [bold]{team.name}[/]: Connection {team.connection_id}, {self._credentials(team)}; "
                f"DAG {team.dag_id}; endpoint {team.endpoint}, whose switch {team.switch} is true.",
                soft_wrap=True,
            )

    def _credentials(self, team: Team) -> str:
        extra = self._api.connection_extra(team.connection_id)
        return "permanent token" if "token" in extra else f"authorised in the local Wrike as {extra['authorized_user']}"

    def _sync(self) -> bool:
        _heading(self._console, 3, "Airflow syncs both teams")
        runs = {team.dag_id: self._api.trigger(team.dag_id) for team in self._teams}
        shown: set[tuple[str, str, int]] = set()
        with Progress(self._console, {team.dag_id: team.name for team in self._teams}) as progress:

            def update(dag_id: str, tasks: list[TaskInstance]) -> None:
                progress.update(dag_id, tasks)
                for task in tasks:
                    this_try = (dag_id, task.task_id, task.try_number)
                    if task.state in ("failed", "up_for_retry") and this_try not in shown:
                        shown.add(this_try)
                        self._show_failure(dag_id, runs[dag_id], task)

            states = self._api.wait(runs, _RUN_SECONDS, update)
        return set(states.values()) == {"success"}

    def _show_and_compare(self) -> bool:
        with duckdb.connect(str(self._staging), read_only=True) as database:
            _heading(self._console, 4, "What has been staged: one schema a team, one table an entity or list")
            counts = {team.staging_schema: report.row_counts(database, team.staging_schema) for team in self._teams}
            report.show_counts(self._console, counts)
            _heading(
                self._console, 5, "A question to the rows: the active tasks with most money on them, and whose they are"
            )
            report.show_query(self._console, database, [team.staging_schema for team in self._teams])
            _heading(self._console, 6, "Is it all there? Every record and value, compared with the local Wrike")
            unequal = [team for team in self._teams if not self._equal(database, team)]
            return not unequal

    def _equal(self, database: duckdb.DuckDBPyConnection, team: Team) -> bool:
        staged = Staged(database, team.staging_schema)
        total = 0
        good = True
        for entity in ENTITIES:
            records = wrike_records(self._sandbox, team.name, entity)
            total += len(records)
            for difference in differences(staged, entity, records):
                good = False
                self._console.print(f"  {team.name}: {difference}", style="red", markup=False, soft_wrap=True)
        if good:
            self._console.print(
                f"  [green]{team.name}: all {total:,} records of {len(ENTITIES)} entities are equal.[/]"
            )
        return good

    def _switch_off(self) -> bool:
        team = self._teams[-1]
        _heading(self._console, 7, f"The endpoint {team.endpoint} is turned off: {team.name} is skipped")
        self._api.set_variable(team.switch, "false")
        try:
            self._sandbox.forget_requests()
            run_id = self._api.trigger(team.dag_id)
            state = self._api.wait({team.dag_id: run_id}, _RUN_SECONDS)[team.dag_id]
            tasks = self._api.task_instances(team.dag_id, run_id)
            requests = len(self._sandbox.requests())
        finally:
            self._api.set_variable(team.switch, "true")
        report.show_tasks(self._console, tasks)
        self._console.print(f"  Requests that reached the local Wrike: {requests}. The endpoint is on again.")
        good = state == "success" and requests == 0
        for task in tasks:
            good = good and task.state == ("success" if task.task_id == _GATE else "skipped")
        if not good:
            self._console.print(f"  The run ended as {state}; every task after {_GATE} should be skipped.", style="red")
        return good

    def _show_failure(self, dag_id: str, run_id: str, task: TaskInstance) -> None:
        self._console.print(f"  {dag_id}, {task.task_id} did not succeed. The end of its log:", style="red")
        log = self._api.log(dag_id, run_id, task.task_id, task.try_number).splitlines()
        for line in log[-_LOG_LINES:]:
            self._console.print(f"    {line}", markup=False, soft_wrap=True)

    def _tell_where(self) -> None:
        team = self._teams[0]
        shown = self._staging.relative_to(ROOT) if self._staging.is_relative_to(ROOT) else self._staging
        query = f"FROM {team.staging_schema}.tasks SELECT title, status LIMIT 5"
        for line in (
            "",
            f"The rows are in the DuckDB file {shown}. To ask it something:",
            f"  .venv/bin/python -c \"import duckdb; duckdb.connect('{shown}', read_only=True).sql('{query}').show()\"",
            "To look around in Airflow's own pages: make up",
            "To go on with a real Wrike account: README.md",
        ):
            self._console.print(line, markup=False, soft_wrap=True)


def _heading(console: Console, number: int, text: str) -> None:
    console.print(f"\n[bold]{number}. {text}[/]")


if __name__ == "__main__":
    cli.run(main)
