"""What a command costs: time, CPU and memory of all its processes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_SAMPLE_SECONDS = 0.1
_KIB = 1024


class CommandFailedError(RuntimeError):
    """A measured command failed."""


@dataclass(frozen=True)
class Cost:
    """What a command cost.

    Attributes:
        seconds: from its start to its end
        cpu_seconds: user and system time of its processes
        peak_bytes: the most memory that its processes held together
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def peak_mib(self) -> float:
        """The most memory, in MiB."""
        return self.peak_bytes / _KIB**2


def run(command: Sequence[str], environment: Mapping[str, str], log: Path, cwd: Path | None = None) -> tuple[Cost, str]:
    """Run a command to its end and measure it.

    Args:
        command: program and arguments; no secrets, since every user of the machine can read them
        environment: the complete environment
        log: file that receives what it writes to standard error
        cwd: folder to run it in; None: this one

    Returns:
        what it cost, and what it wrote to standard output

    Raises CommandFailedError, with the end of the log, when it fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603
            command, env=dict(environment), cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        )
    sampler = _Sampler(process.pid)
    try:
        output = process.stdout.read() if process.stdout else b""
        # Counts the processes that it has waited for too.
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    finally:
        peak = sampler.stop()
        if process.stdout:
            process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    cost = Cost(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, peak)
    if process.returncode != 0:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise CommandFailedError(f"{' '.join(command)} ended with exit code {process.returncode}, see {log}:\n{end}")
    return cost, output.decode()


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time so far of running processes and everything below them, ended ones included."""
    total = 0.0
    for pid in pids:
        for process in _tree(pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                # Of ended processes the one that has waited for them knows.
                total += times.user + times.system + times.children_user + times.children_system
    return total


class _Sampler:
    """Looks at the memory of a process and everything below it, time and again."""

    def __init__(self, pid: int) -> None:
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Stop looking; returns the most memory seen, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _watch(self, pid: int) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            held = 0
            for process in _tree(pid):
                with contextlib.suppress(psutil.NoSuchProcess, OSError):
                    held += process.memory_info().rss
                    self._peak = max(self._peak, _most(process.pid))
            self._peak = max(self._peak, held)


def _most(pid: int) -> int:
    """Return the most memory that a process has held, in bytes.

    Not what `wait4` says: that begins with what this process held when it started the other one.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), 0)) * _KIB


def _tree(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
