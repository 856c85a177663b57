"""What became of an entity."""

from __future__ import annotations

from wrike_provider.operators.results import Outcome, Result


def test_what_is_to_be_known_of_parts_is_told_once() -> None:
    tasks = Result("comments", Outcome.SYNCED, read=3, note="Without type.")
    folders = Result("comments", Outcome.SYNCED, read=4, note="Some were not asked for.")
    both = folders.plus(tasks)
    assert (both.read, both.note) == (7, "Without type. Some were not asked for.")
    assert tasks.plus(tasks).note == tasks.note
