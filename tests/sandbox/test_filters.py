"""What filters let through, and the order of records."""

from __future__ import annotations

from typing import Any

import pytest

FIELDS = ["authorIds", "responsibleIds", "customFields", "customItemTypeId", "billingType", "superTaskIds", "metadata"]


@pytest.fixture(scope="module")
def tasks(wrike: Any) -> list[dict[str, Any]]:
    return wrike.data("/tasks", fields=FIELDS)


@pytest.mark.parametrize(("path", "params"), [("/tasks", {}), ("/folders", {"project": "false"})])
def test_spans_are_half_open(wrike: Any, path: str, params: dict[str, Any]) -> None:
    moments = sorted({record["updatedDate"] for record in wrike.data(path, **params)})
    first, middle, last = moments[0], moments[len(moments) // 2], moments[-1]

    def found(**span: str) -> set[str]:
        return {record["updatedDate"] for record in wrike.data(path, updatedDate=span, **params)}

    assert found(start=middle) == {moment for moment in moments if moment >= middle}
    assert found(end=middle) == {moment for moment in moments if moment < middle}
    assert found(start=first, end=last) == set(moments) - {last}
    assert found(start=middle) | found(end=middle) == set(moments)


def test_dates_without_zone(wrike: Any) -> None:
    assert {t["dates"]["due"] for t in wrike.data("/tasks", dueDate={"equal": "2026-03-03"})} == {"2026-03-03T17:00:00"}
    assert wrike.data("/tasks", dueDate={"equal": "2026-03-03T17:00:00"})
    assert not wrike.data("/tasks", dueDate={"equal": "2026-03-03T16:00:00"})
    assert {t["dates"]["type"] for t in wrike.data("/tasks", startDate={"start": "2026-01-01"})} == {"Planned"}
    overlapping = wrike.data("/tasks", scheduledDate={"start": "2026-03-04", "end": "2026-03-05"})
    assert {t["dates"]["due"] for t in overlapping} == {"2026-03-06T17:00:00"}


@pytest.mark.parametrize("status", [["Active", "Deferred"], "[Active,Deferred]", "Active,Deferred"])
def test_words_may_be_unquoted(wrike: Any, status: Any) -> None:
    assert {task["status"] for task in wrike.data("/tasks", status=status)} == {"Active", "Deferred"}


def test_one_word_alone(wrike: Any) -> None:
    assert {task["status"] for task in wrike.data("/tasks", status="Completed")} == {"Completed"}


@pytest.mark.parametrize(
    ("parameter", "key"), [("authors", "authorIds"), ("responsibles", "responsibleIds"), ("metadata", "metadata")]
)
def test_lists(wrike: Any, tasks: list[dict[str, Any]], parameter: str, key: str) -> None:
    value = next(task[key][0] for task in tasks if task[key])
    wanted = value if parameter == "metadata" else [value]
    expected = [task["id"] for task in tasks if value in task[key]]
    assert wrike.ids("/tasks", **{parameter: wanted}) == expected


@pytest.mark.parametrize(
    ("parameter", "key"),
    [
        ("customStatuses", "customStatusId"),
        ("customItemTypes", "customItemTypeId"),
        ("billingTypes", "billingType"),
    ],
)
def test_single_values(wrike: Any, tasks: list[dict[str, Any]], parameter: str, key: str) -> None:
    value = next(task[key] for task in tasks if key in task)
    expected = [task["id"] for task in tasks if task.get(key) == value]
    assert 0 < len(expected) < len(tasks)
    assert wrike.ids("/tasks", **{parameter: [value]}) == expected


def test_subtasks_come_unless_refused(wrike: Any, tasks: list[dict[str, Any]]) -> None:
    assert any(task["superTaskIds"] for task in tasks)
    without = wrike.data("/tasks", subTasks="false", fields=["superTaskIds"])
    assert not any(task["superTaskIds"] for task in without)
    assert len(wrike.ids("/tasks", subTasks="true")) == len(tasks)


@pytest.mark.parametrize(
    ("condition", "keeps"),
    [
        ({"comparator": "EqualTo", "value": "5000"}, lambda value: value == "5000"),
        ({"value": "5000"}, lambda value: value == "5000"),
        ({"comparator": "IsEmpty"}, lambda value: not value),
        ({"comparator": "IsNotEmpty"}, bool),
        ({"comparator": "GreaterThan", "value": "12"}, lambda value: bool(value) and float(value) > 12),
        ({"comparator": "InRange", "minValue": "0", "maxValue": "13"}, lambda value: value in {"0", "12.50"}),
        ({"comparator": "StartsWith", "value": "12"}, lambda value: value == "12.50"),
    ],
)
def test_custom_fields(wrike: Any, tasks: list[dict[str, Any]], condition: dict[str, str], keeps: Any) -> None:
    field = next(f["id"] for f in wrike.data("/customfields") if f["type"] == "Currency")

    def value(task: dict[str, Any]) -> str:
        return next((v["value"] for v in task["customFields"] if v["id"] == field), "")

    expected = [task["id"] for task in tasks if keeps(value(task))]
    assert expected
    assert wrike.ids("/tasks", customField={"id": field, **condition}) == expected
    assert wrike.ids("/tasks", customFields=[{"id": field, **condition}]) == expected


def test_contacts(wrike: Any) -> None:
    assert {contact["type"] for contact in wrike.data("/contacts", types=["Robot"])} == {"Robot"}
    assert {contact["deleted"] for contact in wrike.data("/contacts", deleted="true")} == {True}
    assert {contact["deleted"] for contact in wrike.data("/contacts", deleted="false")} == {False}
    email = "user3@aurora.example.test"
    assert [contact["primaryEmail"] for contact in wrike.data("/contacts", emails=[email])] == [email]
    inactive = wrike.data("/contacts", active="false")
    assert inactive
    assert not any(contact["profiles"][0]["active"] for contact in inactive)


def test_custom_field_definitions(wrike: Any) -> None:
    assert {f["type"] for f in wrike.data("/customfields", types=["Contacts", "Multiple"])} == {"Contacts", "Multiple"}
    assert [f["title"] for f in wrike.data("/customfields", applicableEntityTypes=["User"])] == ["Staff no."]


def test_projects(wrike: Any) -> None:
    projects = wrike.data("/folders", project="true")
    owner = next(f["project"]["ownerIds"][0] for f in projects if f["project"]["ownerIds"])
    owned = wrike.data("/folders", owners=[owner])
    assert [f["id"] for f in owned] == [f["id"] for f in projects if owner in f["project"]["ownerIds"]]
    assert all("startDate" in f["project"] for f in wrike.data("/folders", startDate={"equal": "2026-01-12"}))


@pytest.mark.parametrize(
    ("field", "key"),
    [("UpdatedDate", "updatedDate"), ("CreatedDate", "createdDate"), ("Title", "title")],
)
def test_order(wrike: Any, field: str, key: str) -> None:
    up = [task[key] for task in wrike.data("/tasks", sortField=field, sortOrder="Asc")]
    down = [task[key] for task in wrike.data("/tasks", sortField=field, sortOrder="Desc")]
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)


def test_order_by_due_date(wrike: Any) -> None:
    due = [task["dates"].get("due", "") for task in wrike.data("/tasks", sortField="DueDate")]
    assert due == sorted(due)


def test_many_tasks_of_one_second_are_not_ordered_by_id(wrike: Any) -> None:
    stamps = [task["updatedDate"] for task in wrike.data("/tasks")]
    commonest = max(stamps, key=stamps.count)
    assert stamps.count(commonest) > 40
