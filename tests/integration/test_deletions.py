"""What vanishes from Wrike: marked when it is a little, asked about when it is a lot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from include.sandbox.client import SandboxClient


@pytest.fixture
def wrike(tmp_path: Path) -> Iterator[SandboxClient]:
    """A local Wrike of its own."""
    from include.local.wrike import local_wrike

    with local_wrike(tmp_path / "log", "--accounts", "1", "--tasks", "20") as running:
        yield running


def marked(staging: Path, schema: str) -> int:
    import duckdb

    with duckdb.connect(str(staging), read_only=True) as database:
        row = database.execute(f"SELECT count(*) FROM {schema}.custom_fields WHERE _deleted_at IS NOT NULL").fetchone()  # noqa: S608
    return row[0] if row else -1


def test_too_many_at_once_are_not_marked_until_somebody_says_so(
    sample_teams: list[Any],
    wrike: SandboxClient,
    add_team: Callable[..., Any],
    run: Callable[..., Any],
    staging_path: Path,
) -> None:
    team = add_team("guarded", {"host": wrike.url, "extra": {"token": wrike.token("aurora")}})
    assert run(team.dag_id, entities=["custom_fields"]).state == "success"
    fields = wrike.records("aurora", "customfields")
    for field in fields[: len(fields) // 2]:
        wrike.mutate("aurora", "erase", collection="customfields", id=field["id"])
    assert len(fields) // 2 > 5

    refused = run(team.dag_id, entities=["custom_fields"])
    assert refused.state == "failed"
    assert marked(staging_path, "wrike_guarded") == 0
    log = refused.log("whole.definitions")
    assert f"{len(fields) // 2} of the {len(fields)} custom_fields in staging are not listed by Wrike" in log
    assert "accept_deletions" in log

    assert run(team.dag_id, entities=["custom_fields"], accept_deletions=True).state == "success"
    assert marked(staging_path, "wrike_guarded") == len(fields) // 2
    assert run(team.dag_id, entities=["custom_fields"]).state == "success"


def test_a_few_are_marked(
    sample_teams: list[Any],
    wrike: SandboxClient,
    add_team: Callable[..., Any],
    run: Callable[..., Any],
    staging_path: Path,
) -> None:
    team = add_team("unguarded", {"host": wrike.url, "extra": {"token": wrike.token("aurora")}})
    assert run(team.dag_id, entities=["custom_fields"]).state == "success"
    for field in wrike.records("aurora", "customfields")[:2]:
        wrike.mutate("aurora", "erase", collection="customfields", id=field["id"])
    assert run(team.dag_id, entities=["custom_fields"]).state == "success"
    assert marked(staging_path, "wrike_unguarded") == 2
