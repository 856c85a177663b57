"""Which records a run asks about, and what becomes of the answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from include.sandbox.client import SandboxClient
from tests.operators.harness import Harness
from wrike_provider.api.errors import WrikeRequestError
from wrike_provider.entities.model import Details
from wrike_provider.operators.details import GONE, PROBES, Mark, question
from wrike_provider.operators.errors import TooManyVanishedError
from wrike_provider.operators.extraction import FEW
from wrike_provider.operators.results import Outcome

THEN = datetime(2026, 5, 1, tzinfo=UTC)
LATER = THEN + timedelta(hours=1)
ONE = Details(of="contacts")
THREE = Details(of="contacts", batch=3)


@pytest.mark.parametrize(
    ("written", "mark", "details", "budget", "ids", "turn"),
    [
        pytest.param({"b": THEN, "a": THEN}, Mark(), ONE, 1, ("a", "b"), "", id="first all"),
        pytest.param({"a": THEN, "b": LATER}, Mark(THEN), ONE, 0, ("b",), "", id="what was written since"),
        pytest.param({"a": THEN, "b": THEN}, Mark(THEN), ONE, 0, (), "", id="nothing"),
        pytest.param({"a": THEN, "b": THEN}, Mark(THEN), ONE, 1, ("a",), "a", id="one by turns"),
        pytest.param({"a": THEN, "b": THEN}, Mark(THEN, "a"), ONE, 1, ("b",), "b", id="the next one"),
        pytest.param({"a": THEN, "b": THEN}, Mark(THEN, "b"), ONE, 1, ("a",), "a", id="around"),
        pytest.param({"a": THEN, "b": THEN}, Mark(THEN, "a"), ONE, 9, ("b", "a"), "a", id="each once"),
        pytest.param(
            {"a": THEN, "b": LATER, "c": THEN, "d": THEN}, Mark(THEN), THREE, 0, ("b", "a", "c"), "c", id="filled up"
        ),
        pytest.param({}, Mark(THEN, "z"), ONE, 1, (), "z", id="none there"),
    ],
)
def test_question(
    written: dict[str, datetime], mark: Mark, details: Details, budget: int, ids: tuple[str, ...], turn: str
) -> None:
    asked = question(written, mark, details, budget)
    assert asked.ids == ids
    assert asked.mark == Mark(max(written.values(), default=THEN), turn)


def test_what_is_too_much_for_one_run_is_left_to_the_next() -> None:
    details = Details(of="tasks", most=3)
    times = {"a": LATER, "b": THEN, "c": THEN, "d": THEN + timedelta(minutes=1), "e": THEN + timedelta(minutes=1)}
    first = question(times, Mark(), details, 5)
    # Of those that were written at one time the others come next; a first load writes thousands at once.
    assert (first.ids, first.mark) == (("b", "c", "d"), Mark(THEN + timedelta(minutes=1), within="d"))
    assert question({**times, "f": LATER, "g": LATER}, first.mark, details, 0).ids == ("e", "a", "f")
    second = question(times, first.mark, details, 0)
    assert (second.ids, second.mark) == (("a", "e"), Mark(LATER))
    assert question(times, second.mark, details, 0).ids == ()


def test_mark_survives_the_state() -> None:
    assert Mark.from_state(Mark(THEN, "a", "b").as_state()) == Mark(THEN, "a", "b")
    assert Mark.from_state({}) == Mark()


def test_new_and_changed_people_are_asked_about(harness: Harness, wrike: SandboxClient) -> None:
    first = harness.run("contacts", "users")["users"]
    people = [one for one in wrike.records("aurora", "contacts") if one["type"] == "Person" and not one["deleted"]]
    assert first.requests == first.inserted == len(people)
    assert harness.unequal("users") == []

    quiet = harness.run("contacts", "users", detail_requests=0)["users"]
    assert (quiet.outcome, quiet.requests) == (Outcome.SYNCED, 0)

    wrike.mutate("aurora", "update", collection="contacts", id=people[0]["id"], title="Chief")
    new = wrike.mutate("aurora", "create", collection="contacts", type="Person", deleted=False)
    changed = harness.run("contacts", "users", detail_requests=0)["users"]
    assert (changed.requests, changed.inserted) == (2, 1)
    assert new["id"] in {row[0] for row in harness.query("SELECT id FROM users")}
    assert harness.unequal("users") == []


def test_the_others_come_by_turns(harness: Harness) -> None:
    count = harness.run("contacts", "users")["users"].requests
    asked = set()
    for _ in range(count):
        harness.wrike.forget_requests()
        assert harness.run("contacts", "users")["users"].requests == 1
        asked |= {request["path"] for request in harness.wrike.requests() if "/users/" in request["path"]}
    assert len(asked) == count


def test_a_removed_person_has_no_details(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("contacts", "users")
    person = next(one for one in wrike.records("aurora", "contacts") if one["type"] == "Person" and not one["deleted"])
    wrike.mutate("aurora", "update", collection="contacts", id=person["id"], deleted=True)
    assert harness.run("contacts", "users", detail_requests=0)["users"].deleted == 1
    assert harness.query("SELECT id FROM users WHERE _deleted_at IS NOT NULL") == [(person["id"],)]


def test_dependencies_follow_their_tasks(harness: Harness, wrike: SandboxClient) -> None:
    assert harness.run("tasks", "dependencies")["dependencies"].requests == 1
    assert harness.unequal("dependencies") == []
    gone = wrike.records("aurora", "dependencies")[0]
    wrike.mutate("aurora", "remove", collection="dependencies", id=gone["id"])
    assert harness.run("tasks", "dependencies")["dependencies"].deleted == 1
    assert harness.unequal("dependencies") == []


def test_what_wrike_does_not_know_any_more_does_not_take_the_others_away(
    harness: Harness, wrike: SandboxClient
) -> None:
    harness.run("tasks", "dependencies")
    known = {row[0] for row in harness.query("SELECT id FROM dependencies")}
    harness.query("UPDATE tasks_dependency_ids SET dependency_id = concat(dependency_id[:23], '_') WHERE rowid = 0")
    left = len(harness.query("SELECT DISTINCT dependency_id FROM tasks_dependency_ids")) - 1
    result = harness.run("dependencies", full_refresh=True)["dependencies"]
    assert result.read == left
    assert result.deleted == len(known) - left


def test_exclusions_belong_to_their_schedule(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("work_schedules", "work_schedule_exclusions")
    assert harness.unequal("work_schedule_exclusions") == []
    gone = wrike.records("aurora", "workscheduleexclusions")[0]
    wrike.mutate("aurora", "remove", collection="workscheduleexclusions", id=gone["id"])
    schedules = len(wrike.records("aurora", "workschedules"))
    harness.run("work_schedules", "work_schedule_exclusions", detail_requests=schedules)
    assert harness.unequal("work_schedule_exclusions") == []


def test_a_space_that_is_forbidden_takes_no_workflow_away(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("spaces", "space_workflows")
    forbidden, other = harness.query(
        "SELECT id FROM spaces ORDER BY id IN (SELECT space_id FROM space_workflows) DESC LIMIT 2"
    )
    wrike.mutate("aurora", "create", collection="spaceworkflows", spaceId=other[0])
    wrike.fault(f"/spaces/{forbidden[0]}/workflows", status=403, code="access_forbidden", times=-1)
    result = harness.run("space_workflows", full_refresh=True)["space_workflows"]
    assert (result.outcome, result.deleted, result.note) == (Outcome.SYNCED, 0, "")
    assert harness.unequal("space_workflows") == []


def test_details_without_what_they_are_about(harness: Harness) -> None:
    result = harness.run("users")["users"]
    assert result.outcome is Outcome.SKIPPED
    assert "users are read of contacts, and staging has none" in result.note


def test_blocked_details_empty_nothing(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("contacts", "users")
    before = harness.query("SELECT * FROM users ORDER BY id")
    wrike.block("aurora", "/users/{id}")
    assert harness.run("users", full_refresh=True)["users"].outcome is Outcome.BLOCKED
    assert harness.query("SELECT * FROM users ORDER BY id") == before


@pytest.mark.parametrize("code", ["invalid_parameter", "invalid_request"])
def test_an_id_that_wrike_refuses_takes_nothing_away(harness: Harness, wrike: SandboxClient, code: str) -> None:
    harness.run("tasks", "dependencies")
    known = sorted(row[0] for row in harness.query("SELECT id FROM dependencies"))
    wrike.fault(f".*{known[0]}.*", status=400, code=code, times=-1)
    result = harness.run("dependencies", full_refresh=True)["dependencies"]
    assert (result.read, result.deleted) == (len(known) - 1, 0)


@pytest.mark.parametrize("which", [0, -1])
def test_a_person_who_is_forbidden_takes_nobody_away(harness: Harness, wrike: SandboxClient, which: int) -> None:
    harness.run("contacts", "users")
    known = sorted(row[0] for row in harness.query("SELECT id FROM users"))
    wrike.fault(f"/users/{known[which]}", status=403, code="access_forbidden", times=-1)
    result = harness.run("users", full_refresh=True)["users"]
    assert (result.outcome, result.read, result.deleted) == (Outcome.SYNCED, len(known) - 1, 0)


def test_a_person_who_is_forbidden_does_not_hold_the_turns_up(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("contacts", "users")
    known = sorted(row[0] for row in harness.query("SELECT id FROM users"))
    wrike.fault(f"/users/{known[1]}", status=403, code="access_forbidden", times=-1)
    turns = []
    for _ in known:
        assert harness.run("users")["users"].outcome is Outcome.SYNCED
        turns.append(harness.states["users"]["watermark"]["turn"])
    assert sorted(turns) == known


@pytest.mark.parametrize("which", [[0], [5], [-1], [0, -1], [0, 1, 2, -2]])
def test_records_that_are_forbidden_take_none_of_their_batch_away(
    harness: Harness, wrike: SandboxClient, which: list[int]
) -> None:
    harness.run("tasks", "tasks_history")
    known = sorted(row[0] for row in harness.query("SELECT id FROM tasks_history"))
    assert len(known) > 8
    forbidden = "|".join(known[place] for place in which)
    wrike.fault(f".*({forbidden}).*/tasks_history", status=403, code="access_forbidden", times=-1)
    result = harness.run("tasks_history", full_refresh=True)["tasks_history"]
    assert (result.outcome, result.read, result.deleted) == (Outcome.SYNCED, len(known) - len(which), 0)


@pytest.mark.parametrize("name", ["users", "tasks_history"])
@pytest.mark.parametrize(("code", "most"), [("access_forbidden", PROBES + 1), ("not_allowed", 1)])
def test_an_endpoint_that_is_forbidden_is_asked_a_few_times_at_the_most(
    harness: Harness, wrike: SandboxClient, name: str, code: str, most: int
) -> None:
    harness.run("contacts", "tasks", name)
    path = {"users": "/users/.*", "tasks_history": "/tasks/.*/tasks_history"}[name]
    wrike.fault(path, status=403, code=code, times=-1)
    for params in ({"full_refresh": True}, {}):
        result = harness.run(name, **params)[name]
        assert (result.outcome, result.deleted) == (Outcome.BLOCKED, 0)
        assert result.requests <= most


def test_after_many_refusals_in_a_row_no_batch_is_halved(
    harness: Harness, wrike: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.run("tasks", "tasks_history")
    known = sorted(row[0] for row in harness.query("SELECT id FROM tasks_history"))
    forbidden = "|".join(known[-5:])
    wrike.fault(f".*({forbidden}).*/tasks_history", status=403, code="access_forbidden", times=-1)
    halved = harness.run("tasks_history", full_refresh=True)["tasks_history"]
    monkeypatch.setattr("wrike_provider.operators.details.MOST_IN_A_ROW", 0)
    given_up = harness.run("tasks_history", full_refresh=True)["tasks_history"]
    assert halved.read == len(known) - 5
    assert given_up.requests < halved.requests
    for result in (halved, given_up):
        assert (result.outcome, result.deleted) == (Outcome.SYNCED, 0)


def test_details_go_with_their_owners_however_many(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("tasks", "tasks_history", may_vanish=0.1)
    known = {row[0] for row in harness.query("SELECT id FROM tasks_history")}
    assert len(known) > FEW
    for task in wrike.records("aurora", "tasks"):
        if task["id"] in known:
            wrike.mutate("aurora", "trash", collection="tasks", id=task["id"])
    gone = harness.run("tasks", "tasks_history", may_vanish=0.1)["tasks_history"]
    assert gone.outcome is Outcome.SYNCED
    assert FEW < gone.deleted <= len(known)


def test_what_is_gone_has_its_turn_last_and_alone() -> None:
    times = dict.fromkeys("abcdef", THEN)
    turns, mark = [], Mark(THEN)
    for _ in range(4):
        asked = question(times, mark, THREE, 1, {"b", "e"})
        turns.append("".join(asked.ids))
        mark = asked.mark
    assert turns == ["acd", "f", "b", "e"]
    assert mark.turn == f"{GONE}e"
    assert question(times, mark, THREE, 1, {"b", "e"}).ids == ("a", "c", "d")
    # Not in the way of what is new.
    assert question({**times, "g": LATER}, Mark(THEN, "f"), THREE, 1, {"b", "e"}).ids[0] == "g"
    assert not {"b", "e"} & set(question({**times, "g": LATER}, Mark(THEN, "f"), THREE, 1, {"b", "e"}).ids)


def test_what_comes_back_without_a_sign_is_found(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("tasks", "dependencies")
    (gone,) = harness.query("SELECT id FROM dependencies ORDER BY id LIMIT 1")[0]
    wrike.fault(f".*{gone}.*", status=404, code="resource_not_found", times=-1)
    assert harness.run("dependencies")["dependencies"].deleted == 1
    wrike.heal()
    for _ in range(3):
        harness.run("dependencies")
    assert harness.query("SELECT id FROM dependencies WHERE _deleted_at IS NOT NULL") == []


def test_owners_that_staging_has_lost_take_nothing_away_without_a_limit(harness: Harness) -> None:
    harness.run("tasks", "tasks_history")
    harness.query("DELETE FROM tasks RETURNING 1")
    with pytest.raises(TooManyVanishedError):
        harness.run("tasks_history", may_vanish=0.1)
    assert harness.query("SELECT id FROM tasks_history WHERE _deleted_at IS NOT NULL") == []


def test_what_is_gone_is_not_asked_about_again(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("tasks", "dependencies")
    # Its tasks tell of it as before.
    for (gone,) in harness.query("SELECT id FROM dependencies ORDER BY id LIMIT 1"):
        wrike.mutate("aurora", "remove", collection="dependencies", id=gone)
    assert harness.run("dependencies")["dependencies"].deleted == 1
    assert harness.run("dependencies")["dependencies"].requests == 1


def test_a_request_that_wrike_refuses_for_all_fails(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("contacts")
    wrike.fault("/users/.*", status=400, code="invalid_request", times=-1)
    with pytest.raises(WrikeRequestError, match="400 invalid_request"):
        harness.run("users")
    asked = sum("/users/" in request["path"] for request in wrike.requests())
    assert 1 < asked <= 1 + PROBES


def test_workflows_of_spaces_are_read(harness: Harness, wrike: SandboxClient) -> None:
    harness.run("spaces", "workflows", "space_workflows", "tasks")
    assert harness.unequal("workflows", "space_workflows") == []
    used = {key for (key,) in harness.query("SELECT custom_status_id FROM tasks WHERE custom_status_id IS NOT NULL")}
    known = {key for (key,) in harness.query("SELECT custom_status_id FROM workflows_custom_statuses")}
    of_spaces = {key for (key,) in harness.query("SELECT custom_status_id FROM space_workflows_custom_statuses")}
    assert used - known
    assert used - known <= of_spaces
    # Of the spaces, one by turns.
    assert harness.run("space_workflows")["space_workflows"].requests == 1
