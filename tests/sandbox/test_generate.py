"""The data: the same for the same seed, consistent in itself, as odd as real data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.sandbox.client import running_sandbox
from include.sandbox.data.seed import Size
from include.sandbox.generate import make_account

SMALL = Size(tasks=60, folders=24, contacts=20)


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, dict[str, Any]]]:
    return make_account(0, 7, SMALL).records


def test_processes_of_one_seed_answer_alike(wrike: Any) -> None:
    answers = []
    for seed in ("11", "11", "12"):
        with running_sandbox("--rate-limit", "0", "--accounts", "1", "--tasks", "30", "--seed", seed) as one:
            api = type(wrike)(one, one.token("aurora"))
            answers.append([one.accounts(), *(api.ask(path).text for path in ("/tasks", "/contacts", "/folders"))])
    assert answers[0] == answers[1]
    assert answers[0][1:] != answers[2][1:]


def test_accounts_of_one_seed_differ() -> None:
    first, second = make_account(0, 7, SMALL), make_account(1, 7, SMALL)
    assert first.client_secret != second.client_secret
    # Some people are in both accounts; rates and colours are known by ids of others, tables of the export are the same.
    alike = {"contacts", "contactshistory", "contactshourlyrates", "colors", "dataexportschema"}
    for collection in set(first.records) - alike:
        assert not set(first.records[collection]) & set(second.records[collection])


def test_sizes(records: dict[str, Any]) -> None:
    assert sum(task["scope"] == "WsTask" for task in records["tasks"].values()) == SMALL.tasks
    assert sum(folder["scope"] == "WsFolder" for folder in records["folders"].values()) == SMALL.folders


@pytest.mark.parametrize("size", [Size(tasks=0), Size(tasks=1, folders=3, contacts=3)])
def test_small_accounts(size: Size) -> None:
    records = make_account(0, 7, size).records
    assert all(some for name, some in records.items() if name not in {"timelogs", "dependencies"})


@pytest.mark.parametrize("index", [8, 9])
def test_nobody_gets_the_id_of_another_one_in_the_tenth_account(index: int) -> None:
    contacts = make_account(index, 7, Size(tasks=1, folders=3, contacts=950)).records["contacts"]
    assert sum(one["type"] == "Person" and not one["deleted"] for one in contacts.values()) == 950
    assert sum(one["type"] == "Asset" for one in contacts.values()) == 1


def test_parents_and_children_agree(records: dict[str, Any]) -> None:
    folders = records["folders"]
    for folder in folders.values():
        assert all(folder["id"] in folders[child]["parentIds"] for child in folder["childIds"])
    for task in records["tasks"].values():
        assert all(task["id"] in records["tasks"][one]["superTaskIds"] for one in task["subTaskIds"])


def test_status_is_the_group_of_the_custom_status(records: dict[str, Any]) -> None:
    flows = [*records["workflows"].values(), *records["spaceworkflows"].values()]
    groups = {s["id"]: s["group"] for w in flows for s in w["customStatuses"]}
    for task in records["tasks"].values():
        if task["scope"] == "WsTask":
            assert task["status"] == groups[task["customStatusId"]]


def test_oddities(records: dict[str, Any]) -> None:
    root = next(iter(records["account"].values()))["rootFolderId"]
    tasks, contacts = records["tasks"].values(), records["contacts"].values()
    assert {c["type"] for c in contacts} == {"Person", "Group", "Robot", "Asset", "Invitation"}
    assert any("firstName" not in c and c["type"] == "Person" for c in contacts)
    assert any(set(p) == {"accountId"} for c in contacts for p in c["profiles"])
    assert any(p.get("role") == "Collaborator" and not p["external"] for c in contacts for p in c["profiles"])
    assert any(len(f["parentIds"]) == 5 for f in records["folders"].values())
    assert all(t["parentIds"] == [root] for t in tasks if t["superTaskIds"])
    assert any(t["superParentIds"] for t in tasks if t["superTaskIds"])
    assert {len(t["id"]) for t in tasks} == {12, 16}
    assert all(isinstance(v["value"], str) for t in tasks for v in t["customFields"])
    text = json.dumps(list(tasks), ensure_ascii=False)
    assert all(part in text for part in ("&#128512;", "😀", "\ufe0f", "\\r", "\\\\n"))


def test_oddities_of_what_hangs_on_work(records: dict[str, Any]) -> None:
    def keys(collection: str) -> list[set[str]]:
        return [set(record) for record in records[collection].values()]

    for collection, key in (
        ("approvals", "dueDate"),
        ("timelogs", "categoryId"),
        ("comments", "attachmentIds"),
        ("attachments", "commentId"),
        ("auditlog", "ipAddress"),
        ("invitations", "lastName"),
        ("webhooks", "folderId"),
        ("customitemtypes", "spaceId"),
    ):
        assert any(key in one for one in keys(collection))
        assert any(key not in one for one in keys(collection))
    stamps = [one["updatedDate"] for one in records["timelogs"].values()]
    assert stamps.count(max(stamps, key=stamps.count)) > 20
    for collection in ("approvals", "timelogs", "comments", "attachments"):
        for one in records[collection].values():
            assert one.get("taskId") in records["tasks"] or one.get("folderId") in records["folders"]
    assert all("null" not in json.dumps(list(some.values())) for some in records.values())


def test_unknown_keys_and_words() -> None:
    tasks = make_account(0, 7, Size(tasks=20, unknown_keys=True)).records["tasks"].values()
    assert any("brandNewKey" in task for task in tasks)
    assert any(task["importance"] == "Cosmic" for task in tasks)
