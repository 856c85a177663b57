"""Lock files: out of step with the requirement files is noticed without the network."""

from pathlib import Path

import pytest

from include.local.locks import LOCKS, ROOT, digest, stale


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("requests>=2\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\npytest\n")
    for lock in LOCKS:
        (tmp_path / lock.name).write_text(f"# inputs: sha256:{digest(tmp_path, lock)}\n")
    return tmp_path


def test_this_projects_locks_are_in_step() -> None:
    assert stale(ROOT) == []


def test_locks_compiled_from_the_present_files_are_in_step(checkout: Path) -> None:
    assert stale(checkout) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("requirements.txt", ["requirements.lock", "requirements-dev.lock"]),
        ("requirements-dev.txt", ["requirements-dev.lock"]),
        ("requirements.lock", ["requirements-dev.lock"]),
    ],
)
def test_a_change_makes_the_locks_compiled_from_it_stale(checkout: Path, changed: str, expected: list[str]) -> None:
    with (checkout / changed).open("a") as file:
        file.write("rich\n")
    assert stale(checkout) == expected


def test_a_missing_lock_is_stale(checkout: Path) -> None:
    (checkout / "requirements-dev.lock").unlink()
    assert stale(checkout) == ["requirements-dev.lock"]
