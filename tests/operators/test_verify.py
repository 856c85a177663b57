"""The param verify: staging that somebody has broken is found out, whatever is wrong with it."""

from __future__ import annotations

import pytest

from include.sandbox.client import SandboxClient
from tests.operators.harness import Harness
from wrike_provider.operators.errors import BadParamsError, StagingDiffersError
from wrike_provider.operators.results import Outcome

SOME = ("contacts", "users", "folders", "tasks", "comments", "work_schedules", "work_schedule_exclusions")


def test_what_was_synced_is_equal(harness: Harness) -> None:
    harness.run(*SOME)
    before = harness.query("SELECT * FROM tasks ORDER BY id")
    results = harness.run(*SOME, verify=True)
    assert {result.outcome for result in results.values()} == {Outcome.SYNCED}
    assert all(result.differences and result.differences["count"] == 0 for result in results.values())
    assert results["tasks"].read == len(before)
    assert harness.query("SELECT * FROM tasks ORDER BY id") == before


@pytest.mark.parametrize(
    ("name", "broken", "said"),
    [
        ("tasks", "UPDATE tasks SET title = 'x'", "column title: staging has 'x'"),
        ("tasks", "DELETE FROM tasks WHERE id = (SELECT min(id) FROM tasks)", "1 missing in staging"),
        ("tasks", "DELETE FROM tasks_custom_fields", "staging lacks a row"),
        (
            "folders",
            "INSERT INTO folders BY NAME SELECT * REPLACE ('X' AS id, NULL AS _deleted_at) FROM folders LIMIT 1",
            "not listed by Wrike: X",
        ),
        ("comments", "UPDATE comments SET _deleted_at = now()", "with other content"),
        ("users", "UPDATE users SET user_type_id = 'x' WHERE id = (SELECT min(id) FROM users)", "column user_type_id"),
    ],
)
def test_what_is_broken_is_named(harness: Harness, name: str, broken: str, said: str) -> None:
    harness.run(*(("contacts", name) if name == "users" else (name,)))
    harness.query(broken)
    with pytest.raises(StagingDiffersError, match="Staging does not equal Wrike") as caught:
        harness.run(name, verify=True)
    assert said in str(caught.value)
    assert harness.states[name]["watermark"]


def test_what_changed_after_the_last_sync_is_no_difference(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("tasks")
    wrike.mutate("aurora", "touch", collection="tasks", count=3)
    wrike.mutate("aurora", "create", collection="tasks")
    assert harness.run("tasks", verify=True)["tasks"].outcome is Outcome.SYNCED


def test_before_the_first_sync_there_is_nothing_to_compare(harness: Harness) -> None:
    result = harness.run("tasks", verify=True)["tasks"]
    assert (result.outcome, result.note) == (Outcome.SKIPPED, "not synced yet")


def test_it_is_not_mixed_with_a_sync(harness: Harness) -> None:
    with pytest.raises(BadParamsError):
        harness.run("tasks", verify=True, full_refresh=True)
