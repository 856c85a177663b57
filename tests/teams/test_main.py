"""The check on the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wrike_provider.teams.__main__ import main


@pytest.fixture
def good(tmp_path: Path) -> str:
    (tmp_path / "good.yaml").write_text("teams:\n- name: a\n- name: b\n")
    return str(tmp_path / "good.yaml")


@pytest.fixture
def bad(tmp_path: Path) -> str:
    (tmp_path / "bad.yaml").write_text("teams:\n- name: a\n- name: b\n  timezone: Nowhere\n")
    return str(tmp_path / "bad.yaml")


def test_all_is_right(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([good]) == 0
    assert capsys.readouterr() == (f"{good}: 2 teams, 0 problems\n", "")


def test_problems_are_listed(good: str, bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([bad, good]) == 1
    out, err = capsys.readouterr()
    assert out == f"{bad}: 1 teams, 1 problems\n{good}: 2 teams, 0 problems\n"
    assert err.startswith(f"{bad}:4: team b: timezone: unknown time zone 'Nowhere'")
    assert len(err.splitlines()) == 1


def test_a_missing_file_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.yaml")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_no_file_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("usage: ")


def test_the_command_ends_with_that_status(bad: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wrike_provider.teams", bad], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert f"{bad}:4: team b" in done.stderr
