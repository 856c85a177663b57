"""Several requests under way at once: an answer of Wrike takes longer than its limit makes us wait for the next."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

AT_ONCE: Final = 10
"""Requests under way for one list: as many as its limit allows while Wrike takes up to 1.5 s for a full page."""
_KEPT: Final = 1
"""Answers that wait to be taken. One that was parsed takes ten times the memory that it took as it came."""
_LOOK_S: Final = 0.5


class _Here(threading.local):
    """What a thread knows of itself.

    :param crew: the crew that it belongs to.
    :param admitted: whether what it finds next has a place among the answers that wait.
    """

    crew: _Crew[Any] | None = None
    admitted: bool = False


_here = _Here()


class UnwantedError(Exception):
    """Nobody takes what a reader would find: another reader has failed."""


def ensure_wanted() -> None:
    """Let no request be made for nobody, also not one more try.

    :raises UnwantedError: the caller is one of the readers of :func:`gathered`, and those were ended.
    """
    if _here.crew is not None and _here.crew.stopped.is_set():
        raise UnwantedError


def wait_for_room() -> None:
    """Wait until what is found next may be held in memory; outside of :func:`gathered` it always may.

    To be called when an answer has come and before it is parsed.
    """
    if _here.crew is not None and not _here.admitted:
        _here.admitted = _here.crew.admit()


def begun(source: Iterator[T]) -> Iterator[T]:
    """Take the first of an iterator at once, in a thread, while the caller has something else to do before.

    An error is raised when the first is asked for.

    :param source: the iterator.
    """
    taken: queue.SimpleQueue[tuple[list[T], BaseException | None]] = queue.SimpleQueue()

    def take() -> None:
        try:
            taken.put(([next(source)], None))
        except StopIteration:
            taken.put(([], None))
        except BaseException as error:
            taken.put(([], error))

    threading.Thread(target=take, daemon=True).start()
    return _from(taken, source)


def _from(taken: queue.SimpleQueue[tuple[list[T], BaseException | None]], source: Iterator[T]) -> Iterator[T]:
    first, error = taken.get()
    if error is not None:
        raise error
    try:
        while first:
            yield first.pop()
        yield from source
    finally:
        # Not only where nobody refers to it any more: an error that is kept does.
        if isinstance(source, Generator):
            source.close()


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
    _results: queue.Queue[_Found[T]] = field(default_factory=lambda: queue.Queue(_KEPT))
    _room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_KEPT))

    def add(self, job: Iterable[T]) -> None:
        # A daemon: one that waits for Wrike does not keep a process alive that wants to end.
        threading.Thread(target=self._work, args=(job,), daemon=True).start()
        self.size += 1

    def next(self) -> list[T]:
        found = self._results.get()
        if found.admitted:
            self._room.release()
        if found.ended:
            self.size -= 1
        if found.error is not None:
            raise found.error
        return found.results

    def admit(self) -> bool:
        """Wait for room; false: nobody wants anything any more."""
        while not self.stopped.is_set():
            if self._room.acquire(timeout=_LOOK_S):
                return True
        return False

    def _work(self, job: Iterable[T]) -> None:
        _here.crew = self
        try:
            for result in job:
                if not self._put([result]):
                    return
                del result
        except BaseException as error:
            self._put([], ended=True, error=error)
        else:
            self._put([], ended=True)

    def _put(self, results: list[T], *, ended: bool = False, error: BaseException | None = None) -> bool:
        """Hand something over, and its place in memory with it; false: nobody wants it any more."""
        found = _Found(results, ended, error, _here.admitted)
        _here.admitted = False
        while not self.stopped.is_set():
            try:
                self._results.put(found, timeout=_LOOK_S)
            except queue.Full:
                continue
            return True
        return False


@dataclass(frozen=True, slots=True)
class _Found(Generic[T]):
    """What a thread hands over.

    :param results: what its job has given.
    :param ended: whether that was the last.
    :param error: what its job has ended with.
    :param admitted: whether it has a place among the answers that wait.
    """

    results: list[T]
    ended: bool
    error: BaseException | None
    admitted: bool
