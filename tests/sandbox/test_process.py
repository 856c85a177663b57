"""The sandbox as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil
import pytest

from tests.conftest import ROOT

PARENT = """
import time
from include.sandbox.client import running_sandbox
with running_sandbox("--accounts", "1", "--tasks", "1") as wrike:
    print(wrike.url, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_process_that_started_it(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith("http://127.0.0.1:")
        started = psutil.Process(parent.pid).children(recursive=True)
        assert len(started) == 1
        parent.send_signal(number)
    _, alive = psutil.wait_procs(started, timeout=20)
    assert alive == []
