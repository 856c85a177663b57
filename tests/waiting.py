"""Waiting for what happens in other processes, which send no word."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from include.local.waiting import wait_until as wait_until_there

T = TypeVar("T")


def wait_until(look: Callable[[], T | None], what: str, seconds: float = 60) -> T:
    """Look until there is something; fails when it takes too long.

    :param look: gives something once it is there.
    :param what: what is waited for, for the failure.
    :param seconds: how long that may take.
    """
    return wait_until_there(
        look, seconds, lambda: AssertionError(f"After {seconds:g} s {what} is still to come."), pause=0.2
    )
