"""How a process that reads many records deals with memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from wrike_provider.operators.memory import many_records


class Node:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    """Python's own: tests that sync in threads beside each other leave those that the last one has met."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_what_is_there_already_is_not_looked_at() -> None:
    node = Node()
    before = weakref.ref(node)
    with many_records():
        del node
        during = weakref.ref(Node())
        gc.collect()
        assert before() is not None
        assert during() is None
    gc.collect()
    assert before() is None


def test_collections_are_afterwards_as_before() -> None:
    thresholds = gc.get_threshold()
    with many_records():
        assert gc.get_threshold()[0] > thresholds[0]
    with pytest.raises(LookupError), many_records():
        raise LookupError
    assert gc.get_threshold() == thresholds
    assert gc.get_freeze_count() == 0
