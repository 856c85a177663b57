"""Staging that is not what the watermarks tell of."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from include.sandbox.client import SandboxClient
from tests.operators.harness import Harness
from wrike_provider.operators.results import Result
from wrike_provider.teams import Reconcile

JANUARY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
SOME = ("contacts", "users", "folders", "tasks", "audit_log")


def begun_anew(results: dict[str, Result]) -> set[str]:
    return {name for name, result in results.items() if result.window.startswith("beginning")}


@pytest.fixture
def dump(harness: Harness, tmp_path: Path) -> Path:
    """A copy of the staging file after a first sync."""
    harness.run(*SOME)
    return Path(shutil.copy(harness.file, tmp_path / "dump.duckdb"))


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_what_was_written_after_a_dump_is_read_again_when_it_is_restored(
    harness: Harness, wrike: SandboxClient, dump: Path, run_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    for seed in range(3):
        for collection in ("folders", "tasks"):
            wrike.mutate("aurora", "touch", collection=collection, seed=seed)
    assert begun_anew(harness.run(*SOME)) == set()
    shutil.copy(dump, harness.file)
    assert harness.unequal("folders", "tasks") != []
    if run_type == "backfill":
        # It has nothing to do with the watermark, but must not let it be trusted.
        harness.run(*SOME, run_type="backfill", interval=JANUARY)
    else:
        again = begun_anew(harness.run(*SOME))
        assert {"folders", "tasks"} <= again
        assert "folders: Staging is older than the watermark" in caplog.text
    harness.run(*SOME)
    assert harness.unequal(*SOME) == []
    assert begun_anew(harness.run(*SOME)) == set()


def test_a_dump_after_which_nothing_was_written_is_as_good_as_the_tables(harness: Harness, dump: Path) -> None:
    harness.run(*SOME)
    shutil.copy(dump, harness.file)
    assert begun_anew(harness.run(*SOME)) == set()


def test_a_schema_without_a_count_of_writes_is_older_than_one_with(harness: Harness) -> None:
    harness.run("folders")
    harness.query("DROP TABLE sync_writes")
    assert begun_anew(harness.run("folders")) == {"folders"}
    assert begun_anew(harness.run("folders")) == set()


def test_a_watermark_of_an_older_version_is_trusted(harness: Harness) -> None:
    harness.run("folders")
    harness.query("DROP TABLE sync_writes")
    del harness.states["folders"]["watermark"]["writes"]
    assert begun_anew(harness.run("folders")) == set()
    assert harness.query("SELECT * FROM sync_writes") == []
    assert harness.states["folders"]["watermark"]["writes"] == 0


def test_runs_in_between_do_not_put_off_that_what_was_refused_is_asked_for_again(
    harness: Harness, wrike: SandboxClient
) -> None:
    wrike.fault("/timelogs", status=403, code="not_allowed", times=1)
    note = harness.run("timelogs")["timelogs"].note
    assert note.startswith("Wrike refuses to tell billingType:")
    for hours in range(5, 30, 5):
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
            assert harness.run("timelogs")["timelogs"].note == note
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=26)):
        assert harness.run("timelogs", reconcile=Reconcile.DAILY)["timelogs"].note == ""


def test_another_account_is_read_from_the_beginning(
    harness: Harness, wrike: SandboxClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Where it is wanted: `connect` fails otherwise."""
    harness.run("folders")
    (account,) = wrike.records("aurora", "account")
    assert harness.states["folders"]["watermark"]["account"] == account["id"]
    harness.states["folders"]["watermark"]["account"] = "another"
    assert begun_anew(harness.run("folders")) == {"folders"}
    assert "folders: Staging has the records of another account, another." in caplog.text
    assert begun_anew(harness.run("folders")) == set()
