"""What was measured, kept between runs as JSON, and told as `docs/benchmarks.md`."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from include.bench.part import Part, Result

_HEAD = """# Benchmarks

Written by `make bench`, which measures all of this anew on the machine it runs on, against the local Wrike; `make bench
ONLY=3` measures one part, `make bench SIZE=0.01` a hundredth of the sizes. What was measured is in
[benchmarks.json](benchmarks.json).
"""


class Store:
    """The results of all parts, each of when it was measured last.

    Args:
        docs: folder of `benchmarks.json`, `benchmarks.md` and `images/`
    """

    def __init__(self, docs: Path) -> None:
        self._docs = docs
        self._file = docs / "benchmarks.json"

    def read(self) -> dict[str, dict[str, Any]]:
        """Return what is kept by the number of the part."""
        kept: dict[str, dict[str, Any]] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return kept

    def keep(self, part: Part, result: Result, size: float, seconds: float) -> Result:
        """Keep the result of a part in the place of its earlier one; returns it as it is kept.

        Args:
            part: the part
            result: what was measured
            size: the size factor
            seconds: how long it took to measure
        """
        kept, rounded = self.read(), _rounded(result)
        kept[str(part.number)] = {
            "name": part.name,
            "measured": f"{datetime.now(UTC):%Y-%m-%d}",
            "size": size,
            "seconds": round(seconds),
            "machine": machine(),
            "result": rounded,
        }
        self._docs.mkdir(parents=True, exist_ok=True)
        self._file.write_text(f"{json.dumps(dict(sorted(kept.items())), indent=1)}\n")
        return dict(rounded)

    def write(self, parts: Sequence[Part]) -> None:
        """Write the page and the charts of what is kept."""
        kept = self.read()
        sections, summary = [], []
        for part in parts:
            if str(part.number) not in kept:
                continue
            run = kept[str(part.number)]
            told = part.tell(run["result"])
            chart = Path("images") / f"benchmark-{part.name}.svg"
            told.chart.write(self._docs / chart)
            summary += [f"* {ratio}" for ratio in told.ratios]
            sections += [
                f"## {part.number}. {part.title}",
                *told.text,
                f"![{told.chart.title}]({chart})",
                _when(run),
            ]
        self._docs.joinpath("benchmarks.md").write_text(
            "\n\n".join([_HEAD.rstrip(), "\n".join(summary), *sections]) + "\n"
        )


def machine() -> str:
    """Describe this machine as far as speed depends on it."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{os.cpu_count()} cores ({_processor()}), {memory} GiB of memory, Python {platform.python_version()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.machine()


def _when(run: Mapping[str, Any]) -> str:
    size = "" if run["size"] == 1 else f", at {run['size']:g} of the sizes"
    return f"Measured on {run['measured']} in {run['seconds']} s{size}: {run['machine']}."


def _rounded(value: Any) -> Any:
    """The same with numbers of four significant digits: more of them say nothing and change each time."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
