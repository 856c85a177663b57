"""The table at the end of a run."""

from __future__ import annotations

from wrike_provider.operators.results import Outcome, Result
from wrike_provider.operators.summary import table
from wrike_provider.staging.writer import Counts


def test_table_has_a_row_per_entity() -> None:
    counts = Counts(read=1200, inserted=3, updated=2, unchanged=1195, deleted=1)
    synced = Result.of("tasks", "beginning to now", counts).after(requests=2, seconds=1.234)
    blocked = Result("groups", Outcome.BLOCKED, note="no scope")
    rows = [line.split() for line in table([synced, blocked]).splitlines()[2:]]
    assert rows == [
        ["tasks", "synced", "1200", "3", "2", "1", "2", "1.2", "beginning", "to", "now"],
        ["groups", "blocked", "0", "0", "0", "0", "0", "0.0", "no", "scope"],
    ]


def test_results_survive_xcom() -> None:
    result = Result("tasks", Outcome.FAILED, note="why", read=3, seconds=0.5)
    assert Result.from_dict(result.as_dict()) == result
