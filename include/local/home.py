"""AIRFLOW_HOME of a local Airflow: its secrets, its configuration, its database, and who is using it."""

import fcntl
import importlib.metadata
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import sqlalchemy

from include.local.ports import LOOPBACK
from include.local.private import fernet_key, write_private

ROOT = Path(__file__).parents[2]
ADMIN = "admin"


class HomeInUseError(RuntimeError):
    """Another process runs Airflow in this home."""


class MigrationFailedError(RuntimeError):
    """`airflow db migrate` failed."""


class AirflowHome:
    """A folder for one embedded Airflow, complete and safe to use again after `prepare`.

    Args:
        path: the folder; made when missing
        dags: folder of DAG files
        settings: further AIRFLOW__ or other environment variables for every component
        database: SQLAlchemy's URL of Airflow's database, an SQLite file in the folder when there is none
        broker: URL of the queue that Celery workers take tasks from; without one the scheduler runs tasks itself
    """

    def __init__(
        self,
        path: Path,
        dags: Path = ROOT / "dags",
        settings: Mapping[str, str] | None = None,
        database: str | None = None,
        broker: str | None = None,
    ) -> None:
        self.path = path.absolute()
        # SQLite has one writer at a time, and a busy machine is slow: wait rather than fail. Seconds.
        self.database = database or f"sqlite:///{self.path / 'airflow.db'}?timeout=60"
        self.logs = self.path / "logs"
        self._broker = broker
        self._dags = dags.absolute()
        self._settings = dict(settings or {})
        self._lock: TextIO | None = None

    def prepare(self) -> None:
        """Take the home for this process, make what is missing in it, and bring its database up to date.

        Raises HomeInUseError when another process has it, MigrationFailedError when the database cannot be made.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        self._take()
        if not self._config.exists():
            write_private(self._config, _new_secrets())
        if not self._passwords.exists():
            write_private(self._passwords, json.dumps({ADMIN: secrets.token_urlsafe(18)}) + "\n")
        self._migrate()

    def release(self) -> None:
        """Let other processes have the home."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def password(self, user: str = ADMIN) -> str:
        """Return the password of a user of the simple auth manager."""
        known: dict[str, str] = json.loads(self._passwords.read_text())
        return known[user]

    def environment(self, port: int) -> dict[str, str]:
        """Return the environment of every component, the API server listening on `port`.

        Airflow's own secrets are not in it: components read them from airflow.cfg.
        """
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AIRFLOW__") and name not in ("AIRFLOW_HOME", "AIRFLOW_CONFIG")
        }
        ours = {
            "AIRFLOW_HOME": str(self.path),
            "AIRFLOW_CONFIG": str(self._config),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self._dags),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor" if self._broker else "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": str(max(4, 2 * (os.cpu_count() or 1))),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._passwords),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{LOOPBACK}:{port}/execution/",
            # The default asks the name service, which can be slow or fail on a machine without network.
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.database,
            "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
            # Seconds by which Airflow can be late in noticing that a task has ended: by default 5, and 60.
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "AIRFLOW__WORKERS__SOCKET_CLEANUP_TIMEOUT": "3",
            "AIRFLOW__API__HOST": LOOPBACK,
            "AIRFLOW__API__PORT": str(port),
            # localhost, since Wrike accepts redirect URIs without HTTPS only there.
            "AIRFLOW__API__BASE_URL": f"http://localhost:{port}",
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
            # Seconds that the scheduler sleeps between two looks at what is to be done; the default is 1.
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "15",
            "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "SCARF_ANALYTICS": "false",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), inherited.get("PYTHONPATH")))),
        }
        if self._broker:
            ours["AIRFLOW__CELERY__BROKER_URL"] = self._broker
            # Airflow's default: it is the workers that bound how many tasks run.
            ours["AIRFLOW__CORE__PARALLELISM"] = "32"
        # Tasks talk to the API server and to the local Wrike: never through a proxy of the machine.
        for name in ("NO_PROXY", "no_proxy"):
            ours[name] = ",".join(filter(None, (inherited.get(name), LOOPBACK, "localhost")))
        return inherited | ours | self._settings

    def worker_environment(self, port: int, folder: Path) -> dict[str, str]:
        """Return the environment of a Celery worker, as on a machine of its own.

        Args:
            port: where the API server listens
            folder: home of the worker; made when missing, with a copy of Airflow's secrets
        """
        folder.mkdir(mode=0o700, exist_ok=True)
        config = folder / self._config.name
        if not config.exists():
            write_private(config, self._config.read_text())
        return {**self.environment(port), "AIRFLOW_HOME": str(folder), "AIRFLOW_CONFIG": str(config)}

    @property
    def _config(self) -> Path:
        return self.path / "airflow.cfg"

    @property
    def _passwords(self) -> Path:
        return self.path / "passwords.json"

    def _take(self) -> None:
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise HomeInUseError(f"Process {holder} already runs Airflow in {self.path}. Stop it first.") from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def _migrate(self) -> None:
        """Create or migrate the database, unless this version of Airflow has done so: asking Airflow takes seconds."""
        stamp = self.path / "migrated"
        version = importlib.metadata.version("apache-airflow-core")
        if stamp.exists() and stamp.read_text() == f"{version} {self._revision()}\n":
            return
        log = self.logs / "db-migrate.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            done = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                env=self.environment(port=0),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode != 0:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise MigrationFailedError(f"`airflow db migrate` failed, see {log}:\n{end}")
        stamp.write_text(f"{version} {self._revision()}\n")

    def _revision(self) -> str | None:
        """Return the revision of the database, None when it has no tables yet."""
        engine = sqlalchemy.create_engine(self.database)
        try:
            with engine.connect() as connection:
                if not sqlalchemy.inspect(connection).has_table("alembic_version"):
                    return None
                revision: str | None = connection.scalar(sqlalchemy.text("SELECT version_num FROM alembic_version"))
                return revision
        finally:
            engine.dispose()


def _new_secrets() -> str:
    """Return an airflow.cfg with fresh random keys and nothing else."""
    return (
        f"[core]\nfernet_key = {fernet_key()}\n\n"
        f"[api]\nsecret_key = {secrets.token_urlsafe(32)}\n\n"
        f"[api_auth]\njwt_secret = {secrets.token_urlsafe(48)}\n"
    )
