"""The values for Airflow's chart and the Secrets that they name."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
import yaml

from include.local.env import complete, known
from tests.conftest import ROOT

HELM = ROOT / "deploy" / "helm"
# The chart's parameters (1.22) that are used, with the keys that it reads in a Secret so named.
KEYS_BY_PARAMETER = {
    "fernetKeySecretName": {"fernet-key"},
    "apiSecretKeySecretName": {"api-secret-key"},
    "jwtSecretName": {"jwt-secret"},
    "data.metadataSecretName": {"connection"},
    "data.brokerUrlSecretName": {"connection"},
    "redis.passwordSecretName": {"password"},
}


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HELM / "values.yaml").read_text())
    return found


@pytest.fixture(scope="module")
def secrets() -> dict[str, dict[str, str]]:
    """What is in the Secrets once the variables are filled in."""
    text = (HELM / "secrets.yaml").read_text()
    variables = known(complete("")[0]) | {
        "METADATA_DB_HOST": "metadata.internal",
        "STAGING_DB_HOST": "staging.internal",
    }
    filled = re.sub(r"\$\{(\w+)\}", lambda name: variables[name[1]], text)
    return {each["metadata"]["name"]: each["stringData"] for each in yaml.safe_load_all(filled)}


def _flat(node: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(node, dict):
        return {path: node}
    return {
        key: value for name, child in node.items() for key, value in _flat(child, f"{path}.{name}".lstrip(".")).items()
    }


def test_every_secret_that_is_named_has_what_the_chart_reads(
    values: dict[str, Any], secrets: dict[str, dict[str, str]]
) -> None:
    named = {path: name for path, name in _flat(values).items() if path.endswith("SecretName")}
    assert named.keys() == KEYS_BY_PARAMETER.keys()
    for path, name in named.items():
        assert secrets[name].keys() >= KEYS_BY_PARAMETER[path], path
    for each in values["secret"]:
        assert each["secretKey"] in secrets[each["secretName"]]


def test_the_connections_can_be_read(secrets: dict[str, dict[str, str]]) -> None:
    staging, limits = (json.loads(secrets["airflow-connections"][name]) for name in ("wrike_staging", "wrike_limits"))
    assert (staging["conn_type"], staging["host"], staging["login"]) == ("postgres", "staging.internal", "wrike_sync")
    assert (limits["conn_type"], limits["host"]) == ("redis", "airflow-redis")
    assert limits["password"] == secrets["airflow-broker"]["password"]


def test_the_values_themselves_hold_no_secret(values: dict[str, Any]) -> None:
    holding = [
        path
        for path in _flat(values)
        if re.search(r"(?i)(password|fernetkey|secretkey|jwtsecret|brokerurl|pass|token)$", path)
    ]
    assert holding == []
    assert values["postgresql"]["enabled"] is False
    assert values["createUserJob"]["defaultUser"]["enabled"] is False


def test_image_and_airflow_are_those_of_the_project(values: dict[str, Any]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert values["images"]["airflow"]["tag"] == version
    assert f"\napache-airflow=={values['airflowVersion']}\n" in (ROOT / "requirements.lock").read_text()


def environment(values: dict[str, Any]) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in values["env"]}


def test_workers_are_replaced_and_load_as_with_compose(values: dict[str, Any]) -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())["x-airflow-environment"]
    documented = (ROOT / "docs" / "cluster.md").read_text()
    ours = environment(values)
    del ours["WRIKE_TEAMS_FILE"]
    assert len(ours) == 5
    assert ours == {name: composed[name] for name in ours}
    assert [name for name in ours if f"`{name}`" not in documented] == []


def test_the_variables_file_is_where_airflow_looks(values: dict[str, Any]) -> None:
    (mount,) = values["volumeMounts"]
    (volume,) = values["volumes"]
    assert mount["name"] == volume["name"]
    assert environment(values)["WRIKE_TEAMS_FILE"] == f"{mount['mountPath']}/teams.yaml"
