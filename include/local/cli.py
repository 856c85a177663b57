"""What the command-line programs of this package have in common: how they end."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from rich.console import Console

from include.local.home import HomeInUseError, MigrationFailedError
from include.local.processes import ProgramFailedError
from include.local.sample import SampleError
from include.local.supervisor import end_with_parent

_WIDTH = 120
_STOPPING = (signal.SIGINT, signal.SIGTERM)
_EXPECTED = (HomeInUseError, MigrationFailedError, ProgramFailedError, SampleError, TimeoutError)


class _StoppedError(BaseException):
    """SIGINT or SIGTERM came; not an Exception, so that nothing on the way takes it for an error to handle."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(program: Callable[[Console], int]) -> NoReturn:
    """Run a program and exit with its exit code.

    Ctrl-C and SIGTERM unwind it, so that whatever it started is stopped; expected errors are shown without a trace.
    """
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)

    def stop(number: int, _frame: FrameType | None) -> None:
        # Stopping takes seconds, and has an end: a second Ctrl-C must not leave it half done.
        for each in _STOPPING:
            signal.signal(each, signal.SIG_IGN)
        console.print("\nStopping ...")
        raise _StoppedError(number)

    for number in _STOPPING:
        signal.signal(number, stop)
    # `make` does not pass on every way in which it can die.
    end_with_parent()
    try:
        code = program(console)
    except _StoppedError as stopped:
        code = 128 + stopped.number
    except _EXPECTED as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        code = 1
    sys.exit(code)
