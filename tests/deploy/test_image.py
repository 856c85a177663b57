"""What the Dockerfile puts into the image."""

from __future__ import annotations

import re

from tests.conftest import ROOT
from tests.deploy.image import DOCKERFILE, copied


def test_the_base_image_has_the_airflow_of_the_lock() -> None:
    (locked,) = re.findall(r"^apache-airflow==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert re.findall(r"^ARG AIRFLOW_IMAGE=(\S+)", DOCKERFILE, re.MULTILINE) == [
        f"apache/airflow:slim-{locked}-python3.12"
    ]


def test_the_production_image_has_no_sandbox() -> None:
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?", DOCKERFILE, re.MULTILINE)
    assert stages[-1] == ("production", "")
    assert set(copied("production")) == {
        "dags",
        "include/sql",
        "include/teams.yaml",
        "deploy/init.py",
        "deploy/airflow.cfg",
        "requirements.lock",
    }


def test_the_build_sees_what_it_copies_and_nothing_else() -> None:
    first, *rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert first == "*"
    sources = copied("wheel", "production", "sandbox")
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(sources)
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_runs_without_root() -> None:
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["50000:0"]
