"""How a process that reads many records deals with memory."""

from __future__ import annotations

import gc
import weakref

import pyarrow as pa
import pytest

from wrike_provider.operators.memory import many_records


class Node:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


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


def test_arrow_uses_memory_that_goes_back_to_the_system() -> None:
    with many_records():
        assert pa.default_memory_pool().backend_name == "system"


def test_nor_do_two_that_overlap_leave_anything() -> None:
    thresholds = gc.get_threshold()
    first, second = many_records(), many_records()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert gc.get_threshold() == thresholds
    assert gc.get_freeze_count() == 0
