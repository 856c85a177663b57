"""Progress without a terminal: one line per change, nothing about waiting."""

import io

from rich.console import Console

from include.local.progress import Progress
from include.local.rest import TaskInstance


def test_a_line_for_every_change_and_only_then() -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=False, width=100)
    with Progress(console, {"wrike_one": "one"}) as progress:
        progress.update("wrike_one", [TaskInstance("connect", None, 0, None), TaskInstance("summary", None, 0, None)])
        progress.update("wrike_one", [TaskInstance("connect", "queued", 1, None)])
        progress.update("wrike_one", [TaskInstance("connect", "running", 1, None)])
        progress.update("wrike_one", [TaskInstance("connect", "running", 1, 0.5)])
        progress.update("wrike_one", [TaskInstance("connect", "up_for_retry", 1, 0.5)])
        progress.update("wrike_one", [TaskInstance("connect", "success", 2, 1.25)])
    lines = [line.split(maxsplit=2)[2].split() for line in output.getvalue().splitlines()]
    assert lines == [
        ["one", "connect", "running"],
        ["one", "connect", "up_for_retry"],
        ["one", "connect", "success", "1.2", "s", "try", "2"],
    ]


def test_a_terminal_shows_every_task_of_every_team() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, record=True)
    with Progress(console, {"wrike_one": "one", "wrike_two": "two"}) as progress:
        progress.update(
            "wrike_one", [TaskInstance("connect", "success", 1, 1.0), TaskInstance("summary", None, 0, None)]
        )
        progress.update("wrike_two", [TaskInstance("connect", "failed", 1, 2.0)])
    last = console.export_text().rstrip().splitlines()[-3:]
    assert [line.split() for line in last] == [
        ["one", "two"],
        ["connect", "success", "1.0", "s", "connect", "failed", "2.0", "s"],
        ["summary", "waiting"],
    ]
