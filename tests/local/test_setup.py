"""Set-up of the environment: repeatable, and clear about a Python that does not fit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A stand-in for the installer, which would need the network.
UV = """#!/bin/sh
if [ "$1" = venv ]; then exec "$PYTHON" -m venv --without-pip .venv; fi
echo "$@" >>installed
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    script = tmp_path / "include" / "local" / "setup.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / "include" / "local" / "setup.sh", script)
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(UV)
    uv.chmod(0o755)
    return tmp_path


def setup(checkout: Path, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "include/local/setup.sh", *arguments],
        env={"PATH": f"{checkout / 'bin'}:{os.environ['PATH']}", "HOME": str(checkout), "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_environment_is_made_once(checkout: Path) -> None:
    first = setup(checkout)
    assert (first.returncode, first.stderr) == (0, "")
    assert "Making .venv" in first.stdout
    made = (checkout / ".venv" / "pyvenv.cfg").stat()
    again = setup(checkout)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    still = (checkout / ".venv" / "pyvenv.cfg").stat()
    assert (still.st_ino, still.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)


@pytest.mark.parametrize("damage", ["installing", "moved", "no python"])
def test_an_unfinished_or_broken_environment_is_made_anew(checkout: Path, damage: str) -> None:
    assert setup(checkout).returncode == 0
    if damage == "installing":
        (checkout / ".venv" / ".installing").touch()
    elif damage == "moved":
        (checkout / ".venv" / ".made").write_text("/somewhere/else\n")
    else:
        (checkout / ".venv" / "bin" / "python").unlink()
    again = setup(checkout)
    assert (again.returncode, again.stderr) == (0, "")
    assert "Making .venv" in again.stdout


def test_a_python_that_does_not_fit_is_refused_by_name(checkout: Path) -> None:
    old = checkout / "python-of-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1 && exit 0\nexit 1\n')
    old.chmod(0o755)
    refused = setup(checkout, python=str(old))
    assert refused.returncode == 1
    assert f"Python 3.11, 3.12 or 3.13 is needed; {old} is Python 3.9.1." in refused.stderr
    assert not (checkout / ".venv").exists()


def test_an_installation_is_repeated_only_when_the_lock_has_changed(checkout: Path) -> None:
    (checkout / "pyproject.toml").touch()
    lock = checkout / "requirements.lock"

    def installed_after(content: str) -> list[str]:
        lock.write_text(content)
        assert setup(checkout, "requirements.lock").returncode == 0
        return (checkout / "installed").read_text().splitlines()

    first = installed_after("rich==15.0.0\n")
    assert [line.split("--no-deps ")[1] for line in first] == [
        "-r requirements.lock",
        "--no-build-isolation --editable .",
    ]
    assert installed_after("rich==15.0.0\n") == first
    assert installed_after("rich==15.1.0\n") == first * 2
