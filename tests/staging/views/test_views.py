"""Views on top of staging: names instead of ids, and when they are made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from include.local.postgres import Postgres
from tests.staging.databases import Database, DuckDB
from tests.staging.views.conftest import SCHEMA, Record, ask, field, made
from wrike_provider.staging.views import Views


def test_records_that_are_gone_are_left_out(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("contacts")
    stage("custom_fields")
    stage("workflows")
    stage("tasks", {"id": "T1", "scope": "WsTask"}, {"id": "T2", "scope": "RbTask"})
    made(views.refresh({}))
    assert ask(database, "SELECT id FROM tasks_wide") == [("T1",)]
    assert ask(database, "SELECT task_id FROM task_statuses") == [("T1",)]


def test_paths_and_projects(stage: Callable[..., None], views: Views, database: Database) -> None:
    def folder(key: str, *parents: str, project: bool = False) -> Record:
        more: Record = {"project": {}} if project else {}
        return {"id": key, "title": key.lower(), "scope": "WsFolder", "parentIds": list(parents), **more}

    stage(
        "folders",
        {"id": "ROOT", "title": "Root", "scope": "WsRoot"},
        folder("S", "ROOT"),
        folder("P", "S", project=True),
        folder("A", "P", "S"),
        folder("Q", "A", project=True),
        folder("B", "Q"),
        folder("X", "Y"),
        folder("Y", "X", "S"),
        {**folder("GONE", "P"), "scope": "RbFolder"},
    )
    stage(
        "tasks",
        {"id": "T1", "parentIds": ["A"]},
        {"id": "T2", "parentIds": ["ROOT"], "superParentIds": ["B", "P"], "superTaskIds": ["T1"]},
        {"id": "T3", "parentIds": ["S"]},
        {"id": "T4", "parentIds": ["GONE"]},
    )
    made(views.refresh({}))
    assert ask(database, "SELECT folder_id, path, depth FROM folder_paths ORDER BY folder_id, path") == [
        ("A", "s / a", 2),
        ("A", "s / p / a", 3),
        ("B", "s / a / q / b", 4),
        ("B", "s / p / a / q / b", 5),
        ("P", "s / p", 2),
        ("Q", "s / a / q", 3),
        ("Q", "s / p / a / q", 4),
        ("S", "s", 1),
        ("X", "s / y / x", 3),
        ("Y", "s / y", 2),
    ]
    assert ask(database, "SELECT task_id, project_id, project FROM task_projects ORDER BY 1, 2") == [
        ("T1", "P", "p"),
        ("T2", "P", "p"),
        ("T2", "Q", "q"),
    ]


def test_names_instead_of_ids(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("account", {"id": "A1"})
    person = {"type": "Person", "firstName": "Ada", "lastName": "Birch", "primaryEmail": "ada@example.test"}
    profile = {"email": "ada@example.test", "role": "User", "external": False, "admin": True, "owner": False}
    stage(
        "contacts",
        {"id": "U1", **person, "profiles": [{"accountId": "A1", **profile}, {"accountId": "A2", **profile}]},
        {"id": "U2", "type": "Person", "firstName": "Lee", "deleted": True},
        {"id": "U3", "type": "Group", "firstName": "All"},
    )
    stage("workflows", {"id": "W", "name": "Design", "customStatuses": [{"id": "S", "name": "Doing", "color": "Blue"}]})
    stage(
        "tasks",
        {"id": "T1", "title": "One", "status": "Active", "customStatusId": "S", "responsibleIds": ["U1", "U2", "U9"]},
        {"id": "T2", "title": "Two", "status": "Completed"},
    )
    first = made(views.refresh({}))
    assert ask(database, "SELECT task_id, status, workflow FROM task_statuses ORDER BY 1") == [
        ("T1", "Doing", "Design"),
        ("T2", "Completed", None),
    ]
    assert ask(database, "SELECT task_id, assignee, removed FROM task_assignees ORDER BY contact_id") == [
        ("T1", "Ada Birch", False),
        ("T1", "Lee", True),
        # Whoever that is.
        ("T1", None, None),
    ]
    people = "SELECT contact_id, seat, user_type, administrator, active, removed, last_seen FROM licences ORDER BY 1"
    assert ask(database, people) == [
        ("U1", "regular", None, True, True, False, None),
        # Wrike does not tell any more.
        ("U2", None, None, False, False, True, None),
    ]
    stage("users", {"id": "U1", "userTypeId": "R"})
    stage("user_types", {"id": "R", "title": "Regular User"})
    # Approved, or mended, by somebody else later.
    work = {"createdDate": "2026-03-01T10:00:00Z", "updatedDate": "2026-05-01T10:00:00Z"}
    stage("timelogs", {"id": "L1", "userId": "U1", **work})
    stage(
        "audit_log",
        {"id": "E1", "userId": "U2", "operation": "UserLoggedIn", "eventDate": "2026-01-02T10:00:00Z"},
        {"id": "E2", "userId": "U2", "operation": "UserFailLogin", "eventDate": "2026-04-02T10:00:00Z"},
    )
    stage("comments", {"id": "C1", "authorId": "U1", "createdDate": "2026-03-02T10:00:00Z"})
    assert views.refresh(first).changed == ["licences"]
    seen = ask(
        database, "SELECT user_type, CAST(last_seen AT TIME ZONE 'UTC' AS VARCHAR) FROM licences ORDER BY contact_id"
    )
    assert seen == [("Regular User", "2026-03-02 10:00:00"), (None, "2026-01-02 10:00:00")]


def test_seats(stage: Callable[..., None], views: Views, database: Database) -> None:
    def person(key: str, *profiles: Record, **more: Any) -> Record:
        return {"id": key, "type": "Person", "primaryEmail": f"{key}@example.test", "profiles": list(profiles), **more}

    user: Record = {"accountId": "A1", "role": "User", "external": False, "active": True, "email": "of the account"}
    elsewhere = {**user, "accountId": "A2", "role": "Collaborator"}
    stage(
        "contacts",
        person("a", user),
        person("b", elsewhere, {**user, "external": True}),
        person("c", {**user, "role": "Collaborator", "external": True, "active": False}),
        person("d", {"accountId": "A1"}, deleted=True),
        person("e", {**user, "role": "Viewer"}),
        person("f", elsewhere),
        {"id": "bot", "type": "Robot", "profiles": [user]},
    )
    seats = "SELECT contact_id, seat, active, removed, email FROM licences ORDER BY contact_id"
    expected = [
        ("a", "regular", True, False, "of the account"),
        ("b", "external", True, False, "of the account"),
        ("c", "collaborator", False, False, "of the account"),
        ("d", None, False, True, "d@example.test"),
        ("e", "viewer", True, False, "of the account"),
        ("f", None, True, False, "f@example.test"),
    ]
    # Without the account's record, the account that most have a profile of.
    first = made(views.refresh({}))
    assert ask(database, seats) == expected
    stage("account", {"id": "A1"})
    made(views.refresh(first))
    assert ask(database, seats) == expected


def test_what_people_do_shows_when_they_were_last_seen(
    stage: Callable[..., None], views: Views, database: Database
) -> None:
    stage("contacts", *({"id": name, "type": "Person"} for name in ("a", "b", "c", "d", "e", "f")))
    day = "2026-03-0{}T10:00:00Z".format
    stage(
        "tasks",
        {"id": "T1", "authorIds": ["a"], "createdDate": day(1), "recurrent": False},
        {"id": "T2", "authorIds": ["a", "b"], "createdDate": day(2)},
        # Made by Wrike, after the first one.
        {"id": "T3", "authorIds": ["a"], "createdDate": day(9), "recurrent": True},
    )
    stage("attachments", {"id": "F", "authorId": "c", "createdDate": day(3)})
    decisions = [
        {"approverId": "d", "status": "Approved", "updatedDate": day(4)},
        {"approverId": "e", "status": "Pending", "updatedDate": day(4)},
    ]
    stage("approvals", {"id": "P", "decisions": decisions})
    stage(
        "audit_log",
        {"id": "1", "userId": "f", "operation": "TaskErased", "sourceType": "UI", "eventDate": day(5)},
        {"id": "2", "userId": "f", "operation": "TaskErased", "sourceType": "Automation", "eventDate": day(6)},
        {"id": "3", "userId": "f", "operation": "AccessCodeDeclined", "eventDate": day(7)},
    )
    made(views.refresh({}))
    seen = ask(database, "SELECT contact_id, EXTRACT(DAY FROM last_seen AT TIME ZONE 'UTC') FROM licences ORDER BY 1")
    assert [(name, None if at is None else int(at)) for name, at in seen] == [
        ("a", 2),
        ("b", 2),
        ("c", 3),
        ("d", 4),
        ("e", None),
        ("f", 5),
    ]


def test_a_status_may_be_one_of_a_space(stage: Callable[..., None], views: Views, database: Database) -> None:
    stage("workflows", {"id": "W", "name": "Design", "customStatuses": [{"id": "S", "name": "Doing"}]})
    stage("tasks", {"id": "T1", "customStatusId": "S"}, {"id": "T2", "status": "Active", "customStatusId": "P"})
    statuses = "SELECT task_id, status, workflow FROM task_statuses ORDER BY 1"
    first = made(views.refresh({}))
    assert ask(database, statuses) == [("T1", "Doing", "Design"), ("T2", "Active", None)]
    # Should Wrike list one of the account with those of a space, it is still one.
    stage(
        "space_workflows",
        {"id": "W", "spaceId": "X", "name": "Design", "customStatuses": [{"id": "S", "name": "Doing"}]},
        {"id": "V", "spaceId": "X", "name": "Own", "customStatuses": [{"id": "P", "name": "Packing"}]},
    )
    assert views.refresh(first).changed == ["task_statuses"]
    assert ask(database, statuses) == [("T1", "Doing", "Design"), ("T2", "Packing", "Own")]


def test_what_is_missing_is_made_and_what_is_there_is_left_alone(
    stage: Callable[..., None], views: Views, database: Database
) -> None:
    stage("contacts")
    stage("tasks")
    first = views.refresh({})
    # The others need folders, custom fields or workflows, which the team does not take.
    assert first.changed == ["licences", "task_assignees", "tasks_wide"]
    stage("workflows")
    second = views.refresh(first.made)
    assert second.changed == ["task_statuses"]
    with database.open(SCHEMA) as connection:
        connection.execute("DROP VIEW task_assignees")
    assert views.refresh(second.made).changed == ["task_assignees"]


def test_a_wrong_file_spoils_no_other_view(
    stage: Callable[..., None], views: Views, files: Path, database: Database
) -> None:
    stage("contacts", {"id": "U1", "firstName": "100 %", "lastName": "'x'"})
    stage("tasks", {"id": "T1", "responsibleIds": ["U1"]})
    (files / "a_mistake.sql").write_text("-- Wrong.\nSELECT nothing FROM {{ relation('tasks') }}")
    (files / "b_mistake.sql").write_text("-- Wrong.\nSELECT * FROM {{ relation('tasks' }}")
    (files / "mine.sql").write_text("-- Mine: 50 % 'of' it.\nSELECT id FROM {{ relation('tasks') }} WHERE id LIKE 'T%'")
    found = views.refresh({})
    assert found.problems.keys() == {"a_mistake", "b_mistake"}
    assert str(files / "a_mistake.sql") in found.problems["a_mistake"]
    assert "nothing" in found.problems["a_mistake"]
    assert found.changed == ["licences", "mine", "task_assignees", "tasks_wide"]
    assert ask(database, "SELECT id FROM mine") == [("T1",)]
    assert ask(database, "SELECT assignee FROM task_assignees") == [("100 % 'x'",)]
    (files / "a_mistake.sql").write_text("-- Right.\nSELECT id FROM {{ relation('mine') }}")
    (files / "b_mistake.sql").unlink()
    again = views.refresh(found.made)
    assert (again.changed, again.problems) == (["a_mistake"], {})


def test_a_view_of_somebody_else_stays(
    stage: Callable[..., None], views: Views, postgres: Postgres, database: Database
) -> None:
    if isinstance(database, DuckDB):
        # It does not know what a view depends on.
        return
    stage("contacts")
    stage("tasks", {"id": "T1", "customFields": [{"id": "F", "value": "5"}]})
    stage("custom_fields", field("F", "Budget", "Currency"))
    first = made(views.refresh({}))
    with database.open(SCHEMA) as connection:
        connection.execute("CREATE VIEW report AS SELECT id, budget FROM tasks_wide")
    stage("custom_fields", field("F", "Budget", "Text"))
    found = views.refresh(first)
    assert found.problems.keys() == {"tasks_wide"}
    assert "report" in found.problems["tasks_wide"]
    assert ask(database, "SELECT id, budget FROM report") == [("T1", None)]
