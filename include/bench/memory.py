"""Peak memory of a full sync, by the number of tasks."""

from __future__ import annotations

from pathlib import Path

from include.bench.charts import Chart
from include.bench.part import Part, Ratio, Result, Told, table
from include.bench.world import Connector, Sizes, duckdb_connection
from include.sandbox.client import running_sandbox

TASKS = (10_000, 100_000, 1_000_000)
_BAR = 1.2


def measure(size: float, folder: Path) -> Result:
    """Sync the tasks of accounts of different sizes."""
    rows = []
    for number in TASKS:
        sizes = Sizes.of(number * size)
        with running_sandbox(*sizes.arguments(), "--rate-limit", "0") as wrike:
            home = folder / str(number)
            connector = Connector(wrike, duckdb_connection(home / "staging.duckdb"), home, unlimited=True)
            synced = connector.sync("tasks")
        (home / "staging.duckdb").unlink()
        row = {"tasks": sizes.tasks, "records": synced.records, "peak_mib": synced.cost.peak_mib}
        rows.append(row | {"seconds": synced.cost.seconds, "cpu_seconds": synced.cost.cpu_seconds})
    return {"rows": rows}


def tell(result: Result) -> Told:
    """Tell a result."""
    rows = result["rows"]
    large, largest = rows[-2:]
    what = f"Peak memory at {largest['tasks']:,} tasks against {large['tasks']:,}"
    cells = [
        [
            f"{row['tasks']:,} tasks",
            f"{row['peak_mib']:,.0f}",
            f"{row['seconds']:,.1f}",
            f"{row['cpu_seconds']:,.1f}",
            f"{row['records'] / row['cpu_seconds']:,.0f}",
        ]
        for row in rows
    ]
    chart = Chart(
        "Peak memory of a full sync of tasks",
        "MiB",
        [f"{row['tasks']:,} tasks" for row in rows],
        {"": [row["peak_mib"] for row in rows]},
    )
    head = ["", "peak MiB", "s", "CPU s", "records/CPU s"]
    return Told(
        [_INTRODUCTION, table(head, cells)],
        [Ratio(what, largest["peak_mib"] / large["peak_mib"], _BAR, unit=" x")],
        chart,
    )


_INTRODUCTION = """\
Tasks with ten custom fields each into an empty DuckDB file, without limit and latency. The memory is the most that
the process and all below it held at once, shared libraries and DuckDB's own memory included."""

PART = Part(4, "memory", "Peak memory", measure, tell)
