"""What the Dockerfile says."""

from __future__ import annotations

import re

from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()


def copied(*stages: str) -> list[str]:
    """Name what stages of the Dockerfile take from the project.

    :param stages: the stages.
    """
    found, stage = [], ""
    for line in DOCKERFILE.splitlines():
        if line.startswith("FROM "):
            stage = line.rpartition(" AS ")[2]
        if stage not in stages:
            continue
        if line.startswith("COPY "):
            *sources, _ = [word for word in line.split()[1:] if not word.startswith("--")]
            found += [source.removeprefix("./") for source in sources]
        if mounted := re.search(r"--mount=type=bind,source=([^,]+)", line):
            found.append(mounted[1])
    return found
