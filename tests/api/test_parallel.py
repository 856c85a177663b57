"""Several iterables worked on at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from types import SimpleNamespace

import pytest

from tests.api.server import Server, page, refusal
from wrike_provider.api.client import Page, WrikeClient
from wrike_provider.api.parallel import AT_ONCE, begun, gathered, wait_for_room

WAIT_S = 10


def test_all_that_all_of_them_have_comes() -> None:
    jobs: deque[Iterable[int]] = deque(range(10 * number, 10 * number + 5) for number in range(3 * AT_ONCE))
    assert sorted(gathered(jobs)) == [10 * number + one for number in range(3 * AT_ONCE) for one in range(5)]


def test_nothing_comes_of_nothing() -> None:
    assert list(gathered(deque())) == []
    assert list(gathered(deque(), first_alone=True)) == []


def test_the_first_is_taken_before_anybody_asks_for_it() -> None:
    reached = threading.Event()

    def source() -> Iterator[int]:
        reached.set()
        yield from range(3)

    taken = begun(source())
    assert reached.wait(WAIT_S)
    assert list(taken) == [0, 1, 2]
    assert list(begun(iter(()))) == []


@pytest.mark.parametrize("after", [0, 1])
def test_what_goes_wrong_is_raised_where_it_is_asked_for(after: int) -> None:
    def source() -> Iterator[int]:
        yield from range(after)
        raise KeyError

    taken = begun(source())
    assert [next(taken) for _ in range(after)] == list(range(after))
    with pytest.raises(KeyError):
        next(taken)


@pytest.mark.parametrize("taken", [1, 2])
def test_a_source_ends_with_what_was_begun(taken: int) -> None:
    ended = []

    def source() -> Iterator[int]:
        try:
            yield from range(5)
        finally:
            ended.append(True)

    kept = source()
    items = begun(kept)
    assert [next(items) for _ in range(taken)] == list(range(taken))
    items.close()  # type: ignore[attr-defined]
    assert ended


def test_as_many_as_allowed_are_under_way() -> None:
    meeting = threading.Barrier(AT_ONCE)

    def job(number: int) -> Iterator[int]:
        # Goes on only when all of them have come here.
        meeting.wait(WAIT_S)
        yield number

    assert sorted(gathered(deque(map(job, range(AT_ONCE))))) == list(range(AT_ONCE))


def test_answers_wait_to_be_parsed_until_there_is_room_for_them() -> None:
    lock, parsed, most = threading.Lock(), 0, 0
    come = threading.Semaphore(0)

    def job(number: int) -> Iterator[int]:
        nonlocal parsed, most
        for answer in range(5):
            come.release()
            wait_for_room()
            with lock:
                parsed += 1
                most = max(most, parsed)
            yield 5 * number + answer

    taken = []
    for result in gathered(deque(map(job, range(AT_ONCE)))):
        if not taken:
            # All of them have an answer now; one has been taken.
            for _ in range(AT_ONCE):
                assert come.acquire(timeout=WAIT_S)
        taken.append(result)
        with lock:
            parsed -= 1
    assert sorted(taken) == list(range(5 * AT_ONCE))
    # Two that wait, and the one that is worked on.
    assert most <= 3


def test_who_waits_for_room_ends_with_the_others() -> None:
    ended = [threading.Event() for _ in range(AT_ONCE)]

    def job(number: int) -> Iterator[int]:
        try:
            while True:
                wait_for_room()
                yield number
        finally:
            ended[number].set()

    taken = gathered(deque(map(job, range(AT_ONCE))))
    next(taken)
    taken.close()  # type: ignore[attr-defined]
    assert all(each.wait(WAIT_S) for each in ended)


def test_room_that_was_not_needed_is_given_back() -> None:
    def job(number: int) -> Iterator[int]:
        wait_for_room()
        if number % 2:
            raise PermissionError
        return
        yield number

    for number in range(2 * AT_ONCE):
        jobs: deque[Iterable[int]] = deque(job(2 * each) for each in range(AT_ONCE))
        assert list(gathered(jobs)) == []
        with pytest.raises(PermissionError):
            list(gathered(deque([job(2 * number + 1)])))


def test_a_job_can_leave_work_to_others() -> None:
    jobs: deque[Iterable[int]] = deque()

    def halved(start: int, end: int) -> Iterator[int]:
        yield start
        middle = (start + 1 + end) // 2
        jobs.extend(halved(*half) for half in ((start + 1, middle), (middle, end)) if half[0] < half[1])

    jobs.append(halved(0, 100))
    assert sorted(gathered(jobs)) == list(range(100))


def test_an_error_comes_here_and_ends_the_others() -> None:
    ended = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            ended.set()

    def broken() -> Iterator[int]:
        yield 2
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(gathered(deque([endless(), broken()])))
    assert ended.wait(WAIT_S)


def test_whoever_has_enough_ends_them() -> None:
    ended = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            ended.set()

    taken = gathered(deque([endless()]))
    assert next(taken) == 1
    taken.close()  # type: ignore[attr-defined]
    assert ended.wait(WAIT_S)


def test_the_others_wait_for_the_first_when_they_are_to() -> None:
    begun: list[str] = []

    def refused() -> Iterator[int]:
        begun.append("first")
        raise PermissionError
        yield 1

    def other() -> Iterator[int]:
        begun.append("other")
        yield 2

    with pytest.raises(PermissionError):
        list(gathered(deque([refused(), other()]), first_alone=True))
    assert begun == ["first"]


def pauses(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Let a pause before another try begin with the first event, and end with the second one."""
    begun, over = threading.Event(), threading.Event()

    def pause(_: float) -> None:
        begun.set()
        assert over.wait(WAIT_S)

    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=pause))
    return begun, over


def test_who_waits_before_trying_again_takes_no_room_from_the_others(
    client: WrikeClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One reader is refused and pauses until the other one has read all that it has."""
    server.will(refusal(503), page({"id": "1"}))
    paused, read = pauses(monkeypatch)

    def other() -> Iterator[Page]:
        assert paused.wait(WAIT_S)
        for _ in range(3):
            wait_for_room()
            yield Page([])
        read.set()

    assert len(list(gathered(deque([map(client.get, ["/tasks"]), other()])))) == 4


def test_when_one_reader_has_failed_the_others_try_no_more(
    client: WrikeClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.will(refusal(503))
    paused, failed = pauses(monkeypatch)

    def failing() -> Iterator[Page]:
        assert paused.wait(WAIT_S)
        raise KeyError
        yield

    before = set(threading.enumerate())
    with pytest.raises(KeyError):
        list(gathered(deque([map(client.get, ["/tasks"]), failing()])))
    readers = set(threading.enumerate()) - before
    failed.set()
    for reader in readers:
        reader.join(WAIT_S)
    assert len(server.asked) == 1
