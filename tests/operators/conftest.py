"""Wrike's stand-in, and what a task needs, for tests that run without Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.sandbox.client import SandboxClient, running_sandbox
from tests.operators.harness import Harness


@pytest.fixture
def wrike() -> Iterator[SandboxClient]:
    """A sandbox with one small account."""
    with running_sandbox("--accounts", "1", "--tasks", "30", "--contacts", "12", "--rate-limit", "0") as running:
        yield running


@pytest.fixture
def harness(wrike: SandboxClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harness:
    """Runs tasks that sync the account."""
    # That the limit is kept is not the matter here.
    monkeypatch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
    return Harness(wrike, tmp_path, monkeypatch)
