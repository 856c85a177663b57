"""How a process that reads many records deals with memory."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OBJECTS_A_COLLECTION: Final = 5_000_000
_THRESHOLDS: Final = gc.get_threshold()
"""As the process has begun: who reads beside another one in it would find, and leave, those of the other."""
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_THRESHOLD_BYTES: Final = 512 * 1024


@contextmanager
def many_records() -> Iterator[None]:
    """Use memory so that it suits many records: less time is spent on it, and what was freed is given back."""
    _give_back()
    # Records have no reference cycles, and each look for some goes through all of them; what is there already, most of
    # it modules, is not looked at again.
    gc.freeze()
    gc.set_threshold(_OBJECTS_A_COLLECTION, *_THRESHOLDS[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_THRESHOLDS)
        # What stays out of reach when the process ends, DuckDB takes for a leak and says so.
        gc.unfreeze()


def _give_back() -> None:
    """Let the C library give back what was large, and Arrow use nothing else.

    glibc raises its thresholds when large answers are freed, and then keeps up to 64 MiB of free memory for each
    thread; so does Arrow's own allocator.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    # Other C libraries have no such thresholds.
    if mallopt is not None:
        for threshold in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD):
            mallopt(threshold, _THRESHOLD_BYTES)
        # Heavy, so only for what is read.
        import pyarrow as pa

        pa.set_memory_pool(pa.system_memory_pool())
