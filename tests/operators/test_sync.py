"""What a run does with an entity that has a list."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from types import CodeType, FrameType

import pytest
import time_machine

from include.sandbox.client import SandboxClient
from tests.operators.harness import Harness
from wrike_provider.operators.errors import CutOffError, TooManyVanishedError
from wrike_provider.operators.results import Outcome
from wrike_provider.staging import columns, parsed
from wrike_provider.teams import Reconcile

LEAVES = ("comments", "attachments", "timelogs", "approvals")


def stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def marked(harness: Harness, table: str) -> set[str]:
    return {row[0] for row in harness.query(f"SELECT id FROM {table} WHERE _deleted_at IS NOT NULL")}  # noqa: S608


def test_comments_that_are_older_than_their_account_are_read(harness: Harness, wrike: SandboxClient) -> None:
    """The account was moved or merged."""
    made = sorted(record["createdDate"] for record in wrike.records("aurora", "comments"))
    harness.account_told = {"createdDate": made[len(made) // 2]}
    harness.run("folders", "tasks", "comments")
    assert harness.unequal("comments") == []
    assert harness.run("comments", verify=True)["comments"].outcome is Outcome.SYNCED


def test_how_old_comments_can_be_is_looked_at_once_more(
    harness: Harness, wrike: SandboxClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The tasks of a DAG run side by side: in the first run nobody knows how old folders and tasks are."""
    made = sorted(record["createdDate"] for record in wrike.records("aurora", "comments"))
    harness.account_told = {"createdDate": made[len(made) // 2]}
    harness.run("comments")
    assert harness.unequal("comments") != []
    harness.run("folders", "tasks")
    harness.run("comments")
    assert "comments: There are records from before" in caplog.text
    assert harness.unequal("comments") == []
    for _ in range(2):
        assert not harness.run("comments")["comments"].window.startswith("beginning")


def test_comments_that_staging_has_are_asked_for_however_old_they_are(harness: Harness, wrike: SandboxClient) -> None:
    made = sorted(record["createdDate"] for record in wrike.records("aurora", "comments"))
    harness.run("comments")
    harness.account_told = {"createdDate": made[len(made) // 2]}
    assert harness.run("comments", full_refresh=True)["comments"].deleted == 0
    assert harness.unequal("comments") == []


def test_a_run_without_a_begin_starts_where_the_account_does(harness: Harness, wrike: SandboxClient) -> None:
    (account,) = wrike.records("aurora", "account")
    age = datetime.now(UTC) - datetime.fromisoformat(account["createdDate"])
    until = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    assert harness.run("attachments", until=until)["attachments"].requests <= age / timedelta(days=30) + 1


def test_without_folders_and_tasks_their_account_tells_when_comments_begin(
    harness: Harness, wrike: SandboxClient
) -> None:
    made = sorted(record["createdDate"] for record in wrike.records("aurora", "comments"))
    harness.account_told = {"createdDate": made[0]}
    harness.run("comments")
    assert harness.unequal("comments") == []


def test_comments_and_attachments_are_read_in_spans(harness: Harness, wrike: SandboxClient) -> None:
    (account,) = wrike.records("aurora", "account")
    age = datetime.now(UTC) - datetime.fromisoformat(account["createdDate"])
    first = harness.run("comments", "attachments")
    assert harness.unequal("comments", "attachments") == []
    # Under seven days, and under thirty-one.
    assert first["comments"].requests == -(-age // timedelta(days=7, seconds=-1))
    assert first["attachments"].requests == -(-age // timedelta(days=31, seconds=-1))
    again = harness.run("comments", "attachments")
    assert [result.requests for result in again.values()] == [1, 1]


def test_records_that_are_just_as_declared_never_become_objects(harness: Harness) -> None:
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, arg: object) -> None:
        called.add(frame.f_code)

    sys.setprofile(note)
    try:
        harness.run("contacts", "folders", "tasks", "comments")
    finally:
        sys.setprofile(None)
    assert harness.unequal("contacts", "folders", "tasks", "comments") == []
    assert parsed.take.__code__ in called
    assert columns.take.__code__ not in called


def test_what_changes_while_our_clock_is_ahead_is_read(harness: Harness, wrike: SandboxClient) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=25)):
        harness.run("folders", "tasks", "comments")
    task = wrike.records("aurora", "tasks")[0]["id"]
    wrike.mutate("aurora", "update", collection="tasks", id=task, title="Renamed")
    comment = wrike.mutate("aurora", "create", collection="comments", taskId=task, text="New")["id"]
    later = harness.run("folders", "tasks", "comments")
    assert (later["tasks"].updated, later["comments"].inserted) == (1, 1)
    assert harness.query("SELECT title FROM tasks WHERE title = 'Renamed'") == [("Renamed",)]
    assert harness.query(f"SELECT id FROM comments WHERE id = '{comment}'")  # noqa: S608


def test_a_bin_that_cannot_be_read_is_told(harness: Harness, wrike: SandboxClient) -> None:
    (account,) = wrike.records("aurora", "account")
    wrike.fault(f"/folders/{account['recycleBinId']}/tasks", status=403, code="access_forbidden", times=-1)
    result = harness.run("tasks")["tasks"]
    assert result.outcome is Outcome.SYNCED
    assert result.note.startswith("Which tasks are in the recycle bin cannot be read. GET /folders/")


def test_what_went_into_a_bin_that_could_not_be_read_is_found_as_soon_as_it_can(
    harness: Harness, wrike: SandboxClient
) -> None:
    (account,) = wrike.records("aurora", "account")
    path = f"/folders/{account['recycleBinId']}/tasks"
    harness.run("tasks")
    gone = next(task["id"] for task in wrike.records("aurora", "tasks") if not task["subTaskIds"])
    wrike.mutate("aurora", "trash", collection="tasks", id=gone)
    wrike.fault(path, status=403, code="access_forbidden", times=-1)
    for _ in range(2):
        assert harness.run("tasks")["tasks"].note
        # As if an hour had passed: more than a window reaches back.
        watermark = harness.states["tasks"]["watermark"]
        watermark["until"] = (datetime.fromisoformat(watermark["until"]) + timedelta(hours=1)).isoformat()
    wrike.heal()
    assert harness.run("tasks")["tasks"].deleted == 1
    assert harness.query(f"SELECT _deleted_at IS NOT NULL FROM tasks WHERE id = '{gone}'") == [(True,)]  # noqa: S608
    assert harness.states["tasks"]["watermark"]["bin_since"] is None


def test_a_scheduler_whose_clock_is_ahead_loses_nothing(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("tasks")
    now = datetime.now(UTC)
    harness.run("tasks", run_type="scheduled", interval=(now, now + timedelta(minutes=40)))
    task = wrike.records("aurora", "tasks")[0]["id"]
    wrike.mutate("aurora", "update", collection="tasks", id=task, title="Renamed")
    interval = (now + timedelta(minutes=40), now + timedelta(minutes=80))
    assert harness.run("tasks", run_type="scheduled", interval=interval)["tasks"].updated == 1


def test_what_was_refused_is_asked_for_again_after_a_day(harness: Harness, wrike: SandboxClient) -> None:
    rates = "SELECT COUNT(current_bill_rate_rate_value) FROM contacts"
    wrike.fault("/contacts", status=403, code="not_allowed", times=1)
    result = harness.run("contacts")["contacts"]
    assert result.note.startswith("Wrike refuses to tell currentBillRate, currentCostRate:")
    again = harness.run("contacts")["contacts"]
    assert (again.note, again.requests) == (result.note, 1)
    assert harness.query(rates) == [(0,)]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1, seconds=1)):
        assert harness.run("contacts")["contacts"].note == ""
    assert harness.query(rates) != [(0,)]


def test_e_mails_among_comments_are_read(harness: Harness, wrike: SandboxClient) -> None:
    e_mails = {comment["id"] for comment in wrike.records("aurora", "comments") if comment["type"] == "Email"}
    harness.run("comments")
    assert {key for (key,) in harness.query("SELECT id FROM comments WHERE type = 'Email'")} == e_mails != set()


@pytest.mark.parametrize(
    ("created", "name"),
    [
        ("2021-05-04", "attachments"),
        ("2021-05-04T08:00:00", "attachments"),
        ("soon", "groups"),
        ("", "groups"),
        (5, "groups"),
    ],
)
def test_the_age_of_the_account_may_be_written_anyhow(
    harness: Harness, wrike: SandboxClient, monkeypatch: pytest.MonkeyPatch, created: object, name: str
) -> None:
    (account,) = wrike.records("aurora", "account")
    monkeypatch.setattr(harness, "_account", lambda: {**account, "createdDate": created})
    assert harness.run(name)[name].outcome is Outcome.SYNCED
    assert harness.unequal(name) == []


def test_more_comments_than_wrike_gives_at_once(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("comments")
    begin = datetime.now(UTC) - timedelta(minutes=9)
    for number in range(2100):
        wrike.mutate(
            "aurora", "create", collection="comments", createdDate=stamp(begin + timedelta(seconds=number // 5))
        )
    result = harness.run("comments")["comments"]
    assert harness.unequal("comments") == []
    assert result.inserted == 2100
    assert result.requests == 3


def test_a_list_that_is_cut_off_is_not_read_again_for_nothing(harness: Harness, wrike: SandboxClient) -> None:
    (account,) = wrike.records("aurora", "account")
    task = wrike.records("aurora", "tasks")[0]["id"]
    once = stamp(datetime.fromisoformat(account["createdDate"]) + timedelta(days=1))
    for _ in range(1001):
        wrike.mutate("aurora", "create", collection="comments", taskId=task, text="Imported", createdDate=once)
    harness.run("tasks", "folders", "comments")
    assert harness.unequal("comments") == []
    # Of a task and of a folder by turns.
    assert harness.run("comments")["comments"].requests == 2
    assert harness.run("comments", full_refresh=True)["comments"].requests > 20
    assert harness.unequal("comments") == []
    # Once it is not cut off any more, it is read as before.
    for imported in wrike.records("aurora", "comments")[-300:]:
        wrike.mutate("aurora", "erase", collection="comments", id=imported["id"])
    harness.run("comments", full_refresh=True)
    new = wrike.mutate("aurora", "create", collection="comments", taskId=task, text="New")["id"]
    assert harness.run("comments")["comments"].requests == 1
    assert harness.query(f"SELECT id FROM comments WHERE id = '{new}'")  # noqa: S608


def test_more_comments_of_one_second_than_wrike_gives(harness: Harness, wrike: SandboxClient) -> None:
    """Its list has no way to all of them; the task that they are about has."""
    about = wrike.records("aurora", "tasks")[0]["id"]
    at = stamp(datetime.now(UTC) - timedelta(days=1))
    for _ in range(1001):
        wrike.mutate("aurora", "create", collection="comments", taskId=about, createdDate=at)
    with pytest.raises(CutOffError, match=f"1000 or more records have the time {at}"):
        harness.run("comments", since=stamp(datetime.now(UTC) - timedelta(days=2)))
    result = harness.run("tasks", "folders", "comments")["comments"]
    assert result.outcome is Outcome.SYNCED
    assert harness.unequal("comments") == []


@pytest.mark.parametrize("name", LEAVES)
def test_what_is_erased_is_found_by_the_next_reconciliation(harness: Harness, wrike: SandboxClient, name: str) -> None:
    harness.run(name)
    gone = wrike.records("aurora", name)[0]["id"]
    wrike.mutate("aurora", "remove", collection=name, id=gone)
    assert harness.run(name, reconcile=Reconcile.WEEKLY)[name].deleted == 0
    harness.states[name]["watermark"]["reconciled"] = stamp(datetime.now(UTC) - timedelta(days=7))
    assert harness.run(name, reconcile=Reconcile.MONTHLY)[name].deleted == 0
    assert harness.run(name, reconcile=Reconcile.WEEKLY)[name].deleted == 1
    assert marked(harness, name) == {gone}
    assert harness.unequal(name) == []
    assert harness.run(name, reconcile=Reconcile.WEEKLY)[name].requests == 1


def test_only_before_it_is_known_how_long_a_list_is_both_its_ends_are_looked_at(
    harness: Harness, wrike: SandboxClient
) -> None:
    """Of a list that turns out to be short the look at its end is in vain."""
    tasks = len(wrike.records("aurora", "tasks")) + len(wrike.records("aurora", "tasks", trashed=True))
    orders = {}
    for full_refresh in (False, True):
        wrike.forget_requests()
        result = harness.run("tasks", full_refresh=full_refresh)["tasks"]
        asked = [request["query"] for request in wrike.requests() if request["path"] == "/tasks"]
        orders[full_refresh] = sorted(query["sortOrder"] for query in asked)
        assert harness.states["tasks"]["watermark"]["records"] == result.read == tasks
    assert orders == {False: ["Asc", "Desc"], True: ["Asc"]}
    harness.run("tasks")
    assert harness.states["tasks"]["watermark"]["records"] == tasks, "a run that reads some only does not count"


def test_what_is_erased_is_found_by_a_full_refresh(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("tasks", "folders")
    task = wrike.records("aurora", "tasks")[0]["id"]
    folder = next(f["id"] for f in wrike.records("aurora", "folders") if not f["childIds"] and not f.get("space"))
    already = marked(harness, "tasks"), marked(harness, "folders")
    wrike.mutate("aurora", "erase", collection="tasks", id=task)
    wrike.mutate("aurora", "erase", collection="folders", id=folder)
    harness.run("tasks", "folders")
    assert (marked(harness, "tasks"), marked(harness, "folders")) == already
    harness.run("tasks", "folders", full_refresh=True)
    assert marked(harness, "tasks") == already[0] | {task}
    assert marked(harness, "folders") == already[1] | {folder}
    assert harness.unequal("folders", "tasks") == []


def test_edited_comments_come_with_the_reconciliation(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("comments")
    comment = wrike.records("aurora", "comments")[0]["id"]
    wrike.mutate("aurora", "update", collection="comments", id=comment, text="edited")
    assert harness.run("comments")["comments"].updated == 0
    assert harness.run("comments", full_refresh=True)["comments"].updated == 1
    assert harness.unequal("comments") == []


def test_a_reconciliation_marks_nothing_when_too_much_is_missing(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("timelogs")
    logs = wrike.records("aurora", "timelogs")
    for log in logs[: len(logs) // 2]:
        wrike.mutate("aurora", "remove", collection="timelogs", id=log["id"])
    with pytest.raises(TooManyVanishedError, match=f"{len(logs) // 2} of the {len(logs)} timelogs"):
        harness.run("timelogs", full_refresh=True, may_vanish=0.2)
    assert marked(harness, "timelogs") == set()
    harness.run("timelogs", full_refresh=True, may_vanish=0.2, accept_deletions=True)
    assert len(marked(harness, "timelogs")) == len(logs) // 2


def test_a_reconciliation_that_breaks_off_marks_nothing(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("attachments")
    gone = wrike.records("aurora", "attachments")[0]["id"]
    wrike.mutate("aurora", "remove", collection="attachments", id=gone)
    wrike.fault("/attachments", status=400, code="invalid_request", skip=3)
    with pytest.raises(Exception, match="400"):
        harness.run("attachments", full_refresh=True)
    assert marked(harness, "attachments") == set()
    wrike.heal()
    harness.run("attachments", full_refresh=True)
    assert marked(harness, "attachments") == {gone}


def test_old_entries_of_the_audit_log_were_not_deleted(harness: Harness) -> None:
    harness.run("audit_log")
    harness.query("INSERT INTO audit_log BY NAME SELECT * REPLACE ('old' AS id) FROM audit_log LIMIT 1")
    harness.run("audit_log", full_refresh=True)
    assert marked(harness, "audit_log") == set()


def test_an_entity_that_is_new_fills_itself_from_the_beginning(harness: Harness) -> None:
    harness.run("folders")
    assert harness.run("folders", "timelogs")["timelogs"].window.startswith("beginning")
    assert harness.unequal("folders", "timelogs") == []


def test_a_table_that_somebody_dropped_fills_itself_again(harness: Harness) -> None:
    harness.run("folders")
    harness.query("DROP TABLE folders_parent_ids")
    harness.run("folders")
    assert harness.unequal("folders") == []


def test_a_backfill_takes_what_changed_in_its_interval_and_nothing_else(harness: Harness, wrike: SandboxClient) -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    results = harness.run(run_type="backfill", interval=(begin, end))
    by = {"folders": "updatedDate", "tasks": "updatedDate", "timelogs": "updatedDate", "approvals": "updatedDate"}
    by |= {"comments": "createdDate", "attachments": "createdDate", "audit_log": "eventDate"}
    for name, result in results.items():
        if name not in by:
            assert (result.outcome, result.requests) == (Outcome.SKIPPED, 0)
            assert "nothing to backfill" in result.note
            continue
        records = wrike.records("aurora", name.replace("_", ""))
        expected = {r["id"] for r in records if stamp(begin) <= r[by[name]] < stamp(end)}
        assert expected
        assert {row[0] for row in harness.query(f"SELECT id FROM {name}")} - marked(harness, name) == expected  # noqa: S608
        assert "watermark" not in harness.states[name]


def test_a_full_refresh_mends_whatever_was_done_to_the_rows(harness: Harness) -> None:
    harness.run("tasks")
    for damage in (
        "UPDATE tasks SET title = 'wrong'",
        "DELETE FROM tasks_custom_fields",
        "DELETE FROM tasks WHERE id = (SELECT MIN(id) FROM tasks)",
    ):
        harness.query(damage)
    assert harness.run("tasks")["tasks"].inserted == 0
    assert harness.unequal("tasks")
    result = harness.run("tasks", full_refresh=True)["tasks"]
    assert harness.unequal("tasks") == []
    assert (result.inserted, result.updated) == (1, 0)
    assert harness.run("tasks", verify=True)["tasks"].outcome is Outcome.SYNCED


@pytest.mark.parametrize("names", [("groups", "custom_fields", "colors"), ("folders", "tasks"), LEAVES, ("audit_log",)])
def test_what_becomes_blocked_empties_nothing(harness: Harness, wrike: SandboxClient, names: tuple[str, ...]) -> None:
    harness.run(*names)
    before = {name: harness.query(f"SELECT * FROM {name} ORDER BY ALL") for name in names}  # noqa: S608
    marks = {name: harness.states[name]["watermark"] for name in names}
    for name in names:
        wrike.block("aurora", "/" + {"custom_fields": "customfields"}.get(name, name), "access_forbidden")
        for owner in ("tasks", "folders"):
            wrike.block("aurora", f"/{owner}/{{id}}/{name}", "access_forbidden")
    for params in ({}, {"full_refresh": True}):
        results = harness.run(*names, **params)
        assert {result.outcome for result in results.values()} == {Outcome.BLOCKED}
        assert all("403 access_forbidden" in result.note for result in results.values())
    assert {name: harness.query(f"SELECT * FROM {name} ORDER BY ALL") for name in names} == before  # noqa: S608
    assert {name: harness.states[name]["watermark"] for name in names} == marks


@pytest.mark.parametrize("name", ["comments", "attachments"])
def test_where_the_list_is_refused_each_task_and_folder_is_asked(
    harness: Harness, wrike: SandboxClient, name: str
) -> None:
    wrike.block("aurora", f"/{name}")
    assert "403 not_allowed" in harness.run(name, since="2026-01-01T00:00:00Z")[name].note
    there = [one for owner in ("tasks", "folders") for one in wrike.records("aurora", owner)]
    first = harness.run("tasks", "folders", name)[name]
    # And the list itself.
    assert (first.outcome, first.requests) == (Outcome.SYNCED, len(there) + 1)
    assert harness.unequal(name) == []

    task, folder = there[0]["id"], there[-1]["id"]
    wrike.mutate("aurora", "update", collection="tasks", id=task, title="Something is said about it")
    wrike.mutate("aurora", "create", collection=name, taskId=task)
    said = wrike.mutate("aurora", "create", collection=name, folderId=folder)
    again = harness.run("tasks", "folders", name, detail_requests=0)[name]
    assert (again.requests, again.inserted, again.deleted) == (2, 1, 0)
    harness.run(name, detail_requests=len(there))
    assert harness.unequal(name) == []

    wrike.mutate("aurora", "remove", collection=name, id=said["id"])
    wrike.block("aurora", f"/{name}", None)
    assert harness.run(name, full_refresh=True)[name].deleted == 1
    assert harness.unequal(name) == []


@pytest.mark.parametrize(("taken", "lacking"), [("tasks", "folders"), ("folders", "tasks")])
def test_where_a_team_does_not_take_all_owners_the_others_are_asked(
    harness: Harness, wrike: SandboxClient, taken: str, lacking: str
) -> None:
    wrike.block("aurora", "/comments")
    owners = len(wrike.records("aurora", taken))
    first = harness.run(taken, "comments")["comments"]
    assert (first.outcome, first.requests) == (Outcome.SYNCED, owners + 1)
    assert f"Those of {lacking} were not asked for" in first.note
    about = {"tasks": "taskId", "folders": "folderId"}[taken]
    there = {comment["id"] for comment in wrike.records("aurora", "comments") if about in comment}
    assert {key for (key,) in harness.query("SELECT id FROM comments")} == there != set()
    assert harness.run(taken, "comments", detail_requests=0)["comments"].requests == 1
    harness.run(lacking, "comments")
    assert harness.unequal("comments") == []
