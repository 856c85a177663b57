"""The end of a team's DAG: what was synced, for people, for the database and for the next run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import Asset, BaseOperator
from tabulate import tabulate

from wrike_provider.api.errors import WrikeAuthorizationError
from wrike_provider.operators.connect import ERROR_KEY, OUTCOMES_STATE, USER_KEY
from wrike_provider.operators.errors import SyncFailedError
from wrike_provider.operators.plan import NOT_ASKED_FOR
from wrike_provider.operators.results import RESULTS_KEY, Outcome, Result
from wrike_provider.operators.staging import staging
from wrike_provider.staging.errors import StagingError

if TYPE_CHECKING:
    from airflow.sdk import Context

    from wrike_provider.staging.ledger import SyncRun

VIEWS_STATE = "views"
MOST_OF_A_REASON: Final = 1000
"""Letters of why a run failed, for the page."""
_SENTENCE: Final = re.compile(r"(?<=[.!?]) ")


class SummaryOperator(BaseOperator):
    """Logs what became of each entity, notes it in staging, and fails when one failed: the run's state is this task's.

    :param tasks: entities by the id of the task that syncs them.
    :param account: asset of the team's account; its state remembers what is blocked.
    :param assets: the assets of all that is read.
    :param staging_conn_id: Connection of the staging database.
    :param schema: the team's schema in it.
    :param views: folder of the views' files; None: there are none.
    :param connect_task_id: the task that checks the token.
    """

    ui_color = "#f0f0f0"

    def __init__(
        self,
        *,
        tasks: dict[str, list[str]],
        account: Asset,
        assets: Sequence[Asset],
        staging_conn_id: str,
        schema: str,
        views: str | None,
        connect_task_id: str,
        **kwargs: Any,
    ) -> None:
        # Airflow forgets the state of an asset that nothing names. What fills it stops to count as soon as its DAG is
        # not there for a moment, as while the variables file has a mistake; what reads it does not.
        super().__init__(inlets=[account, *(asset for asset in assets if asset != account)], **kwargs)
        self.tasks = tasks
        self.account = account
        self.staging_conn_id = staging_conn_id
        self.schema = schema
        self.views = views
        self.connect_task_id = connect_task_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Log and note.

        :param context: context of the task.
        :returns: totals of the run.
        :raises SyncFailedError: an entity failed, or none may be read.
        :raises StagingError: the results could not be noted.
        """
        results = self._results(context)
        self.log.info("What was synced:\n%s", table(results))
        for result in results:
            for key, seen in result.unknown_keys.items():
                self.log.warning(
                    "%s: Wrike sends %s (%s), which has no column; its values are in _extra. Seen %d times.",
                    result.entity,
                    key,
                    seen["type"],
                    seen["count"],
                )
        state = context["asset_state_store"][self.account]
        known = state.get(OUTCOMES_STATE)
        state.set(OUTCOMES_STATE, outcomes(known if isinstance(known, dict) else {}, results))
        failed = [result for result in results if result.outcome is Outcome.FAILED]
        tried = [result for result in results if result.outcome is not Outcome.SKIPPED]
        if not context["params"].get("entities") and {result.outcome for result in tried} == {Outcome.BLOCKED}:
            # A licence or right is lost, or the scopes are of another purpose: nobody would look at a green run.
            failed = tried
        try:
            self._note(context, results)
            self._refresh_views(context, results)
        except StagingError as unnoted:
            if not failed:
                raise
            # Why entities failed is told all the same, here and to the page.
            self.log.warning("What was synced is not noted in staging. %s", unnoted)
        told: dict[str, Any] = {
            "entities": {result.entity: result.outcome.value for result in results},
            "blocked": {result.entity: result.note for result in results if result.outcome is Outcome.BLOCKED},
            "read": sum(result.read for result in results),
            "inserted": sum(result.inserted for result in results),
            "updated": sum(result.updated for result in results),
            "deleted": sum(result.deleted for result in results),
            "requests": sum(result.requests for result in results),
            "requests_refused": sum(result.requests_refused for result in results),
        }
        if failed:
            refused = self._told_by_connect(context, ERROR_KEY)
            error = failure(failed, len(self._asked(context)), refused)
            for line in str(error).splitlines():
                self.log.error("%s", line)
            told["reason"] = str(error)[:MOST_OF_A_REASON]
            if error.authorise_again:
                # By it the page knows whether the Connection still holds what was refused.
                told["refused_grant"] = (refused or self._told_by_connect(context, USER_KEY) or {}).get("grant", "")
            context["ti"].xcom_push(key="return_value", value=told)
            raise error
        return told

    def _told_by_connect(self, context: Context, key: str) -> dict[str, Any] | None:
        told = context["ti"].xcom_pull(task_ids=self.connect_task_id, key=key)
        return told if isinstance(told, dict) else None

    def _note(self, context: Context, results: list[Result]) -> None:
        begun = [result for result in results if result.started]
        if not begun:
            # Nothing was so much as looked at: the database may not even exist.
            return
        # Heavy, so only when there is something to write.
        from wrike_provider.staging.ledger import RunLedger

        run = context["dag_run"]
        run_type = str(getattr(run.run_type, "value", run.run_type))
        RunLedger(staging(self.staging_conn_id), self.schema).write(
            [sync_run(result, run.run_id, run_type) for result in begun]
        )

    def _refresh_views(self, context: Context, results: list[Result]) -> None:
        if self.views is None or not any(result.outcome is Outcome.SYNCED for result in results):
            return
        from wrike_provider.staging.views import Views

        place, state = staging(self.staging_conn_id), context["asset_state_store"][self.account]
        known = state.get(VIEWS_STATE)
        where = f"{place}:{self.schema}"
        made = known.get("made") if isinstance(known, dict) and known.get("staging") == where else None
        digests = {name: str(digest) for name, digest in made.items()} if isinstance(made, dict) else {}
        views = Views(place, self.schema, Path(self.views)).refresh(digests)
        for name, problem in views.problems.items():
            self.log.warning("The view %s could not be made. %s", name, problem)
        if views.changed:
            self.log.info("Views made: %s.", ", ".join(views.changed))
        if views.made != digests:
            state.set(VIEWS_STATE, {"staging": where, "made": dict[str, Any](views.made)})

    def _asked(self, context: Context) -> set[str]:
        """What the run was asked for."""
        everything = {entity for entities in self.tasks.values() for entity in entities}
        return everything & set(context["params"].get("entities") or everything)

    def _results(self, context: Context) -> list[Result]:
        ti, run = context["ti"], context["dag_run"]
        states = ti.get_task_states(dag_id=run.dag_id, run_ids=[run.run_id]).get(run.run_id, {})
        found, asked = [], self._asked(context)
        for task_id, entities in self.tasks.items():
            pushed = ti.xcom_pull(task_ids=task_id, key=RESULTS_KEY) or {}
            state = str(states.get(task_id) or "unknown")
            for entity in entities:
                if entity in pushed:
                    found.append(Result.from_dict(pushed[entity]))
                elif entity not in asked:
                    found.append(Result(entity, Outcome.SKIPPED, note=NOT_ASKED_FOR))
                else:
                    outcome = Outcome.SKIPPED if state in {"skipped", "success"} else Outcome.FAILED
                    found.append(Result(entity, outcome, note=f"the task {task_id} is {state}"))
        return found


def failure(failed: list[Result], of: int, refused: dict[str, str] | None) -> SyncFailedError:
    """Say why a run failed, a reason a line: the log shows of a line what there is room for.

    :param failed: the results that are failures.
    :param of: how many there are in all.
    :param refused: class and message of what `connect` failed with; None: it did not.
    """
    if refused is not None:
        lines, errors = ["Nothing was synced.", *_SENTENCE.split(refused["message"])], {refused["class"]}
    else:
        by_reason: dict[str, list[str]] = {}
        for result in failed:
            by_reason.setdefault(result.note, []).append(result.entity)
        if all(result.differences is not None for result in failed):
            head = "differ from Wrike, and nothing was changed. Trigger with Full refresh, then with Verify again."
        else:
            head = "were not synced; the next run reads what is missing."
        lines = [f"{len(failed)} of {of} entities {head}"]
        lines += [f"{', '.join(names)}: {reason}" for reason, names in by_reason.items()]
        errors = {result.error for result in failed}
    return SyncFailedError(
        "\n".join(lines),
        {result.entity: result.note for result in failed},
        authorise_again=WrikeAuthorizationError.__name__ in errors,
    )


def outcomes(known: dict[str, Any], results: list[Result]) -> dict[str, Any]:
    """Keep what is known about which entities can be read.

    :param known: what was known, by entity: why it is blocked; empty: it can be read.
    :param results: results of a run.
    """
    readable = {result.entity: "" for result in results if result.outcome is Outcome.SYNCED}
    blocked = {result.entity: result.note for result in results if result.outcome is Outcome.BLOCKED}
    return known | readable | blocked


def sync_run(result: Result, run_id: str, run_type: str) -> SyncRun:
    """Make the row of ``sync_runs`` of a result.

    :param result: the result.
    :param run_id: the run of the DAG.
    :param run_type: Airflow's type of the run.
    """
    from wrike_provider.staging.ledger import SyncRun

    started = datetime.fromisoformat(result.started)
    return SyncRun(
        run_id=run_id,
        run_type=run_type,
        entity=result.entity,
        started_at=started,
        finished_at=started + timedelta(seconds=result.seconds),
        window_since=datetime.fromisoformat(result.since) if result.since else None,
        window_until=datetime.fromisoformat(result.until) if result.until else None,
        outcome=result.outcome.value,
        note=result.note or None,
        pages=result.pages,
        requests=result.requests,
        requests_refused=result.requests_refused,
        records_read=result.read,
        inserted=result.inserted,
        updated=result.updated,
        unchanged=result.unchanged,
        marked_deleted=result.deleted,
        seconds=result.seconds,
        unknown_keys=result.unknown_keys,
        verified=None if result.differences is None else not result.differences["count"],
        differences=None if result.differences is None else result.differences["count"],
    )


def _window_or_reason(result: Result) -> str:
    shown = (result.window if result.outcome is Outcome.SYNCED or not result.note else "", result.note)
    return "; ".join(filter(None, shown))


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
                _window_or_reason(result),
            )
            for result in results
        ],
        headers=("entity", "outcome", "read", "new", "changed", "gone", "requests", "seconds", "window or reason"),
        disable_numparse=True,
        colalign=("left", "left", *["right"] * 6, "left"),
    )
