"""Checks variables files: ``python -m wrike_provider.teams FILE ...``."""

from __future__ import annotations

import sys
from pathlib import Path

from wrike_provider.teams.file import read_teams


def main(arguments: list[str]) -> int:
    """Check files.

    :param arguments: their paths.
    :returns: exit status: 0 when all are right, 1 when one has problems, 2 when none was named.
    """
    if not arguments:
        sys.stderr.write("usage: python -m wrike_provider.teams FILE ...\n")
        return 2
    status = 0
    for argument in arguments:
        read = read_teams(Path(argument), installed=True)
        for problem in read.problems:
            sys.stderr.write(f"{problem}\n")
            status = 1
        sys.stdout.write(f"{argument}: {len(read.teams)} teams, {len(read.problems)} problems\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
