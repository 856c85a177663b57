"""The end of a team's DAG: one table of what was synced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from tabulate import tabulate

from wrike_provider.operators.results import RESULTS_KEY, Outcome, Result

if TYPE_CHECKING:
    from airflow.sdk import Context


class SyncFailedError(Exception):
    """Entities of the team were not synced."""


class SummaryOperator(BaseOperator):
    """Logs what became of each entity, and fails when one failed: the run's state is this task's.

    :param tasks: entities by the id of the task that syncs them.
    """

    ui_color = "#f0f0f0"

    def __init__(self, *, tasks: dict[str, list[str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks

    def execute(self, context: Context) -> dict[str, Any]:
        """Log the table.

        :param context: context of the task.
        :returns: totals of the run.
        :raises SyncFailedError: an entity failed.
        """
        results = self._results(context)
        self.log.info("What was synced:\n%s", table(results))
        told = {
            "entities": {result.entity: result.outcome.value for result in results},
            "blocked": {result.entity: result.note for result in results if result.outcome is Outcome.BLOCKED},
            "read": sum(result.read for result in results),
            "inserted": sum(result.inserted for result in results),
            "updated": sum(result.updated for result in results),
            "deleted": sum(result.deleted for result in results),
            "requests": sum(result.requests for result in results),
        }
        if failed := [result for result in results if result.outcome is Outcome.FAILED]:
            context["ti"].xcom_push(key="return_value", value=told)
            raise SyncFailedError(
                f"{len(failed)} of {len(results)} entities were not synced; the next run reads what is missing. "
                + " ".join(f"{result.entity}: {result.note}" for result in failed)
            )
        return told

    def _results(self, context: Context) -> list[Result]:
        ti, run = context["ti"], context["dag_run"]
        states = ti.get_task_states(dag_id=run.dag_id, run_ids=[run.run_id]).get(run.run_id, {})
        found = []
        for task_id, entities in self.tasks.items():
            pushed = ti.xcom_pull(task_ids=task_id, key=RESULTS_KEY) or {}
            state = str(states.get(task_id) or "unknown")
            for entity in entities:
                if entity in pushed:
                    found.append(Result.from_dict(pushed[entity]))
                else:
                    outcome = Outcome.SKIPPED if state in {"skipped", "success"} else Outcome.FAILED
                    found.append(Result(entity, outcome, note=f"the task {task_id} is {state}"))
        return found


def table(results: list[Result]) -> str:
    """Lay results out for a log.

    :param results: the results.
    """
    return tabulate(
        [
            (
                result.entity,
                result.outcome.value,
                result.read,
                result.inserted,
                result.updated,
                result.deleted,
                result.requests,
                f"{result.seconds:.1f}",
                result.note or result.window,
            )
            for result in results
        ],
        headers=("entity", "outcome", "read", "new", "changed", "gone", "requests", "seconds", "window or reason"),
        disable_numparse=True,
        colalign=("left", "left", *["right"] * 6, "left"),
    )
