"""The embedded Airflow: private, on the loopback address only, and gone when it is stopped."""

from __future__ import annotations

import contextlib
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import requests

if TYPE_CHECKING:
    from include.local.airflow import Airflow

ROOT = Path(__file__).parents[2]

PARENT = """
import sys, time
from pathlib import Path
from include.local import airflow as module
from include.local.home import AirflowHome
# As if another one had come while this one was loading: the port looks free only at the first look.
looks, real = iter([int(sys.argv[3])]), module.free_port
module.free_port = lambda preferred=0: next(looks, None) or real(preferred)
with module.Airflow(AirflowHome(Path(sys.argv[1]), dags=Path(sys.argv[2]))) as airflow:
    print(airflow.port, airflow.api.dag_ids(), flush=True)
    time.sleep(600)
"""


def processes(airflow: Airflow) -> list[psutil.Process]:
    found = []
    for pid in airflow.pids:
        supervisor = psutil.Process(pid)
        found += [supervisor, *supervisor.children(recursive=True)]
    return found


def test_every_server_listens_on_the_loopback_address_only(local_airflow: Airflow) -> None:
    listening = []
    for process in processes(local_airflow):
        # Airflow's short-lived children end while this looks; an ended process listens nowhere.
        with contextlib.suppress(psutil.NoSuchProcess):
            found = process.net_connections()
            listening += [tuple(one.laddr) for one in found if one.status == psutil.CONN_LISTEN]
    assert listening == [("127.0.0.1", local_airflow.port)]


def test_secrets_are_readable_by_the_owner_only(local_airflow: Airflow) -> None:
    for name in ("airflow.cfg", "passwords.json"):
        assert stat.S_IMODE((local_airflow.home.path / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(local_airflow.home.path.stat().st_mode) == 0o700


def test_secrets_are_neither_on_command_lines_nor_in_environments_nor_in_logs(local_airflow: Airflow) -> None:
    config = (local_airflow.home.path / "airflow.cfg").read_text()
    secrets = [line.partition(" = ")[2] for line in config.splitlines() if " = " in line]
    assert len(secrets) == 3
    secrets.append(local_airflow.home.password())
    shown = [log.read_text() for log in local_airflow.home.logs.glob("*.log")]
    for process in processes(local_airflow):
        # Airflow's short-lived children end while this looks; an ended process shows nothing.
        with contextlib.suppress(psutil.NoSuchProcess):
            shown += [*process.cmdline(), *process.environ().values()]
    public = "\n".join(shown)
    assert [secret for secret in secrets if secret in public] == []


def test_the_api_wants_the_password(local_airflow: Airflow) -> None:
    from include.local.rest import AirflowApi, ApiError

    url = f"http://127.0.0.1:{local_airflow.port}"
    assert requests.get(f"{url}/api/v2/connections", timeout=10).status_code == 401
    with pytest.raises(ApiError, match="HTTP 401"):
        AirflowApi(url, "admin", "admin")


def test_a_home_in_use_is_refused(local_airflow: Airflow) -> None:
    from include.local.home import AirflowHome, HomeInUseError

    with pytest.raises(HomeInUseError, match="already runs Airflow"):
        AirflowHome(local_airflow.home.path).prepare()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A prepared home with nothing running in it, and an empty folder of DAG files."""
    from include.local.home import AirflowHome

    home, dags = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("dags")
    prepared = AirflowHome(home, dags)
    prepared.prepare()
    prepared.release()
    return home, dags


def test_preparing_again_changes_nothing(folders: tuple[Path, Path]) -> None:
    from include.local.home import AirflowHome

    def state() -> dict[Path, bytes]:
        # The lock names the process that has the home.
        return {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file() and path.name != "lock"}

    home = AirflowHome(*folders)
    before = state()
    home.prepare()
    home.release()
    assert state() == before


def test_a_component_that_cannot_start_is_shown_with_its_log(folders: tuple[Path, Path]) -> None:
    from include.local.airflow import Airflow
    from include.local.home import AirflowHome
    from include.local.processes import ProgramFailedError

    home = AirflowHome(*folders, settings={"AIRFLOW__CORE__EXECUTOR": "no.such.Executor"})
    airflow = Airflow(home, preferred_port=0)
    with pytest.raises(ProgramFailedError, match=r"(?s)scheduler ended with exit code 1.*scheduler\.log.*no\.such"):
        airflow.start()
    assert airflow.pids == []


def test_another_port_is_taken_and_nothing_is_left_when_the_process_that_started_it_is_killed(
    local_airflow: Airflow, folders: tuple[Path, Path]
) -> None:
    command = [sys.executable, "-c", PARENT, *map(str, folders), str(local_airflow.port)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        port, dags = parent.stdout.readline().split(maxsplit=1)
    assert int(port) != local_airflow.port
    assert dags == "set()\n"
    assert "address already in use" not in (folders[0] / "logs" / "api-server.log").read_text()
    started = psutil.Process(parent.pid).children(recursive=True)
    assert len(started) > 6
    parent.kill()
    parent.wait(timeout=10)
    _, alive = psutil.wait_procs(started, timeout=20)
    assert alive == []
