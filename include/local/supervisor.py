"""Run one command so that nothing of it outlives the process that wanted it.

A program of its own, given the command as its arguments: `python -P supervisor.py COMMAND ...`. It ends the command,
with everything the command ever started, as soon as its standard input is closed (which the kernel does also for a
parent that was killed), on SIGTERM, SIGINT or SIGHUP, and when the command ends by itself.

Process groups alone would not do: Airflow's tasks leave their component's group. On Linux this process is therefore
the one to which orphaned descendants fall, so none can get lost; elsewhere those known at the time of stopping are
ended.
"""

import ctypes
import os
import select
import signal
import sys
import time
from types import FrameType

import psutil

TERM_SECONDS = 5.0
_POLL_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    """Set a Linux process attribute of this process; does nothing on other systems, raises OSError on refusal."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def end_with_parent() -> None:
    """Ask the kernel to send this process SIGTERM when its parent dies (Linux only)."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command: list[str]) -> int:
    """Start `command` in a session of its own, without standard input; return its process id."""
    guard = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        end_with_parent()
        if os.getppid() != guard:  # it died before the request above
            os._exit(1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        os.write(2, f"{command[0]}: {error}\n".encode())
    os._exit(127)


class Guard:
    """Watches one running command and every process below it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None
        self.asked_to_stop = False

    def ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Signal handler: stop at the next look."""
        self.asked_to_stop = True

    def reap(self) -> bool:
        """Collect children that ended, adopted ones too; return whether any child is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.pid:
                self.status = status

    def watch(self) -> None:
        """Return when the command has ended or shall end."""
        while self.status is None and not self.asked_to_stop:
            readable, _, _ = select.select([0], [], [], _POLL_SECONDS)
            if readable and not os.read(0, 4096):
                return
            self.reap()

    def end(self) -> None:
        """End the command and everything below it: SIGTERM, `TERM_SECONDS` to comply, then SIGKILL."""
        descendants = set(psutil.Process().children(recursive=True))
        deadline = time.monotonic() + TERM_SECONDS
        if self.status is None:
            os.killpg(self.pid, signal.SIGTERM)
            while self.reap() and self.status is None and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
        # Its own children leave in an orderly way first; what they left behind is told now.
        for process in psutil.Process().children(recursive=True):
            descendants.add(process)
            _send(process, signal.SIGTERM)
        while self.reap() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        while (alive := descendants_alive(descendants)) or self.reap():
            for process in alive:
                _send(process, signal.SIGKILL)
            time.sleep(_POLL_SECONDS)


def descendants_alive(known: set[psutil.Process]) -> set[psutil.Process]:
    """Return the running processes among `known` and below this process (ended but uncollected ones excepted)."""
    everything = known | set(psutil.Process().children(recursive=True))
    alive = set()
    for process in everything:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.add(process)
        except psutil.NoSuchProcess:
            continue
    return alive


def _send(process: psutil.Process, number: int) -> None:
    """Send a signal to a process that may have ended meanwhile."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def main(command: list[str]) -> int:
    """Run `command` until it ends or shall end; return its exit code, 128 + signal number when a signal ended it."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    guard = Guard(start(command))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, guard.ask_to_stop)
    guard.watch()
    guard.end()
    code = os.waitstatus_to_exitcode(guard.status) if guard.status is not None else 1
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
