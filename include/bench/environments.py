"""Environments of their own for what the connector is compared with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from include.local.home import ROOT

FOLDER = ROOT / "build" / "bench"
REST_API = "rest_api"
PYAIRBYTE = "pyairbyte"
AIRBYTE_WRIKE = "airbyte_wrike"
DAG_FACTORY = "dag_factory"


class NoPythonError(RuntimeError):
    """There is no interpreter that an environment needs."""


def requirements(name: str) -> tuple[str, ...]:
    """Return what is installed into an environment: the peer, and our own versions of what both use."""
    return {
        REST_API: (f"dlt[duckdb,postgres]=={version('dlt')}", f"duckdb=={version('duckdb')}"),
        PYAIRBYTE: ("airbyte==0.71.3",),
        AIRBYTE_WRIKE: ("airbyte-source-wrike==0.2.12",),
        DAG_FACTORY: ("dag-factory==1.1.0", f"apache-airflow=={version('apache-airflow')}"),
    }[name]


def python(name: str, interpreter: str | None = None) -> Path:
    """Return the interpreter of an environment, which is made when missing.

    Args:
        name: one of the names above
        interpreter: what it is made with; None: this one

    Raises subprocess.CalledProcessError when a package cannot be installed.
    """
    folder = FOLDER / name
    executable, made = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "\n".join(requirements(name))
    if made.exists() and made.read_text() == wanted:
        return executable
    shutil.rmtree(folder, ignore_errors=True)
    base = interpreter or sys.executable
    uv = shutil.which("uv")
    if uv:
        make = [uv, "venv", "--quiet", "--no-python-downloads", "--python", base, str(folder)]
        install = [uv, "pip", "install", "--quiet", "--python", str(executable)]
    else:
        make = [base, "-m", "venv", str(folder)]
        install = [str(executable), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(make, check=True)  # noqa: S603
    subprocess.run([*install, *requirements(name)], check=True)  # noqa: S603
    made.write_text(wanted)
    return executable


def python310() -> str:
    """Return a Python 3.10, which Airbyte's connector needs; raises NoPythonError when none is found."""
    installed = sorted(Path("~/.pyenv/versions").expanduser().glob("3.10.*/bin/python"))
    for candidate in (shutil.which("python3.10"), *map(str, installed)):
        if candidate and _runs(candidate):
            return candidate
    raise NoPythonError("Airbyte's connector for Wrike runs on Python 3.10 only: put a python3.10 on the path.")


def _runs(candidate: str) -> bool:
    done = subprocess.run([candidate, "--version"], capture_output=True, check=False, text=True)  # noqa: S603
    return done.returncode == 0 and done.stdout.startswith("Python 3.10.")
