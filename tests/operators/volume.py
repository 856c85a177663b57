"""Syncs entities in a process of their own, and tells how much memory that took."""

from __future__ import annotations

import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from include.sandbox.client import SandboxClient
from tests.operators.harness import Harness
from tests.staging.databases import Database
from wrike_provider.operators.results import Outcome, Result


@dataclass(frozen=True)
class Taken:
    """What a sync took.

    :param result: what became of the entity.
    :param peak_mib: the most memory that the process has had resident until then, MiB.
    """

    result: Result
    peak_mib: float

    def __str__(self) -> str:
        result = self.result
        return (
            f"{result.entity:34}{result.outcome:>9}{result.read:>9}{result.requests:>7}"
            f"{result.seconds:>8.1f} s{self.peak_mib:>7.0f} MiB"
        )


def sync(url: str, folder: Path, database: Database, *entities: str) -> list[Taken]:
    """Sync entities one after the other, as a task does, in a new process.

    :param url: address of the sandbox.
    :param folder: where files are.
    :param database: where to stage.
    :param entities: names of the entities.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        taken = pool.submit(_sync, url, folder, database, entities).result()
    assert {one.result.outcome for one in taken} == {Outcome.SYNCED}
    return taken


def _sync(url: str, folder: Path, database: Database, entities: tuple[str, ...]) -> list[Taken]:
    with pytest.MonkeyPatch.context() as patch:
        # That the limit is kept is not the matter here.
        patch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
        harness = Harness(SandboxClient(url), folder, patch, database=database)
        return [Taken(harness.run(entity)[entity], _peak_mib()) for entity in entities]


def _peak_mib() -> float:
    # Not what getrusage tells: that begins with what the parent had.
    (kib,) = re.findall(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kib) / 1024
