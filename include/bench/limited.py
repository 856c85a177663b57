"""Time of a full sync within Wrike's request limit and at its pace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from itertools import count
from operator import itemgetter
from pathlib import Path
from threading import Event
from typing import Any

from include.bench.charts import Chart
from include.bench.part import Part, Ratio, Result, Told, table
from include.bench.sync_requests import fewest
from include.bench.world import ACCOUNT, PAGE, VOLUME, Connector, Sizes, duckdb_connection
from include.sandbox.client import SandboxClient, running_sandbox

TASKS = 100_000
PER_MINUTE = 400
_ANSWER_MS, _THOUSAND_MS = 300, 1000
_A_CHANGE_SECONDS = 1.0
_RUNS = 3
_BAR, _REFUSED_BAR_PERCENT = 1.10, 0.5


def measure(size: float, folder: Path) -> Result:
    """Sync contacts, folders and tasks at once, in a process each as tasks of a DAG; then while tasks change too."""
    sizes = Sizes.of(TASKS * size)
    latency = ("--latency-ms", str(_ANSWER_MS), "--latency-ms-per-1000", str(_THOUSAND_MS))
    with running_sandbox(*sizes.arguments(), "--rate-limit", str(PER_MINUTE), *latency) as wrike:
        floor = sum(fewest(wrike, None)[name] for name in VOLUME)
        runs = [_synced(wrike, folder / f"still-{number}") for number in range(_RUNS)]
        with _people_at_work(wrike):
            moving = _synced(wrike, folder / "moving")
    return {
        "tasks": sizes.tasks,
        "fewest": floor,
        "floor_seconds": floor_seconds(floor, sizes.tasks),
        **sorted(runs, key=itemgetter("seconds"))[_RUNS // 2],
        "all_seconds": sorted(run["seconds"] for run in runs),
        **{f"moving_{name}": number for name, number in moving.items()},
    }


def _synced(wrike: SandboxClient, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    connector = Connector(wrike, duckdb_connection(folder / "staging.duckdb"), folder / "home")
    wrike.forget_requests()
    synced = connector.sync(*VOLUME, at_once=True)
    answers = Counter(request["status"] for request in wrike.requests())
    return {
        "records": synced.records,
        "requests": answers.total(),
        "refused": answers[HTTPStatus.TOO_MANY_REQUESTS],
        "seconds": synced.ended - synced.began,
        "whole_seconds": synced.cost.seconds,
        "cpu_seconds": synced.cost.cpu_seconds,
    }


@contextmanager
def _people_at_work(wrike: SandboxClient) -> Iterator[None]:
    """Change a task each second."""
    over = Event()

    def work() -> None:
        for seed in count():
            if over.wait(_A_CHANGE_SECONDS):
                return
            wrike.mutate(ACCOUNT, "touch", collection="tasks", seed=seed)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            yield
        finally:
            over.set()
        working.result()


def floor_seconds(requests: int, tasks: int) -> float:
    """Return the seconds that a number of requests takes at the least: evenly spread, and the last one answered."""
    last = min(tasks, PAGE) / 1000 * _THOUSAND_MS
    return (requests - 1) * 60 / PER_MINUTE + (_ANSWER_MS + last) / 1000


def tell(result: Result) -> Told:
    """Tell a result."""
    seconds, floor = result["seconds"], result["floor_seconds"]
    refused = 100 * result["refused"] / result["requests"]
    ratios = [
        Ratio(f"Time of a full sync of {result['tasks']:,} tasks against the floor", seconds / floor, _BAR, unit=" x"),
        Ratio("Requests answered 429", refused, _REFUSED_BAR_PERCENT, unit=" %"),
    ]
    rows = [
        ["seconds", f"{seconds:.1f}", f"{floor:.1f}", f"{result['moving_seconds']:.1f}"],
        ["all runs", " / ".join(f"{one:.1f}" for one in result["all_seconds"]), "", ""],
        ["requests", str(result["requests"]), str(result["fewest"]), str(result["moving_requests"])],
        ["of them answered 429", str(result["refused"]), "0", str(result["moving_refused"])],
        ["records", f"{result['records']:,}", "", f"{result['moving_records']:,}"],
        ["CPU seconds", f"{result['cpu_seconds']:.1f}", "", f"{result['moving_cpu_seconds']:.1f}"],
        [
            "seconds with the start of the worker",
            f"{result['whole_seconds']:.1f}",
            "",
            f"{result['moving_whole_seconds']:.1f}",
        ],
    ]
    chart = Chart(
        f"Full sync of {result['tasks']:,} tasks at {PER_MINUTE} requests a minute",
        "seconds",
        ["full sync"],
        {"taken": [seconds], "floor": [floor]},
    )
    return Told([_INTRODUCTION, table(["", "taken", "floor", "while tasks change"], rows)], ratios, chart)


_INTRODUCTION = f"""\
Contacts, folders and tasks are synced into an empty DuckDB file at once, each by a process that is forked off one in
which the connector is loaded, as a worker of Airflow starts the tasks of a DAG.
The local Wrike refuses more than {PER_MINUTE} requests a minute or more than their share in a second, and an answer
takes {_ANSWER_MS} ms and {_THOUSAND_MS} ms more for 1,000 records. The floor is the time in which the limit allows
the fewest requests, one each {60 / PER_MINUTE * 1000:.0f} ms, and the last one's answer. The clock runs from the
first task's begin to the last one's end; of {_RUNS} runs the median one is told. The last column is of the same sync
while people work, who change a task each second: it may leave its place on a page for another one's."""

PART = Part(2, "limited", "A full sync within Wrike's request limit", measure, tell)
