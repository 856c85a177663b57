"""The sandbox as a background program that never outlives this process."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.local.home import ROOT
from include.local.processes import Program, stop_all
from include.sandbox.client import SandboxClient

_READY = "sandbox ready "
_START_SECONDS = 30.0


@contextmanager
def local_wrike(log: Path, *arguments: str) -> Iterator[SandboxClient]:
    """Run the sandbox for as long as the block lasts.

    Args:
        log: file for what it prints
        arguments: further arguments of `python -m include.sandbox`

    Raises:
        ProgramFailedError: when it does not start
    """
    command = [sys.executable, "-m", "include.sandbox", "--port", "0", *arguments]
    program = Program("The local Wrike", command, {**os.environ, "PYTHONPATH": str(ROOT)}, log)
    try:
        yield SandboxClient(_wait_ready(program))
    finally:
        stop_all([program])


def _wait_ready(program: Program) -> str:
    """Return the address that the sandbox says it listens on."""

    def address() -> str | None:
        lines = program.log.read_text().splitlines()
        return next((line.removeprefix(_READY) for line in lines if line.startswith(_READY)), None)

    return program.wait_until(address, _START_SECONDS)
