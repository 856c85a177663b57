"""The tasks of a team's DAG that fill staging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import TriggerRule
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from wrike_provider.entities import entity
from wrike_provider.operators.connect import USER_KEY
from wrike_provider.operators.results import RESULTS_KEY, Outcome, Result
from wrike_provider.operators.retries import CONCERNS_ALL, PASSING
from wrike_provider.operators.sync import Sync
from wrike_provider.operators.team_operator import TeamOperator
from wrike_provider.teams import Reconcile

if TYPE_CHECKING:
    from airflow.sdk import Context


class ExtractOperator(TeamOperator):
    """Reads entities from Wrike and writes them into staging, one after the other.

    One entity's failure does not stop the next, unless it concerns all. The task then fails, and its retry does only
    what is missing.

    Takes what every :class:`TeamOperator` takes, an asset for each entity; and

    :param may_vanish: share of a table's records that may be marked as deleted at once, 0 to 1.
    :param reconcile: how often all records are read again.
    :param detail_requests: requests an entity for details of records that have not changed.
    :param connect_task_id: the task that has read the account.
    """

    def __init__(
        self,
        *,
        may_vanish: float,
        reconcile: Reconcile,
        detail_requests: int,
        connect_task_id: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.may_vanish = may_vanish
        self.reconcile = reconcile
        self.detail_requests = detail_requests
        self.connect_task_id = connect_task_id

    def execute(self, context: Context) -> None:
        """Sync the entities.

        :param context: context of the task.
        :raises AirflowSkipException: none of them is read in this run.
        :raises AirflowFailException: the token was not checked, or is not good; for a task that waits for no success.
        :raises Exception: of those that failed, the one most worth a retry.
        """
        if self.trigger_rule == TriggerRule.ALL_DONE:
            connected = context["ti"].xcom_pull(task_ids=self.connect_task_id, key=USER_KEY)
            if connected is None:
                raise AirflowFailException(f"The task {self.connect_task_id} has not succeeded: nothing is read.")
        sync = Sync(self, context)
        results: dict[str, Result] = {}
        failures: list[Exception] = []
        for name in self.assets:
            result, failure = sync.entity(entity(name))
            results[name] = result
            if failure is not None:
                failures.append(failure)
            if isinstance(failure, CONCERNS_ALL):
                break
        context["ti"].xcom_push(key=RESULTS_KEY, value={name: result.as_dict() for name, result in results.items()})
        if failures:
            sync.note()
            raise next((failure for failure in failures if isinstance(failure, PASSING)), failures[0])
        sync.forget()
        if all(result.outcome in {Outcome.SKIPPED, Outcome.BLOCKED} for result in results.values()):
            raise AirflowSkipException("; ".join(f"{name}: {result.note}" for name, result in results.items()))
