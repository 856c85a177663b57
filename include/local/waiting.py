"""Waiting for what other processes do, which send no word of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(look: Callable[[], T | None], seconds: float, late: Callable[[], Exception], pause: float = 0.1) -> T:
    """Look until there is something.

    Args:
        look: gives something once it is there; raises when there is nothing to wait for any more
        seconds: how long that may take
        late: makes the error that is raised when it takes longer
        pause: seconds from one look to the next: what is looked at has work to do too

    Returns:
        what `look` has given
    """
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise late()
        time.sleep(pause)
    return found
