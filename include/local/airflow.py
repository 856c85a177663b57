"""A real Airflow as child processes of this one: API server, scheduler, DAG processor; Celery workers if wanted."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import requests

from include.local.home import ADMIN, AirflowHome
from include.local.ports import LOOPBACK, free_port
from include.local.processes import Program, ProgramFailedError, stop_all
from include.local.rest import AirflowApi, ApiError
from include.local.waiting import wait_until

# In the order in which they start; the API server is the first. The last two only with Celery.
COMMANDS: Mapping[str, Sequence[str]] = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler",),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer",),
    "worker": ("celery", "worker"),
}
# Task logs are read from disk by the API server, so no server for them, which would listen on every address.
_SERVING_LOGS = ("scheduler", "triggerer", "worker")
UI_PORT = 8080
_WORKER_READY = "celery@{name} ready"
_START_SECONDS = 180.0
_POLL_SECONDS = 0.3


class Airflow:
    """An embedded Airflow, to be used as a context manager: when the block is left, nothing of it runs any more.

    Args:
        home: where it keeps everything; prepared here
        preferred_port: port of UI and API; another one is taken when it is not free (0: any)
        workers: how many Celery workers run, and a triggerer with them; none: the scheduler runs the tasks
        commands: by component the command of Airflow that runs it
        own_addresses: whether each worker sends its requests from an address of its own, for the request limit
    """

    def __init__(
        self,
        home: AirflowHome,
        preferred_port: int = UI_PORT,
        workers: int = 0,
        commands: Mapping[str, Sequence[str]] = COMMANDS,
        own_addresses: bool = False,
    ) -> None:
        self.home = home
        self._commands = commands
        self._own_addresses = own_addresses
        # Ports of the further API servers.
        self._others: dict[int, int] = {}
        self._workers = workers
        self._preferred_port = preferred_port
        self._port = 0
        self._programs: list[Program] = []
        self._api: AirflowApi | None = None

    @property
    def port(self) -> int:
        """Port of UI and API; 0 before the start."""
        return self._port

    @property
    def url(self) -> str:
        """Address of the UI, for people."""
        return f"http://localhost:{self._port}"

    @property
    def api_urls(self) -> list[str]:
        """Addresses of all API servers, for programs; the first one is the one of the UI."""
        return [f"http://{LOOPBACK}:{port}" for port in (self._port, *self._others.values())]

    @property
    def api(self) -> AirflowApi:
        """Client of the public API, logged in as administrator; only while Airflow runs."""
        if self._api is None:
            raise RuntimeError("Airflow is not running")
        return self._api

    @property
    def pids(self) -> list[int]:
        """Process ids of the supervisors of the components; everything of Airflow is below them."""
        return [program.pid for program in self._programs]

    def __enter__(self) -> Self:
        """Start; see `start`."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; see `stop`."""
        self.stop()

    def start(self) -> None:
        """Start all components and return when they are healthy.

        Raises HomeInUseError, MigrationFailedError, or ProgramFailedError with the end of the failing one's log;
        nothing runs after an error.
        """
        try:
            self.home.prepare()
            try:
                self._start_on(free_port(self._preferred_port))
            except ProgramFailedError:
                # The API server takes seconds to load; meanwhile another program can have taken its port.
                if not self._programs[0].ended or free_port(self._port) == self._port:
                    raise
                self._stop_programs()
                self._start_on(free_port())
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Raise ProgramFailedError, with the end of its log, when a component has ended."""
        for program in self._programs:
            program.check()

    def start_api_servers(self, *numbers: int) -> None:
        """Start further API servers (1 is the first of them), and return when they answer.

        All components use the one that is there anyway.
        """
        for number, program in [(number, self._run_api_server(number)) for number in numbers]:
            program.wait_answers(f"http://{LOOPBACK}:{self._others[number]}/api/v2/monitor/health", _START_SECONDS)

    def kill_api_server(self, number: int) -> None:
        """End a further API server at once, as a crash would; it keeps its port."""
        self._kill(f"api-server-{number}")

    def stop_api_servers(self) -> None:
        """End all further API servers."""
        further = [program for program in self._programs if program.name.startswith("api-server-")]
        stop_all(further)
        self._programs = [program for program in self._programs if program not in further]
        self._others.clear()

    def kill_worker(self, number: int) -> None:
        """End a Celery worker (1 is the first) with its tasks at once, as a power cut would."""
        self._kill(f"worker-{number}")

    def start_worker(self, number: int) -> None:
        """Start a Celery worker again and return when it takes tasks."""
        self._wait_worker(self._run_worker(number))

    def worker_pids(self, number: int) -> set[int]:
        """Return the process ids of a Celery worker and of all its tasks."""
        supervisor = next(each for each in self._programs if each.name == f"worker-{number}").pid
        return {process.pid for process in psutil.Process(supervisor).children(recursive=True)}

    def worker_home(self, number: int) -> Path:
        """Return the AIRFLOW_HOME of a Celery worker."""
        return self.home.path / f"worker-{number}"

    def stop(self) -> None:
        """End every component, its tasks included, and let go of the home."""
        self._stop_programs()
        self.home.release()

    def _start_on(self, port: int) -> None:
        """Start all components, the API server on `port`, and wait until they are healthy."""
        self._port = port
        environment = self.home.environment(port)
        begin = datetime.now(UTC)
        for name in ("api-server", "scheduler", "dag-processor", *(("triggerer",) if self._workers else ())):
            self._programs.append(Program(name, self._command(name), environment, self.home.logs / f"{name}.log"))
        workers = [self._run_worker(number) for number in range(1, self._workers + 1)]
        self._wait_healthy(begin)
        for worker in workers:
            self._wait_worker(worker)

    def _run_api_server(self, number: int) -> Program:
        name, port = f"api-server-{number}", self._others.setdefault(number, free_port())
        # Everything as for the first one, its address for people included; only the port is another.
        environment = {**self.home.environment(self._port), "AIRFLOW__API__PORT": str(port)}
        # Tasks speak with the first one only; without what they need, it starts in two thirds of the time.
        command = [*self._command("api-server"), "--apps", "core"]
        self._programs.append(Program(name, command, environment, self.home.logs / f"{name}.log"))
        return self._programs[-1]

    def _command(self, component: str) -> list[str]:
        alone = ("--skip-serve-logs",) if component in _SERVING_LOGS else ()
        return [sys.executable, "-m", "airflow", *self._commands[component], *alone]

    def _run_worker(self, number: int) -> Program:
        name, folder = f"worker-{number}", self.worker_home(number)
        environment = self.home.worker_environment(self._port, folder)
        if self._own_addresses:
            environment["AIRFLOW__WRIKE__OUTGOING_ADDRESS"] = name
        command = [*self._command("worker"), "--celery-hostname", name]
        self._programs.append(Program(name, command, environment, self.home.logs / f"{name}.log", folder))
        return self._programs[-1]

    def _wait_worker(self, worker: Program) -> None:
        ready = _WORKER_READY.format(name=worker.name)
        worker.wait_until(lambda: ready in worker.log.read_text(errors="replace"), _START_SECONDS)

    def _kill(self, name: str) -> None:
        program = next(each for each in self._programs if each.name == name)
        program.kill()
        self._programs.remove(program)

    def _stop_programs(self) -> None:
        if self._api is not None:
            self._api.close()
            self._api = None
        # The API server last: running tasks report to it how they ended.
        stop_all(self._programs[1:])
        stop_all(self._programs[:1])
        self._programs.clear()
        self._others.clear()

    def _wait_healthy(self, begin: datetime) -> None:
        """Wait until the API server lets us in and the others have given a heartbeat later than `begin`."""
        missing: list[str] = []

        def look() -> bool:
            missing[:] = self._missing(begin)
            if missing:
                self.check()
            return not missing

        def late() -> ProgramFailedError:
            tails = "\n".join(program.tail() for program in self._programs if program.name in missing)
            return ProgramFailedError(f"Not healthy after {_START_SECONDS:.0f} s: {', '.join(missing)}.\n{tails}")

        wait_until(look, _START_SECONDS, late, _POLL_SECONDS)

    def _missing(self, begin: datetime) -> list[str]:
        """Return the names of the components that are not healthy yet."""
        try:
            if self._api is None:
                # The log-in also tells our API server from another one that has taken the port.
                self._api = AirflowApi(f"http://{LOOPBACK}:{self._port}", ADMIN, self.home.password())
            health = self._api.get("/monitor/health")
        except (ApiError, requests.RequestException):
            return ["api-server"]
        missing = []
        watched = [("scheduler", "scheduler"), ("dag-processor", "dag_processor")]
        if self._workers:
            watched.append(("triggerer", "triggerer"))
        for name, key in watched:
            beat = health[key][f"latest_{key}_heartbeat"]
            # A heartbeat of an earlier run counts as healthy for half a minute.
            if health[key]["status"] != "healthy" or beat is None or datetime.fromisoformat(beat) < begin:
                missing.append(name)
        return missing
