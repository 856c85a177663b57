"""Several requests under way at once: an answer of Wrike takes longer than its limit makes us wait for the next."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

T = TypeVar("T")

AT_ONCE: Final = 10
"""Requests under way for one reading: as many as its limit allows while Wrike takes up to 1.5 s for a full page."""
_KEPT: Final = 2
"""Answers that wait to be taken; all of them are in memory."""
_LOOK_S: Final = 0.5


def gathered(jobs: deque[Iterable[T]], *, first_alone: bool = False) -> Iterator[T]:
    """Take from several iterables at once, each in a thread of its own; in which order is left open.

    An error of one is raised here, and the others are ended.

    :param jobs: the iterables; emptied. More may be added while they are worked on, by themselves too.
    :param first_alone: begin with the others when the first has ended: what it finds out spares them.
    """
    if first_alone and jobs:
        yield from jobs.popleft()
    crew = _Crew[T]()
    try:
        while True:
            while jobs and crew.size < AT_ONCE:
                crew.add(jobs.popleft())
            if not crew.size:
                return
            yield from crew.next()
    finally:
        crew.stopped.set()


@dataclass(slots=True)
class _Crew(Generic[T]):
    """Threads that put what they get into a queue."""

    size: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    _results: queue.Queue[tuple[list[T], bool, BaseException | None]] = field(
        default_factory=lambda: queue.Queue(_KEPT)
    )

    def add(self, job: Iterable[T]) -> None:
        # A daemon: one that waits for Wrike does not keep a process alive that wants to end.
        threading.Thread(target=self._work, args=(job,), daemon=True).start()
        self.size += 1

    def next(self) -> list[T]:
        results, ended, error = self._results.get()
        if ended:
            self.size -= 1
        if error is not None:
            raise error
        return results

    def _work(self, job: Iterable[T]) -> None:
        try:
            for result in job:
                if not self._put(([result], False, None)):
                    return
        except BaseException as error:
            self._put(([], True, error))
        else:
            self._put(([], True, None))

    def _put(self, result: tuple[list[T], bool, BaseException | None]) -> bool:
        """Hand something over; false: nobody wants it any more."""
        while not self.stopped.is_set():
            try:
                self._results.put(result, timeout=_LOOK_S)
            except queue.Full:
                continue
            return True
        return False
