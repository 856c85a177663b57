"""docker-compose.yaml and the sandbox on top of it, as Docker Compose understands them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from include.local.compose import FILE, SANDBOX_FILE, ComposeError, project, services
from include.local.env import SECRETS, complete, known
from tests.conftest import ROOT

ONCE = {"init", "sandbox-teams"}
AIRFLOW = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
FILES = {"real": (FILE,), "sandbox": (FILE, SANDBOX_FILE)}


@pytest.fixture(scope="module")
def env_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("env") / ".env"
    file.write_text(complete("")[0])
    return file


@pytest.fixture(scope="module")
def secrets(env_file: Path) -> dict[str, str]:
    return known(env_file.read_text())


@pytest.fixture(scope="module", params=FILES)
def found(request: pytest.FixtureRequest, env_file: Path) -> dict[str, dict[str, Any]]:
    return services(env_file, FILES[request.param])


@pytest.fixture(scope="module")
def real(env_file: Path) -> dict[str, dict[str, Any]]:
    return services(env_file)


def _with(env_file: Path, folder: Path, **settings: str) -> dict[str, dict[str, Any]]:
    file = folder / "other.env"
    file.write_text(env_file.read_text() + "".join(f"{name}={value}\n" for name, value in settings.items()))
    return services(file)


def test_which_services_there_are(real: dict[str, dict[str, Any]], env_file: Path) -> None:
    assert set(real) == AIRFLOW | {"metadata-db", "staging-db", "redis"}
    assert set(services(env_file, FILES["sandbox"])) == set(real) | {"sandbox", "sandbox-teams"}


def test_the_sandbox_is_taken_away_without_what_is_real(env_file: Path) -> None:
    assert project(env_file) == "wrike"
    assert project(env_file, FILES["sandbox"]) == "wrike-sandbox"


@pytest.mark.parametrize("missing", SECRETS)
def test_nothing_starts_without_a_secret(missing: str, env_file: Path, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("\n".join(line for line in env_file.read_text().splitlines() if not line.startswith(missing)))
    with pytest.raises(ComposeError, match=f"required variable {missing} is missing a value: run make env"):
        services(file)


def test_every_variable_is_a_secret_of_make_env_or_has_a_default() -> None:
    text = FILE.read_text() + SANDBOX_FILE.read_text()
    without_default = set(re.findall(r"\$\{(\w+)(?!:-)\b(?!:-)", text))
    assert without_default == set(SECRETS)
    assert not re.search(r"(?<!\$)\$\w", text), "a variable without braces could be missing without a word"


def test_every_variable_with_a_default_is_described() -> None:
    described, _, rest = FILE.read_text().partition("\nname:")
    assert [name for name in re.findall(r"\$\{(\w+):-", rest) if name not in described] == []


def test_what_looks_like_a_secret_is_one_of_make_env(found: dict[str, dict[str, Any]], secrets: dict[str, str]) -> None:
    made = set(secrets.values())
    for name, service in found.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|AUTH$|TOKEN", variable):
                assert value in made, f"{name}: {variable}"
            for word in re.findall(r'://\w*:([^@/]+)@|"password": "([^"]*)"', value):
                assert set(word) - {""} <= made, f"{name}: {variable}"


def test_no_secret_is_part_of_a_command(found: dict[str, dict[str, Any]], secrets: dict[str, str]) -> None:
    for name, service in found.items():
        words = " ".join([*service["command"], *service["healthcheck"].get("test", [])])
        assert [secret for secret, value in secrets.items() if value in words] == [], name


def test_all_of_airflow_has_the_same_secrets(found: dict[str, dict[str, Any]], secrets: dict[str, str]) -> None:
    shared = {
        "AIRFLOW__CORE__FERNET_KEY": secrets["AIRFLOW_FERNET_KEY"],
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets["AIRFLOW_JWT_SECRET"],
        "AIRFLOW__API__SECRET_KEY": secrets["AIRFLOW_API_SECRET_KEY"],
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://api-server:8080/execution/",
    }
    for name in AIRFLOW:
        assert found[name]["environment"].items() >= shared.items(), name
    holders = [name for name, each in found.items() if "AIRFLOW_ADMIN_PASSWORD" in each.get("environment", {})]
    assert set(holders) <= ONCE


def test_ports_are_open_to_this_machine_alone_unless_asked(
    found: dict[str, dict[str, Any]], env_file: Path, tmp_path: Path
) -> None:
    def published(of: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
        return {name: (p["host_ip"], p["published"]) for name, each in of.items() for p in each.get("ports", ())}

    assert published(found) == {"api-server": ("127.0.0.1", "8080"), "staging-db": ("127.0.0.1", "5433")}
    asked = _with(env_file, tmp_path, AIRFLOW_BIND="0.0.0.0", AIRFLOW_PORT="80")  # noqa: S104
    assert published(asked) == {"api-server": ("0.0.0.0", "80"), "staging-db": ("127.0.0.1", "5433")}  # noqa: S104


def test_services_are_watched_and_come_back(found: dict[str, dict[str, Any]]) -> None:
    for name, service in found.items():
        if name in ONCE:
            assert service["restart"] == "on-failure:3", name
            assert service["healthcheck"] == {"disable": True}, name
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"].keys() >= {"test", "interval", "timeout", "retries", "start_period"}, name


def test_services_have_no_rights_that_they_do_not_need(found: dict[str, dict[str, Any]]) -> None:
    for name, service in found.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["user"].split(":")[0] not in ("", "0", "root"), name
        binds = [each for each in service.get("volumes", ()) if each["type"] == "bind"]
        assert all(each.get("read_only") for each in binds), name


def test_images_are_pinned(found: dict[str, dict[str, Any]]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for name, service in found.items():
        image, _, tag = service["image"].partition(":")
        if image.startswith("airflow-wrike"):
            assert (tag, service["pull_policy"]) == (version, "never"), name
        else:
            assert re.fullmatch(r"\d+\.\d+(\.\d+)?(-\w+)?", tag), name


def test_who_waits_for_whom(found: dict[str, dict[str, Any]]) -> None:
    for name in AIRFLOW - {"init"}:
        waits = {other: how["condition"] for other, how in found[name]["depends_on"].items()}
        assert (
            waits.items()
            >= {
                "init": "service_completed_successfully",
                "metadata-db": "service_healthy",
                "redis": "service_healthy",
            }.items()
        ), name
    waits = {other: how["condition"] for other, how in found["worker"]["depends_on"].items()}
    assert waits["api-server"] == waits["staging-db"] == "service_healthy"


def test_what_lasts_is_in_volumes(real: dict[str, dict[str, Any]]) -> None:
    kept = {
        (name, each.get("source", ""), each["target"])
        for name, service in real.items()
        for each in service["volumes"]
        if each["type"] == "volume"
    }
    assert kept == {
        ("metadata-db", "metadata", "/var/lib/postgresql"),
        ("staging-db", "staging", "/var/lib/postgresql"),
        ("redis", "queue", "/data"),
        ("worker", "", "/tmp"),  # noqa: S108
        *((name, "logs", "/opt/airflow/logs") for name in AIRFLOW),
    }


def test_workers_are_as_many_as_asked(real: dict[str, dict[str, Any]], env_file: Path, tmp_path: Path) -> None:
    assert real["worker"]["deploy"]["replicas"] == 2
    more = _with(env_file, tmp_path, WORKERS="7", WORKER_CONCURRENCY="3")["worker"]
    assert (more["deploy"]["replicas"], more["environment"]["AIRFLOW__CELERY__WORKER_CONCURRENCY"]) == (7, "3")


def test_the_sandbox_is_no_part_of_real_use(real: dict[str, dict[str, Any]], env_file: Path) -> None:
    assert "sandbox" not in str({**real, "init": None}), str(real)
    assert not any("OAUTHLIB_INSECURE_TRANSPORT" in each.get("environment", {}) for each in real.values())
    tried = services(env_file, FILES["sandbox"])
    for name in AIRFLOW:
        assert tried[name]["image"].startswith("airflow-wrike-sandbox:")
        assert tried[name]["environment"]["WRIKE_TEAMS_FILE"] == "/opt/wrike/include/sandbox/teams.yaml"
    assert [name for name, each in real.items() if "build" in each] == ["init"]
    assert (real["init"]["build"].get("target"), tried["init"]["build"]["target"]) == (None, "sandbox")


def test_what_the_docs_say_of_many_machines_is_set(real: dict[str, dict[str, Any]]) -> None:
    settings = re.findall(r"^\| `(AIRFLOW__\w+)` \|", (ROOT / "docs" / "cluster.md").read_text(), re.MULTILINE)
    assert len(settings) > 10
    for name in ("api-server", "scheduler", "dag-processor", "triggerer", "worker"):
        assert set(settings) - real[name]["environment"].keys() == set(), name
