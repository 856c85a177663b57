"""The first start, with the commands and the environment of docker-compose.yaml and the files of the image."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
import requests
import sqlalchemy

from include.local.compose import FILE, SANDBOX_FILE, services
from include.local.env import complete, known
from include.local.ports import LOOPBACK, free_port
from include.local.postgres import Postgres, local_postgres
from include.local.processes import Program, stop_all
from include.local.redis import redis_program
from include.sandbox.client import SandboxClient, running_sandbox
from tests.conftest import ROOT
from tests.deploy.image import copied
from tests.waiting import wait_until

START_S = 180.0


@dataclass(frozen=True)
class Machine:
    """This machine in the place of the containers."""

    folder: Path
    services: dict[str, dict[str, Any]] = field(repr=False)
    secrets: dict[str, str] = field(repr=False)
    database: Postgres

    def here(self, text: str) -> str:
        """Say what is in a container as it is on this machine."""
        for there, here in (("/opt/wrike", str(self.folder)), ("metadata-db:5432", f"{LOOPBACK}:{self.database.port}")):
            text = text.replace(there, here)
        return text

    def command(self, service: str) -> list[str]:
        program, *arguments = map(self.here, self.services[service]["command"])
        # As the image's entrypoint does: python is python, everything else is a word of airflow.
        return (
            [sys.executable, *arguments]
            if program == "python"
            else [sys.executable, "-m", "airflow", program, *arguments]
        )

    def environment(self, service: str, **other: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
        inherited.pop("PYTHONPATH", None)
        theirs = {name: self.here(value) for name, value in self.services[service]["environment"].items()}
        home = {"AIRFLOW_HOME": str(self.folder / "home"), "AIRFLOW__CORE__DAGS_FOLDER": str(self.folder / "dags")}
        return inherited | home | theirs | other

    def run(self, service: str, **other: str) -> str:
        done = subprocess.run(
            self.command(service),
            cwd=self.folder,
            env=self.environment(service, **other),
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert [name for name, value in self.secrets.items() if value in said] == []
        return said

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        engine = sqlalchemy.create_engine(self.database.url("airflow"))
        try:
            with engine.begin() as connection:
                result = connection.execute(sqlalchemy.text(sql))
                return [tuple(row) for row in result] if result.returns_rows else []
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def wrike() -> Iterator[SandboxClient]:
    with running_sandbox("--tasks", "5") as running:
        yield running


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("wrike")
    for source in copied("production", "sandbox"):
        target = folder / source
        target.parent.mkdir(parents=True, exist_ok=True)
        place = ROOT / source
        if place.is_dir():
            shutil.copytree(place, target)
        else:
            shutil.copyfile(place, target)
    env_file = folder / ".env"
    env_file.write_text(complete("")[0])
    secrets = known(env_file.read_text())
    composed = services(env_file, (FILE, SANDBOX_FILE))
    program, *settings = composed["metadata-db"]["command"]
    assert (program, set(settings[::2])) == ("postgres", {"-c"})
    with local_postgres(*settings[1::2]) as server:
        server.execute(f"CREATE ROLE airflow LOGIN PASSWORD '{secrets['METADATA_DB_PASSWORD']}'")
        server.execute("CREATE DATABASE airflow OWNER airflow")
        yield Machine(folder, composed, secrets, server)


def test_the_first_start(machine: Machine, wrike: SandboxClient) -> None:
    machine.run("init")
    machine.query("UPDATE slot_pool SET slots = 3 WHERE pool = 'wrike'")
    (before,) = machine.query("SELECT username, password FROM ab_user")
    machine.run("init", AIRFLOW_ADMIN_PASSWORD="another-one", WRIKE_POOL_SLOTS="9")
    assert machine.query("SELECT username, password FROM ab_user") == [before]
    assert machine.query("SELECT slots FROM slot_pool WHERE pool = 'wrike'") == [(3,)]

    teams = machine.services["sandbox-teams"]
    teams["command"] = [wrike.url if "://" in word else word for word in teams["command"]]
    machine.run("sandbox-teams", PYTHONPATH=str(machine.folder))
    assert machine.query("SELECT conn_id, host FROM connection ORDER BY 1") == [
        ("wrike_aurora", wrike.url),
        ("wrike_borealis", wrike.url),
    ]
    assert machine.query("SELECT key FROM variable ORDER BY 1") == [("wrike_enabled__eu1",), ("wrike_enabled__us1",)]

    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    (check,) = [word for word in machine.services["api-server"]["healthcheck"]["test"] if word.startswith("http")]
    environment = machine.environment("api-server", AIRFLOW__API__HOST=LOOPBACK, AIRFLOW__API__PORT=str(port))
    program = Program("api-server", machine.command("api-server"), environment, machine.folder / "api-server.log")
    try:
        program.wait_answers(re.sub(r"^http://[^/]+", url, check), START_S)
        login = {"username": "admin", "password": machine.secrets["AIRFLOW_ADMIN_PASSWORD"]}
        token = requests.post(f"{url}/auth/token", json=login, timeout=60).json()["access_token"]
        page = requests.get(f"{url}/wrike/", headers={"Authorization": f"Bearer {token}"}, timeout=60)
        assert page.status_code == 200
        assert "Aurora Design Ltd" in page.text
        assert requests.get(f"{url}/wrike/", timeout=60, allow_redirects=False).status_code in (302, 303, 401)
        wrong = requests.post(f"{url}/auth/token", json={**login, "password": "another-one"}, timeout=60)
        assert wrong.status_code == 401
    finally:
        stop_all([program])
    assert not (machine.folder / "home" / "airflow.cfg").exists(), "Airflow wrote its secrets to a file"


def test_the_queue_wants_its_password_and_keeps_what_is_in_it(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(complete("")[0])
    service = services(env_file)["redis"]
    password, port = service["environment"]["REDISCLI_AUTH"], free_port()
    (tmp_path / "redis-server").symlink_to(redis_program())
    shell, option, script = service["command"]
    assert "dir /data\n" in script
    here = script.replace("dir /data\n", f"dir {tmp_path}\nbind {LOOPBACK}\nport {port}\n")
    environment = {**service["environment"], "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    program = Program("redis", [shell, option, here], environment, tmp_path / "redis.log")
    try:
        with redis.Redis(LOOPBACK, port, password=password) as client, redis.Redis(LOOPBACK, port) as stranger:
            wait_until(lambda: answers(client), "Redis", START_S)
            client.set("waiting", "message")
            with pytest.raises(redis.AuthenticationError):
                stranger.get("waiting")
            assert client.config_get("appendonly") == {"appendonly": "yes"}
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert password not in " ".join(psutil.Process(program.pid).cmdline())
    finally:
        stop_all([program])


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
