"""What vanishes from Wrike: marked when it is a little, asked about when it is a lot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from include.local.compare import ENTITIES

if TYPE_CHECKING:
    from pathlib import Path

    from include.sandbox.client import SandboxClient


@pytest.fixture
def wrike(tmp_path: Path) -> Iterator[SandboxClient]:
    """A local Wrike of its own."""
    from include.local.wrike import local_wrike

    with local_wrike(tmp_path / "log", "--accounts", "1", "--tasks", "20") as running:
        yield running


def marked(staging: Path, schema: str, table: str = "custom_fields") -> set[str]:
    """Ids of the records that are marked as deleted."""
    import duckdb

    with duckdb.connect(str(staging), read_only=True) as database:
        rows = database.execute(f"SELECT id FROM {schema}.{table} WHERE _deleted_at IS NOT NULL").fetchall()  # noqa: S608
    return {row[0] for row in rows}


def test_too_many_at_once_are_not_marked_until_somebody_says_so(
    sample_teams: list[Any],
    wrike: SandboxClient,
    add_team: Callable[..., Any],
    run: Callable[..., Any],
    staging_path: Path,
) -> None:
    connection = {"host": wrike.url, "extra": {"token": wrike.token("aurora")}}
    team = add_team("guarded", connection, entities={"include": ["custom_fields"]})
    assert run(team.dag_id).state == "success"
    fields = wrike.records("aurora", "customfields")
    for field in fields[: len(fields) // 2]:
        wrike.mutate("aurora", "erase", collection="customfields", id=field["id"])
    assert len(fields) // 2 > 5

    refused = run(team.dag_id)
    assert refused.state == "failed"
    assert marked(staging_path, "wrike_guarded") == set()
    log = refused.log("whole.definitions")
    assert f"{len(fields) // 2} of the {len(fields)} custom_fields in staging are not listed by Wrike" in log
    assert "accept_deletions" in log

    assert run(team.dag_id, accept_deletions=True).state == "success"
    assert len(marked(staging_path, "wrike_guarded")) == len(fields) // 2
    assert run(team.dag_id).state == "success"


def test_a_few_are_marked(
    sample_teams: list[Any],
    wrike: SandboxClient,
    add_team: Callable[..., Any],
    run: Callable[..., Any],
    staging_path: Path,
) -> None:
    connection = {"host": wrike.url, "extra": {"token": wrike.token("aurora")}}
    team = add_team("unguarded", connection, entities={"include": ["custom_fields"]})
    assert run(team.dag_id).state == "success"
    for field in wrike.records("aurora", "customfields")[:2]:
        wrike.mutate("aurora", "erase", collection="customfields", id=field["id"])
    assert run(team.dag_id).state == "success"
    assert len(marked(staging_path, "wrike_unguarded")) == 2


def test_the_recycle_bin(
    sample_teams: list[Any],
    wrike: SandboxClient,
    add_team: Callable[..., Any],
    run: Callable[..., Any],
    unequal: Callable[..., list[str]],
    staging_path: Path,
) -> None:
    connection = {"host": wrike.url, "extra": {"token": wrike.token("aurora")}}
    team = add_team("binned", connection, entities={"include": ["folders", "tasks"]})
    assert run(team.dag_id).state == "success"
    already = {
        table: {record["id"] for record in wrike.records("aurora", table, trashed=True)}
        for table in ("tasks", "folders")
    }
    assert {table: marked(staging_path, "wrike_binned", table) for table in already} == already

    task = wrike.records("aurora", "tasks")[0]["id"]
    folder = next(f["id"] for f in wrike.records("aurora", "folders") if not f["childIds"] and not f.get("space"))
    wrike.mutate("aurora", "trash", collection="tasks", id=task)
    wrike.mutate("aurora", "trash", collection="folders", id=folder)
    trashed = run(team.dag_id)
    assert trashed.state == "success"
    for table in ("tasks", "folders"):
        now = {record["id"] for record in wrike.records("aurora", table, trashed=True)}
        assert marked(staging_path, "wrike_binned", table) == now != already[table]

    wrike.mutate("aurora", "restore", collection="tasks", id=task)
    wrike.mutate("aurora", "restore", collection="folders", id=folder)
    assert run(team.dag_id).state == "success"
    assert task not in marked(staging_path, "wrike_binned", "tasks")
    assert folder not in marked(staging_path, "wrike_binned", "folders")
    but = set(ENTITIES) - {"folders", "tasks"}
    assert unequal(staging_path, "wrike_binned", wrike, "aurora", *but) == []
