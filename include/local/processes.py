"""Background programs whose output goes to a file and which never outlive this process."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import psutil
import requests

from include.local import supervisor
from include.local.waiting import wait_until

T = TypeVar("T")

_STOP_SECONDS = supervisor.TERM_SECONDS + 10
_ANSWER_SECONDS = 10.0


class ProgramFailedError(RuntimeError):
    """A background program ended although it should run, or was not ready in time."""


class Program:
    """A command running in the background.

    Args:
        name: what to call it in messages
        command: program and arguments; no secrets, since every user of the machine can read them
        environment: the complete environment
        log: file that receives its output; emptied at the start
        folder: its working directory, the one of this process when there is none
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        guarded = [sys.executable, "-P", supervisor.__file__, *command]
        with log.open("wb") as output:
            # Its own session keeps Ctrl-C of the terminal from it: whoever started it decides when it ends.
            self._process = subprocess.Popen(  # noqa: S603
                guarded,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id of the supervisor: the program and all its processes are below it."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the program has ended."""
        return self._process.poll() is not None

    def check(self) -> None:
        """Raise ProgramFailedError, with the end of the log, when the program has ended."""
        code = self._process.poll()
        if code is not None:
            raise ProgramFailedError(f"{self.name} ended with exit code {code}.\n{self.tail()}")

    def wait_until(self, ready: Callable[[], T | None], seconds: float) -> T:
        """Wait until the program is ready.

        Args:
            ready: looks, which tells the program nothing; gives something once it is ready
            seconds: how long that may take

        Returns:
            what `ready` has given

        Raises:
            ProgramFailedError: it has ended, or is not ready in time; with the end of the log
        """

        def look() -> T | None:
            if not (found := ready()):
                self.check()
            return found

        return wait_until(
            look, seconds, lambda: ProgramFailedError(f"{self.name} is not ready after {seconds:.0f} s.\n{self.tail()}")
        )

    def wait_answers(self, url: str, seconds: float, verify: str | bool = True) -> None:
        """Wait until the program answers without an error.

        Args:
            url: what is asked of it
            seconds: how long that may take
            verify: file with the authority of its certificate, otherwise as requests has it

        Raises:
            ProgramFailedError: it has ended, or does not answer in time; with the end of the log
        """

        def answers() -> bool:
            try:
                return requests.get(url, timeout=_ANSWER_SECONDS, verify=verify).ok
            except requests.RequestException:
                return False

        self.wait_until(answers, seconds)

    def tail(self, lines: int = 25) -> str:
        """Return the last lines of the log, headed by its path."""
        text = self.log.read_text(errors="replace").splitlines()
        return "\n".join([f"The end of {self.log}:", *(f"    {line}" for line in text[-lines:])])

    def ask_to_stop(self) -> None:
        """Begin to end the program and all its processes; returns at once."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()

    def kill(self) -> None:
        """End the program and all its processes at once, without letting them finish anything."""
        # Again, since a process can have started another one meanwhile.
        while alive := self._alive():
            for process in alive:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self.ask_to_stop()
        self.wait_stopped()

    def _alive(self) -> list[psutil.Process]:
        """Return the processes below the supervisor that still run; none when the supervisor has ended itself."""
        alive = []
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    if process.status() != psutil.STATUS_ZOMBIE:
                        alive.append(process)
        return alive

    def wait_stopped(self) -> None:
        """Wait until nothing of it runs any more; raises subprocess.TimeoutExpired when that takes too long."""
        self._process.wait(timeout=_STOP_SECONDS)


def stop_all(programs: Sequence[Program]) -> None:
    """End several programs at the same time and wait for them."""
    for program in programs:
        program.ask_to_stop()
    for program in programs:
        program.wait_stopped()
