"""What is only read in windows of time: comments and attachments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.sandbox.client import SandboxClient, running_sandbox

REFUSED = (400, "invalid_parameter")
FIRST, LAST = datetime(2024, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
ALL = {"fields": ["type"], "types": ["Email", "Regular"]}
WINDOWS = [("/comments", 7, ALL), ("/attachments", 31, {"versions": "true"})]


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def span(begin: datetime, **length: float) -> dict[str, str]:
    return {"start": written(begin), "end": written(begin + timedelta(**length))}


@pytest.mark.parametrize(("path", "days", "params"), WINDOWS)
def test_windows_hold_everything_once(
    wrike: Any, sandbox: SandboxClient, path: str, days: int, params: dict[str, Any]
) -> None:
    read: list[dict[str, Any]] = []
    begin = FIRST
    while begin < LAST:
        read += wrike.data(path, createdDate=span(begin, days=days - 1), **params)
        begin += timedelta(days=days - 1)
    records = sandbox.records("aurora", path[1:])
    assert len(read) == len(records) > 40
    assert {one["id"]: one for one in read} == {one["id"]: one for one in records}


@pytest.mark.parametrize(("path", "days", "params"), WINDOWS)
def test_bounds_of_windows(wrike: Any, path: str, days: int, params: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    for created in (span(FIRST, days=days), span(FIRST, days=300), {"start": written(FIRST)}, {"end": written(FIRST)}):
        assert wrike.refusal(path, createdDate=created, **params) == REFUSED
    for created in (span(FIRST, days=days, seconds=-1), {"start": written(now - timedelta(days=days - 1))}):
        assert wrike.ask(path, createdDate=created, **params).status_code == 200
    assert wrike.refusal(path, createdDate={"start": written(now - timedelta(days=days))}, **params) == REFUSED


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/attachments", {}, "parameter_required"),
        ("/attachments", {"versions": "true"}, "parameter_required"),
        ("/attachments", {"createdDate": span(FIRST, days=1), "fields": ["url"]}, "invalid_request"),
        ("/attachments", {"createdDate": span(FIRST, days=1), "limit": 5}, "invalid_request"),
        ("/attachments", {"createdDate": span(FIRST, days=1), "pageSize": 5}, "invalid_request"),
        ("/comments", {"pageSize": 5}, "invalid_request"),
        ("/comments", {"nextPageToken": "ABC"}, "invalid_request"),
        ("/comments", {"updatedDate": span(FIRST, days=1)}, "invalid_request"),
        ("/comments", {"fields": ["text"]}, "invalid_parameter"),
        ("/comments", {"types": ["Fax"]}, "invalid_parameter"),
        ("/comments", {"limit": 0}, "invalid_parameter"),
        ("/tasks/{task}/comments", {"types": ["Email"]}, "invalid_request"),
        ("/tasks/{task}/comments", {"limit": 5}, "invalid_request"),
        ("/tasks/{task}/comments", {"createdDate": span(FIRST, days=1)}, "invalid_request"),
        ("/tasks/{task}/attachments", {"createdDate": span(FIRST, days=31)}, "invalid_parameter"),
        ("/attachments/{attachment}", {"withUrls": "true"}, "invalid_request"),
    ],
)
def test_refusals(wrike: Any, sandbox: SandboxClient, path: str, params: dict[str, Any], code: str) -> None:
    names = {"task": wrike.ids("/tasks")[0], "attachment": sandbox.records("aurora", "attachments")[0]["id"]}
    assert wrike.refusal(path.format(**names), **params) == (400, code)


@pytest.mark.parametrize("collection", ["comments", "attachments"])
def test_of_a_task_or_folder(wrike: Any, sandbox: SandboxClient, collection: str) -> None:
    asked = {"fields": ["type"]} if collection == "comments" else {"versions": "true"}
    records = sandbox.records("aurora", collection)
    assert all(("taskId" in one) != ("folderId" in one) for one in records)
    for key, head in (("taskId", "tasks"), ("folderId", "folders")):
        owner = next(one[key] for one in records if key in one)
        found = wrike.data(f"/{head}/{owner}/{collection}", **asked)
        expected = {one["id"]: one for one in records if one.get(key) == owner}
        assert {one["id"]: one for one in found} == expected
        assert wrike.refusal(f"/{head}/MQAAAAAAAAAA/{collection}") == (404, "resource_not_found")


def test_comments(wrike: Any, sandbox: SandboxClient) -> None:
    records = sandbox.records("aurora", "comments")
    assert all(one["updatedDate"] == one["createdDate"] for one in records)
    emails = [one for one in records if one["type"] == "Email"]
    around = span(datetime.fromisoformat(emails[0]["createdDate"]) - timedelta(days=1), days=6)
    usual = wrike.ids("/comments", createdDate=around)
    assert set(usual).isdisjoint(one["id"] for one in emails)
    assert emails[0]["id"] in wrike.ids("/comments", createdDate=around, types=["Email"])
    assert all("externalRequester" in one for one in emails)
    ids = ",".join(one["id"] for one in emails[:3])
    shown = wrike.data(f"/comments/{ids}", fields=["type"])
    assert {one["id"]: one for one in shown} == {one["id"]: one for one in emails[:3]}
    assert not any("type" in one for one in wrike.data(f"/comments/{ids}"))
    assert "<b>" in str(records)
    mention = next(one for one in records if "stream-user-id" in one["text"])
    plain = wrike.data(f"/comments/{mention['id']}", plainText="true")[0]["text"]
    assert "@" in plain
    assert not set("<>") & set(plain)


def test_versions_and_urls(wrike: Any, sandbox: SandboxClient) -> None:
    records = {one["id"]: one for one in sandbox.records("aurora", "attachments")}
    old = next(one for one in records.values() if "currentAttachmentId" in one)
    current = records[old["currentAttachmentId"]]
    assert (old["version"], current["version"]) == (1, 3)
    assert old["originVersionId"] == current["originVersionId"] == old["id"]
    path = next(f"/{kind}s/{current[f'{kind}Id']}/attachments" for kind in ("task", "folder") if f"{kind}Id" in current)
    assert current in wrike.data(path)
    assert old not in wrike.data(path)
    assert old in wrike.data(path, versions="true")
    assert wrike.data(f"/attachments/{old['id']}") == [old]
    assert all(one["url"].startswith("https://") for one in wrike.data(path, withUrls="true"))
    assert not any("url" in one for one in wrike.data(path))
    assert {one["size"] for one in records.values() if one["type"] != "Wrike"} == {-1}
    comments = {one["id"]: one for one in sandbox.records("aurora", "comments")}
    spoken = [one for one in records.values() if "commentId" in one]
    assert spoken
    assert all(one["id"] in comments[one["commentId"]]["attachmentIds"] for one in spoken if one["version"] == 1)


@pytest.fixture
def changing() -> Iterator[SandboxClient]:
    """A sandbox that a test may change."""
    with running_sandbox("--rate-limit", "0", "--accounts", "1", "--tasks", "40") as running:
        yield running


def test_changes(wrike: Any, changing: SandboxClient) -> None:
    api = type(wrike)(changing, changing.token("aurora"))
    now = datetime.now(UTC)
    assert api.data("/comments") == []
    made = changing.mutate("aurora", "create", collection="comments", text="first")["id"]
    eight, six = (written(now - timedelta(days=days)) for days in (8, 6))
    old = changing.mutate("aurora", "create", collection="comments", createdDate=eight)["id"]
    young = changing.mutate("aurora", "create", collection="comments", createdDate=six)["id"]
    assert api.ids("/comments") == [made, young]
    assert api.ids("/comments", limit=1) == [made]
    assert api.ids("/comments", limit=100_000) == [made, young]
    assert api.ids("/comments", createdDate=span(now - timedelta(days=9), days=2)) == [old]
    before = api.data(f"/comments/{young}")[0]
    changing.mutate("aurora", "update", collection="comments", id=young, text="edited")
    assert api.data(f"/comments/{young}") == [{**before, "text": "edited"}]
    changing.mutate("aurora", "touch", collection="comments", count=3)
    file = changing.mutate("aurora", "create", collection="attachments")
    again = changing.mutate("aurora", "create", collection="attachments", originVersionId=file["id"])
    recent = {"createdDate": span(now - timedelta(days=1), days=2)}
    assert (again["version"], api.ids("/attachments", **recent)) == (2, [again["id"]])
    assert api.ids("/attachments", versions="true", **recent) == [file["id"], again["id"]]


def test_at_most_a_thousand_comments_without_limit(wrike: Any) -> None:
    now = datetime.now(UTC)
    with running_sandbox("--rate-limit", "0", "--accounts", "1", "--tasks", "20") as running:
        begin = written(now - timedelta(hours=1))
        oldest = running.mutate("aurora", "create", collection="comments", createdDate=begin)["id"]
        for _ in range(1000):
            running.mutate("aurora", "create", collection="comments")
        api = type(wrike)(running, running.token("aurora"))
        assert (len(api.ids("/comments")), len(api.ids("/comments", limit=5000))) == (1000, 1001)
        cut = api.body("/comments", createdDate=span(now - timedelta(days=1), days=2))
        assert set(cut) == {"kind", "data"}
        assert len(cut["data"]) == 1000
        assert oldest not in {one["id"] for one in cut["data"]}
        assert api.ids("/comments", createdDate={"start": begin, "end": written(now - timedelta(minutes=1))}) == [
            oldest
        ]
