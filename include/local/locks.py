"""The lock files: compile them, and check without the network that they belong to the requirement files.

`python -m include.local.locks compile` keeps the versions already locked where the requirements allow it; for the
newest of everything remove the lock files first. Every lock carries a digest of what it was compiled from. Only the
standard library is used: compiling must work when the lock file cannot be installed.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_DIGEST_PREFIX = "# inputs: sha256:"


@dataclass(frozen=True)
class Lock:
    """A lock file, the requirement file it is compiled from, and every file whose change makes it stale."""

    name: str
    source: str
    inputs: tuple[str, ...]
    constraint: str | None = None


# The development lock repeats the runtime lock's versions, so that tests run on what the demo runs on.
LOCKS = (
    Lock("requirements.lock", "requirements.txt", ("requirements.txt",)),
    Lock(
        "requirements-dev.lock",
        "requirements-dev.txt",
        ("requirements.txt", "requirements-dev.txt", "requirements.lock"),
        constraint="requirements.lock",
    ),
)


def digest(root: Path, lock: Lock) -> str:
    """Return the hexadecimal digest of the files that `lock` is compiled from, below `root`."""
    state = hashlib.sha256()
    for name in lock.inputs:
        state.update((root / name).read_bytes())
    return state.hexdigest()


def stale(root: Path) -> list[str]:
    """Return the names of the lock files below `root` that are missing or were compiled from other inputs."""
    found = []
    for lock in LOCKS:
        path = root / lock.name
        expected = _DIGEST_PREFIX + digest(root, lock)
        if not path.exists() or expected not in path.read_text().splitlines():
            found.append(lock.name)
    return found


def compile_locks(root: Path, uv: str) -> None:
    """Compile every lock file below `root` with the `uv` executable; raises CalledProcessError when it fails."""
    for lock in LOCKS:
        path = root / lock.name
        # uv also reads the old versions to keep from its output file, hence a file and not its standard output.
        command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header"]
        if lock.constraint:
            command += ["--constraint", lock.constraint]
        subprocess.run([*command, lock.source, "--output-file", lock.name], cwd=root, check=True)  # noqa: S603
        header = [
            f"# Compiled by `make lock` from {lock.source}, for Python 3.11 to 3.13 on every platform.",
            _DIGEST_PREFIX + digest(root, lock),
        ]
        path.write_text("\n".join(header) + "\n" + path.read_text())


def find_uv() -> str:
    """Return the uv to compile with: the one on PATH, else one installed into this environment."""
    found = shutil.which("uv")
    if found:
        return found
    own = Path(sys.executable).with_name("uv")
    if not own.exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    return str(own)


def main() -> None:
    """Run the verb on the command line; raises SystemExit with a message when a lock file is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("check", "compile"))
    if parser.parse_args().verb == "compile":
        compile_locks(ROOT, find_uv())
    if names := stale(ROOT):
        raise SystemExit(f"Not in step with the requirement files: {', '.join(names)}. Run `make lock`.")


if __name__ == "__main__":
    main()
