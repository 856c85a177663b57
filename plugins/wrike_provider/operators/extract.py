"""The tasks of a team's DAG that fill staging."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, BaseHook, BaseOperator
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from wrike_provider.api.errors import (
    WrikeAuthorizationError,
    WrikeBlockedError,
    WrikeHostError,
    WrikeTransientError,
)
from wrike_provider.entities import Entity, entity
from wrike_provider.operators.connect import ACCOUNT_KEY
from wrike_provider.operators.plan import Run, plan, reason_to_skip
from wrike_provider.operators.results import RESULTS_KEY, Outcome, Result
from wrike_provider.staging.destination import Destination, destination
from wrike_provider.staging.errors import StagingConfigurationError, StagingFullError, StagingLockedError

if TYPE_CHECKING:
    from airflow.sdk import Context

    from wrike_provider.hooks.wrike import WrikeHook

WATERMARK_STATE = "watermark"
_PASSING = (WrikeTransientError, StagingLockedError, StagingFullError)
_CONCERNS_ALL = (WrikeAuthorizationError, WrikeHostError)


class ExtractOperator(BaseOperator):
    """Reads entities from Wrike and writes them into staging, one after the other.

    One entity's failure does not stop the next. The task then fails, and its retry does only what is missing.

    :param assets: the asset of each entity, by the entity's name.
    :param wrike_conn_id: the team's Connection.
    :param staging_conn_id: Connection of the staging database.
    :param schema: the team's schema in it.
    :param may_vanish: share of a table's records that may be marked as deleted at once, 0 to 1.
    :param connect_task_id: the task that has read the account.
    """

    def __init__(
        self,
        *,
        assets: dict[str, Asset],
        wrike_conn_id: str,
        staging_conn_id: str,
        schema: str,
        may_vanish: float,
        connect_task_id: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(outlets=list(assets.values()), **kwargs)
        self.assets = assets
        self.wrike_conn_id = wrike_conn_id
        self.staging_conn_id = staging_conn_id
        self.schema = schema
        self.may_vanish = may_vanish
        self.connect_task_id = connect_task_id

    def execute(self, context: Context) -> None:
        """Sync the entities.

        :param context: context of the task.
        :raises AirflowSkipException: none of them is read in this run.
        :raises Exception: of those that failed, the one most worth a retry.
        """
        sync = _Sync(self, context)
        results: dict[str, Result] = {}
        failures: list[Exception] = []
        for name in self.assets:
            result, failure = sync.entity(entity(name))
            results[name] = result
            if failure is not None:
                failures.append(failure)
            if isinstance(failure, _CONCERNS_ALL):
                break
        context["ti"].xcom_push(key=RESULTS_KEY, value={name: result.as_dict() for name, result in results.items()})
        if failures:
            raise next((failure for failure in failures if isinstance(failure, _PASSING)), failures[0])
        context["task_state_store"].clear()
        if all(result.outcome is not Outcome.SYNCED for result in results.values()):
            raise AirflowSkipException("; ".join(f"{name}: {result.note}" for name, result in results.items()))


class _Sync:
    """One execution of the task."""

    def __init__(self, operator: ExtractOperator, context: Context) -> None:
        self._operator = operator
        self._context = context
        self._log = operator.log
        self._run = Run.from_context(context)
        self._hook: WrikeHook | None = None
        self._destination: Destination | None = None

    def entity(self, declared: Entity) -> tuple[Result, Exception | None]:
        """Sync an entity, unless an earlier try of this task has done so.

        :param declared: the entity.
        """
        done = self._context["task_state_store"].get(declared.name)
        if isinstance(done, dict):
            self._log.info("%s: done by an earlier try.", declared.name)
            self._tell(declared, Result.from_dict(done))
            return Result.from_dict(done), None
        started, requests = time.monotonic(), self._requests
        failure: Exception | None = None
        try:
            result = self._extract(declared)
        except WrikeBlockedError as error:
            self._log.warning("%s: skipped. %s", declared.name, error)
            result = Result(declared.name, Outcome.BLOCKED, note=str(error))
        except Exception as error:
            self._log.exception("%s: failed.", declared.name)
            result, failure = Result(declared.name, Outcome.FAILED, note=str(error)), error
        result = result.after(requests=self._requests - requests, seconds=time.monotonic() - started)
        if failure is None:
            self._context["task_state_store"].set(declared.name, result.as_dict())
            self._tell(declared, result)
        return result, failure

    def _tell(self, declared: Entity, result: Result) -> None:
        self._context["outlet_events"][self._operator.assets[declared.name]].extra = result.as_dict()

    def _extract(self, declared: Entity) -> Result:
        if reason := reason_to_skip(declared, self._run):
            return self._skipped(declared, reason)
        # Heavy, so only for an entity that is read.
        from wrike_provider.operators.extraction import Extraction
        from wrike_provider.staging.store import EntityStore

        state = self._context["asset_state_store"][self._operator.assets[declared.name]]
        remembered = state.get(WATERMARK_STATE)
        remembered = remembered if isinstance(remembered, dict) else {}
        staging = self._staging()
        place = f"{staging.type}:{staging.file}:{self._operator.schema}"
        store = EntityStore(staging, self._operator.schema, declared)
        fresh = remembered.get("staging") != place or not store.complete()
        if fresh:
            # First of all: should this try end early, the next one finds the tables but must not trust them.
            state.delete(WATERMARK_STATE)
            store.prepare()
        planned = plan(declared, self._run, None if fresh else _instant(remembered.get("until")))
        if planned.window.empty:
            return self._skipped(declared, f"staging is already ahead of {planned.window.until:%Y-%m-%d %H:%M:%S} UTC")
        self._log.info("%s: reading %s.", declared.name, "all" if declared.read_whole else planned.window)
        anew = fresh or self._run.full_refresh
        refused = str(remembered.get("without") or "")
        may_vanish = 1.0 if self._run.accept_deletions else self._operator.may_vanish
        without = set() if anew else set(refused.split())
        bin_id = str((self._account() or {}).get("recycleBinId") or "") or None
        extraction = Extraction(self._wrike(), declared, store, may_vanish, bin_id, without)
        counts = extraction.run(planned.window, anew=anew, known=self._known(declared))
        if planned.watermark is not None:
            state.set(
                WATERMARK_STATE,
                {
                    "until": planned.watermark.isoformat(),
                    "staging": place,
                    "without": " ".join(sorted(extraction.without)),
                },
            )
        self._log.info("%s: %s", declared.name, counts)
        return Result.of(declared.name, "all" if declared.read_whole else str(planned.window), counts)

    def _skipped(self, declared: Entity, reason: str) -> Result:
        self._log.info("%s: skipped, %s.", declared.name, reason)
        return Result(declared.name, Outcome.SKIPPED, note=reason)

    def _known(self, declared: Entity) -> list[dict[str, Any]] | None:
        """The records, when `connect` has read them in this run."""
        account = self._account() if declared.name == "account" else None
        return [account] if account else None

    def _account(self) -> dict[str, Any] | None:
        account = self._context["ti"].xcom_pull(task_ids=self._operator.connect_task_id, key=ACCOUNT_KEY)
        return account if isinstance(account, dict) else None

    def _wrike(self) -> WrikeHook:
        from wrike_provider.hooks.wrike import WrikeHook

        if self._hook is None:
            self._hook = WrikeHook(self._operator.wrike_conn_id)
        return self._hook

    @property
    def _requests(self) -> int:
        return self._hook.requests if self._hook else 0

    def _staging(self) -> Destination:
        if self._destination is None:
            try:
                connection = BaseHook.get_connection(self._operator.staging_conn_id)
            except AirflowNotFoundException:
                raise StagingConfigurationError(
                    f"There is no Connection {self._operator.staging_conn_id!r} for staging. Make it under "
                    "Admin > Connections: type duckdb, the path of the database file as its host."
                ) from None
            home = Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()
            self._destination = destination(connection.conn_type, connection.host, connection.schema, home)
        return self._destination


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
