"""The benchmark measures: small sizes, whose figures are sane, told on a page with charts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from include.bench.limited import floor_seconds
from include.bench.measure import CommandFailedError, run
from include.bench.part import Ratio
from include.local.home import ROOT

MIB = 2**20


def test_cost_is_that_of_all_processes(tmp_path: Path) -> None:
    child = "x = bytearray(100 * 2**20); sum(range(10**7))"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True); print('done')"
    cost, output = run([sys.executable, "-c", program], os.environ, tmp_path / "log")
    assert output == "done\n"
    alone, _ = run([sys.executable, "-c", child], os.environ, tmp_path / "log")
    assert cost.peak_bytes > 100 * MIB
    assert cost.seconds > alone.cpu_seconds * 0.5
    assert cost.cpu_seconds > alone.cpu_seconds * 0.5 > 0.05


def test_memory_of_whoever_measures_does_not_count(tmp_path: Path) -> None:
    # Started by one that holds 300 MiB itself.
    program = (
        "import os, sys; from pathlib import Path; from include.bench.measure import run; x = bytearray(300 * 2**20);"
        "print(run(['sleep', '1'], os.environ, Path(sys.argv[1]))[0].peak_bytes)"
    )
    _, output = run([sys.executable, "-c", program, str(tmp_path / "inner")], os.environ, tmp_path / "log", cwd=ROOT)
    assert 0 < int(output) < 50 * MIB


def test_failure_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match=r"exit code 3(.|\n)*what went wrong"):
        run(["sh", "-c", "echo what went wrong >&2; exit 3"], os.environ, tmp_path / "log")


def test_floor_is_what_the_limit_allows() -> None:
    # 400 a minute are one each 150 ms; the last answer takes 300 ms and a second for its 1,000 records.
    assert floor_seconds(101, 100_000) == pytest.approx(100 * 0.15 + 1.3)


@pytest.mark.parametrize(("value", "at_most", "holds"), [(1.1, True, True), (1.2, True, False), (1.2, False, True)])
def test_bar(value: float, at_most: bool, holds: bool) -> None:
    assert Ratio("", value, 1.1, at_most=at_most).holds is holds


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    docs = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "include.bench", "--size", "0.002", "--only", "1", "--docs", str(docs)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return docs


def test_figures_are_sane(written: Path) -> None:
    result: dict[str, Any] = json.loads((written / "benchmarks.json").read_text())["1"]["result"]
    for kind in ("full", "incremental"):
        made, fewest = result[kind]["requests"], result[kind]["fewest"]
        assert all(made[name] >= fewest.get(name, 1) > 0 for name in ("tasks", "folders", "contacts", "comments"))
    full, incremental = (sum(result[kind]["requests"].values()) for kind in ("full", "incremental"))
    assert incremental < full / 2


def test_page_and_chart(written: Path) -> None:
    page = (written / "benchmarks.md").read_text()
    assert "## 1. Requests" in page
    assert "![Requests of a sync of all entities](images/benchmark-requests.svg)" in page
    chart = written / "images" / "benchmark-requests.svg"
    assert chart.stat().st_size < 50_000
    texts = [element.text for element in ElementTree.parse(chart).iter() if element.tag.endswith("text")]  # noqa: S314
    assert "full sync" in texts
