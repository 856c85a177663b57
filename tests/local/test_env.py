"""make env: fresh secrets, private, and never lost by running it again."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from include.local.env import SECRETS, complete, known
from tests.conftest import ROOT


def _run(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    # -S: without what is installed, as on a machine that has nothing but Docker and Python.
    command = [sys.executable, "-S", "-m", "include.local.env", "--file", str(file), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_new_file_has_a_fresh_secret_each_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first, second = tmp_path / "one.env", tmp_path / "two.env"
    done = [_run(first), _run(second)]
    values = [known(file.read_text()) for file in (first, second)]
    assert [each.returncode for each in done] == [0, 0]
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert set(values[0]) == set(SECRETS)
    everything = [*values[0].values(), *values[1].values()]
    assert len(set(everything)) == 2 * len(SECRETS)
    assert min(map(len, everything)) >= 43
    assert len(base64.urlsafe_b64decode(values[0]["AIRFLOW_FERNET_KEY"])) == 32
    said = done[0].stdout + done[0].stderr
    assert not [value for value in values[0].values() if value in said]


def test_a_second_time_changes_nothing_but_who_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    _run(file)
    before = file.read_text()
    file.chmod(0o644)
    assert "stays as it is" in _run(file).stdout
    assert file.read_text() == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_missing_is_added_and_the_rest_stays() -> None:
    text, _ = complete("")
    lines = [line for line in text.splitlines() if not line.startswith("REDIS_PASSWORD=")]
    mine = "\n".join([*lines, "AIRFLOW_PORT=9090"])
    completed, made = complete(mine)
    assert made == ["REDIS_PASSWORD"]
    kept = {name: value for name, value in known(completed).items() if name != "REDIS_PASSWORD"}
    assert kept == {name: value for name, value in known(mine).items() if name != "REDIS_PASSWORD"}
    assert kept["AIRFLOW_PORT"] == "9090"


@pytest.mark.parametrize(
    ("line", "value"),
    [("export REDIS_PASSWORD=mine", "mine"), ("REDIS_PASSWORD='mine'", "mine"), ('REDIS_PASSWORD = "mine"', "mine")],
)
def test_a_secret_of_ones_own_stays_however_it_is_written(line: str, value: str) -> None:
    text, made = complete(f"{line}\n")
    assert "REDIS_PASSWORD" not in made
    assert line in text.splitlines()
    assert known(text)["REDIS_PASSWORD"] == value


@pytest.mark.parametrize("line", ['REDIS_PASSWORD=""', "REDIS_PASSWORD=''", "export REDIS_PASSWORD="])
def test_quotes_with_nothing_in_them_are_empty(line: str) -> None:
    text, made = complete(f"{line}\n")
    assert "REDIS_PASSWORD" in made
    assert line not in text.splitlines()


def test_a_secret_that_is_empty_is_made() -> None:
    text, _ = complete("REDIS_PASSWORD=\n")
    assert known(text)["REDIS_PASSWORD"]
    assert text.count("REDIS_PASSWORD") == 1


def test_overwrite_makes_every_secret_anew_and_keeps_other_variables(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    text, _ = complete("AIRFLOW_PORT=9090\n")
    file.write_text(text)
    assert _run(file, "--overwrite").returncode == 0
    before, after = known(text), known(file.read_text())
    assert {name for name in after if after[name] == before[name]} == {"AIRFLOW_PORT"}
    assert file.read_text().count("#") == text.count("#")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    failed = _run(tmp_path / "missing" / ".env")
    assert failed.returncode == 1
    assert f"{tmp_path}/missing/.env cannot be written" in failed.stderr


@pytest.mark.parametrize("name", [".env", ".env.new"])
def test_git_ignores_the_file(name: str) -> None:
    assert subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT, check=False).returncode == 0
