"""The task of a team's DAG that brings Wrike's data export into staging (Wrike API v4, "Data Export")."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from airflow.sdk.exceptions import AirflowSkipException

from wrike_provider.api.errors import WrikeBlockedError
from wrike_provider.auth.scopes import EXPORT_SCOPE
from wrike_provider.operators.errors import StagingDiffersError
from wrike_provider.operators.export_state import Export, StagedExport
from wrike_provider.operators.metrics import emit
from wrike_provider.operators.plan import NOT_ASKED_FOR, Run
from wrike_provider.operators.results import RESULTS_KEY, Outcome, Result
from wrike_provider.operators.staging import staging
from wrike_provider.operators.team_operator import TeamOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from wrike_provider.hooks.wrike import WrikeHook
    from wrike_provider.staging.export.store import ExportStore

DATA_EXPORT: Final = "data_export"
"""Name of the task, of its asset, and of what it reads, where entities are named."""
EXPORT_STATE: Final = "export"
_NEEDS = (
    f"The data export needs a plan that has it, an administrator who may export account data, and the scope "
    f"{EXPORT_SCOPE}: Authorise asks for it once the variables file has data_export. A permanent token may not do."
)


class DataExportOperator(TeamOperator):
    """Puts the tables of the last completed data export into a schema of their own.

    An export that is staged already is not read again. A table that fails does not stop the next one, keeps its
    rows, and is read again by the next run.

    Takes what every :class:`TeamOperator` takes, one asset for all of the export.
    """

    def execute(self, context: Context) -> None:
        """Stage the export.

        :param context: context of the task.
        :raises AirflowSkipException: there is nothing to read.
        :raises Exception: of what failed, that most worth a retry.
        """
        result, failure = ExportSync(self, context).run()
        context["ti"].xcom_push(key=RESULTS_KEY, value={DATA_EXPORT: result.as_dict()})
        if failure is not None:
            raise failure
        if result.outcome in {Outcome.SKIPPED, Outcome.BLOCKED}:
            raise AirflowSkipException(result.note)
        context["outlet_events"][self.assets[DATA_EXPORT]].extra = result.as_dict()


class ExportSync:
    """One execution of the task.

    :param operator: the task.
    :param context: its context.
    """

    def __init__(self, operator: DataExportOperator, context: Context) -> None:
        self._operator = operator
        self._log = operator.log
        self._run = Run.from_context(context)
        self._state = context["asset_state_store"][operator.assets[DATA_EXPORT]]
        self._hook: WrikeHook | None = None

    def run(self) -> tuple[Result, Exception | None]:
        """Stage the export, or say why not.

        :returns: what became of it, and the error that the task is to end with.
        """
        started, clock = datetime.now(UTC), time.monotonic()
        failure: Exception | None = None
        try:
            result, failure = self._done()
        except WrikeBlockedError as error:
            self._log.warning("The data export is skipped. %s %s", error, _NEEDS)
            result = Result(DATA_EXPORT, Outcome.BLOCKED, note=f"{error} {_NEEDS}")
        except Exception as error:
            self._log.exception("The data export failed.")
            result, failure = Result(DATA_EXPORT, Outcome.FAILED, note=str(error), error=type(error).__name__), error
        result = result.after(
            started,
            requests=self._hook.requests if self._hook else 0,
            requests_refused=self._hook.requests_refused if self._hook else 0,
            seconds=time.monotonic() - clock,
        )
        emit(self._operator.team, result)
        return result, failure

    def _done(self) -> tuple[Result, Exception | None]:
        if self._run.entities and DATA_EXPORT not in self._run.entities:
            return self._skipped(NOT_ASKED_FOR)
        if self._run.backfill:
            return self._skipped("an export is the account as it is now, so there is nothing to backfill")
        # Heavy, so only when the database is needed.
        from wrike_provider.staging.export.store import ExportStore

        place = staging(self._operator.staging_conn_id)
        store = ExportStore(place, self._operator.schema)
        staged = StagedExport.from_state(self._state.get(EXPORT_STATE), f"{place}:{self._operator.schema}")
        if self._run.verify:
            return self._verified(store, staged)
        export = Export.of(self._wrike().client.get("/data_export"))
        if export.why_not:
            return self._skipped(export.why_not)
        if self._run.full_refresh or not staged.of(export):
            staged = staged.begun(export)
        gone = store.missing([table.name for table in staged.tables.values()])
        due = [name for name in export.files if name not in staged.tables or staged.tables[name].name in gone]
        if not due:
            return self._skipped(f"the export of {export.completed} is staged already")
        return self._read(store, staged, export, due)

    def _read(
        self, store: ExportStore, staged: StagedExport, export: Export, due: list[str]
    ) -> tuple[Result, Exception | None]:
        from wrike_provider.operators.export_reading import ExportReading

        self._log.info("Reading %d tables of the export of %s.", len(due), export.completed)
        reading = ExportReading(self._wrike().client, store, export, described=staged.described)
        for name, loaded in reading.load(due):
            staged.tables[name] = loaded
            staged = replace(staged, described=reading.described)
            self._state.set(EXPORT_STATE, staged.as_state())
            self._log.info("%s: %d rows.", name, loaded.rows)
        result = Result(
            DATA_EXPORT,
            Outcome.FAILED if reading.failures else Outcome.SYNCED,
            window=f"export of {export.completed}",
            note=" ".join(filter(None, [reading.note, *map(str, reading.failures.values())])),
            error=type(reading.worst).__name__ if reading.worst else "",
            pages=reading.tables,
            read=reading.rows,
            unknown_keys=reading.unknown_keys(),
        )
        return result, reading.worst

    def _verified(self, store: ExportStore, staged: StagedExport) -> tuple[Result, Exception | None]:
        """Compare numbers of rows with those that the files had."""
        if not staged.tables:
            return self._skipped("not synced yet")
        counts = store.counts([table.name for table in staged.tables.values()])
        differing = {
            table.name: f"{table.name} has {counts.get(table.name, 'no table and so no')} rows instead of {table.rows}"
            for table in staged.tables.values()
            if counts.get(table.name) != table.rows
        }
        self._log.info("Rows of %d tables of the export counted: %d.", len(staged.tables), sum(counts.values()))
        note = f"{'; '.join(differing.values())}. Read it anew with Full refresh." if differing else ""
        result = Result(
            DATA_EXPORT,
            Outcome.FAILED if differing else Outcome.SYNCED,
            window=f"rows of {len(staged.tables)} tables counted",
            note=note,
            read=sum(counts.values()),
            differences={"count": len(differing), "tables": sorted(differing)},
        )
        return result, StagingDiffersError(f"The data export: {note}") if differing else None

    def _skipped(self, reason: str) -> tuple[Result, None]:
        self._log.info("The data export is skipped: %s.", reason)
        return Result(DATA_EXPORT, Outcome.SKIPPED, note=reason), None

    def _wrike(self) -> WrikeHook:
        from wrike_provider.hooks.wrike import WrikeHook

        if self._hook is None:
            self._hook = WrikeHook(self._operator.wrike_conn_id)
        return self._hook
