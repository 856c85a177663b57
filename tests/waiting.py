"""Waiting for what happens in other processes, which send no word."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_S = 60
_LOOK_S = 0.2


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Look until something is true; fails when it is not after a minute.

    :param true: looks.
    :param what: what is waited for, for the failure.
    """
    deadline = time.monotonic() + LONGEST_S
    while not true():
        assert time.monotonic() < deadline, f"After {LONGEST_S} s {what} is still to come."
        time.sleep(_LOOK_S)
