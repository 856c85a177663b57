"""Background programs: nothing of them is left, however they or their parent end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from include.local import supervisor
from include.local.processes import Program, ProgramFailedError, stop_all
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]

# A program as unpleasant as a task of Airflow: a child in a session of its own that does not listen to SIGTERM.
STUBBORN = """
import os, signal, subprocess, sys, time
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE)
child.stdout.readline()
print(os.getpid(), child.pid, flush=True)
{then}
"""

PARENT = """
import sys, time
from pathlib import Path
from include.local.processes import Program
program = Program("stubborn", [sys.executable, "-c", sys.argv[1]], {}, Path(sys.argv[2]))
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the supervisor give up on the stubborn ones sooner."""
    hurried = tmp_path / "supervisor.py"
    text = Path(supervisor.__file__).read_text()
    hurried.write_text(text.replace("TERM_SECONDS = 5.0", "TERM_SECONDS = 0.5"))
    monkeypatch.setattr(supervisor, "__file__", str(hurried))


def start(tmp_path: Path, then: str = "time.sleep(600)") -> Program:
    command = [sys.executable, "-c", STUBBORN.format(then=then)]
    return Program("stubborn", command, os.environ, tmp_path / "log")


def pids(log: Path) -> list[psutil.Process]:
    def line() -> str:
        text = log.read_text() if log.exists() else ""
        return text if "\n" in text else ""

    return [psutil.Process(int(word)) for word in wait_until(line, "a started program", 20).split()]


def wait_gone(pid: int) -> None:
    """Wait until a child of this process has ended; its exit code stays to be collected."""
    wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, f"the end of process {pid}", 10)


def assert_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []


def test_stopping_ends_children_in_other_sessions(tmp_path: Path) -> None:
    program = start(tmp_path)
    started = pids(tmp_path / "log")
    stop_all([program])
    assert [process for process in started if process.is_running()] == []
    assert not psutil.pid_exists(program.pid)


def test_a_program_that_ends_by_itself_takes_its_children_along(tmp_path: Path) -> None:
    go = tmp_path / "go"
    wait = f"while not os.path.exists({str(go)!r}): time.sleep(0.05)\nsys.exit('out of order')"
    program = start(tmp_path, then=wait)
    started = pids(tmp_path / "log")
    go.touch()
    assert_gone(started)
    wait_gone(program.pid)
    with pytest.raises(ProgramFailedError, match=r"(?s)stubborn ended with exit code 1\..*out of order"):
        program.check()
    stop_all([program])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path, how: signal.Signals) -> None:
    log = tmp_path / "log"
    hurried = f"from include.local import supervisor; supervisor.__file__ = {supervisor.__file__!r}\n"
    parent = subprocess.Popen(
        [sys.executable, "-c", hurried + PARENT, STUBBORN.format(then="time.sleep(600)"), str(log)], cwd=ROOT
    )
    started = pids(log)
    supervisors = psutil.Process(parent.pid).children()
    parent.send_signal(how)
    parent.wait(timeout=10)
    assert_gone(started + supervisors)


def test_a_killed_supervisor_takes_the_program_along(tmp_path: Path) -> None:
    program = start(tmp_path)
    main, child = pids(tmp_path / "log")
    try:
        psutil.Process(program.pid).kill()
        assert_gone([main])
    finally:
        child.kill()
        stop_all([program])


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)])
def test_the_exit_code_of_the_program_is_passed_on(script: str, code: int) -> None:
    command = [sys.executable, "-P", supervisor.__file__, "sh", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as guarded:
        assert guarded.wait(timeout=10) == code


def test_a_program_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    program = Program("absent", ["/no/such/program"], {}, tmp_path / "log")
    wait_gone(program.pid)
    with pytest.raises(ProgramFailedError, match=r"(?s)absent ended with exit code 127\..*No such file"):
        program.check()
    stop_all([program])


def test_waiting_until_a_program_is_ready(tmp_path: Path) -> None:
    program = Program("slow", ["sh", "-c", "sleep 0.3; echo at 7; sleep 600"], {}, tmp_path / "log")
    try:
        assert program.wait_until(lambda: program.log.read_text().strip() or None, 60) == "at 7"
        with pytest.raises(ProgramFailedError, match=r"(?s)slow is not ready after 0 s\..*at 7"):
            program.wait_until(lambda: None, 0.2)
    finally:
        stop_all([program])
    with pytest.raises(ProgramFailedError, match="slow ended with exit code"):
        program.wait_until(lambda: None, 60)
