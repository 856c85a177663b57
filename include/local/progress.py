"""Show how the tasks of DAG runs get on: a live table on a terminal, else one line per change."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from include.local.rest import TaskInstance

_STYLES = {
    "success": "green",
    "failed": "bold red",
    "upstream_failed": "red",
    "skipped": "magenta",
    "running": "cyan",
    "up_for_retry": "yellow",
}
_SHOWN_SILENTLY = {None, "scheduled", "queued"}


class Progress:
    """A display to be used as a context manager; pass its `update` to `AirflowApi.wait`.

    Args:
        console: where to show
        titles: heading of each DAG id
    """

    def __init__(self, console: Console, titles: Mapping[str, str]) -> None:
        self._console = console
        self._titles = titles
        self._tasks: dict[str, Sequence[TaskInstance]] = dict.fromkeys(titles, ())
        self._shown: dict[tuple[str, str], str | None] = {}
        self._begin = time.monotonic()
        self._live = Live(console=console, get_renderable=self._table) if console.is_terminal else None

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state on the screen."""
        if self._live is not None:
            self._live.stop()

    def update(self, dag_id: str, tasks: Sequence[TaskInstance]) -> None:
        """Take note of the present state of a run's tasks."""
        self._tasks[dag_id] = tasks
        if self._live is not None:
            return
        for task in tasks:
            if self._shown.get((dag_id, task.task_id)) == task.state:
                continue
            self._shown[dag_id, task.task_id] = task.state
            if task.state in _SHOWN_SILENTLY:
                continue
            line = Text(f"  {time.monotonic() - self._begin:4.0f} s  {self._titles[dag_id]:<12} {task.task_id:<28} ")
            line.append(state_text(task))
            self._console.print(line, soft_wrap=True)

    def _table(self) -> RenderableType:
        table = Table(box=None, pad_edge=False)
        for title in self._titles.values():
            table.add_column(title)
            table.add_column()
        rows = max(map(len, self._tasks.values()), default=0)
        for index in range(rows):
            cells: list[RenderableType] = []
            for tasks in self._tasks.values():
                if index < len(tasks):
                    cells += [tasks[index].task_id, state_text(tasks[index])]
                else:
                    cells += ["", ""]
            table.add_row(*cells)
        return table


def state_text(task: TaskInstance) -> Text:
    """Return a task's state in its colour, with the seconds it took."""
    text = Text(task.state or "waiting", style=_STYLES.get(task.state or "", "dim"))
    if task.state in ("success", "failed") and task.seconds is not None:
        text.append(f" {task.seconds:.1f} s", style="dim")
    if task.try_number > 1:
        text.append(f" try {task.try_number}", style="yellow")
    return text
