"""What a task does with each of its entities: decide, read, write, remember."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from wrike_provider.api.errors import WrikeBlockedError, WrikeError
from wrike_provider.api.records import Parse
from wrike_provider.entities import Entity, entity
from wrike_provider.operators.connect import ACCOUNT_KEY
from wrike_provider.operators.details import DetailReading, Mark
from wrike_provider.operators.errors import CutOffError, StagingDiffersError
from wrike_provider.operators.memory import many_records
from wrike_provider.operators.metrics import emit
from wrike_provider.operators.plan import Run, plan, reason_to_skip, reconciliation_due
from wrike_provider.operators.reading import FOUNDED, Reading
from wrike_provider.operators.refusals import Refusals
from wrike_provider.operators.remembered import (
    BEGINNING_STATE,
    BIN_STATE,
    CUT_OFF_STATE,
    OWNERS_STATE,
    RECORDS_STATE,
    STAGED_ACCOUNT_STATE,
    WATERMARK_STATE,
    WRITES_STATE,
    instant,
    outdated,
    past,
)
from wrike_provider.operators.results import Outcome, Result
from wrike_provider.operators.staging import staging
from wrike_provider.staging.errors import StagingMissingError

if TYPE_CHECKING:
    from airflow.sdk import Context

    from wrike_provider.hooks.wrike import WrikeHook
    from wrike_provider.operators.extract import ExtractOperator
    from wrike_provider.staging.destination import Destination
    from wrike_provider.staging.store import EntityStore
    from wrike_provider.staging.structure import Structure

REFUSED_FOR: Final = timedelta(days=1)
"""What Wrike has refused to tell is not asked for again for so long."""
BY_TURNS = "new, changed, and by turns"
WORTH_NOTING_S: Final = 5.0
"""What took at least so long is noted at once, and what was done before it; other things when the task fails.

A note is a request to Airflow's API server; without it a task that was killed asks Wrike for little things again.
"""


class Sync:
    """One execution of a task.

    :param operator: the task.
    :param context: its context.
    """

    def __init__(self, operator: ExtractOperator, context: Context) -> None:
        self._operator = operator
        self._context = context
        self._log = operator.log
        self._run = Run.from_context(context)
        self._hook: WrikeHook | None = None
        self._destination: Destination | None = None
        self._structure: Structure | None = None
        self._again = context["ti"].try_number > 1
        self._unnoted: dict[str, Result] = {}
        self._noted = self._again

    def entity(self, declared: Entity) -> tuple[Result, Exception | None]:
        """Sync an entity, unless an earlier try of this task has done so.

        :param declared: the entity.
        """
        # In a first try nothing is noted, and each look is a request to the API server.
        done = self._context["task_state_store"].get(declared.name) if self._again else None
        if isinstance(done, dict):
            self._log.info("%s: done by an earlier try.", declared.name)
            self._tell(declared, Result.from_dict(done))
            return Result.from_dict(done), None
        started, clock = datetime.now(UTC), time.monotonic()
        requests, refused = self._requests
        failure: Exception | None = None
        try:
            result = self._done(declared)
        except WrikeBlockedError as error:
            self._log.warning("%s: skipped. %s", declared.name, error)
            result = Result(declared.name, Outcome.BLOCKED, note=str(error))
        except Exception as error:
            self._log.exception("%s: failed.", declared.name)
            result, failure = Result(declared.name, Outcome.FAILED, note=str(error), error=type(error).__name__), error
        if failure is None and result.outcome is Outcome.FAILED:
            failure = StagingDiffersError(f"{declared.name}: {result.note}")
        requests_now, refused_now = self._requests
        result = result.after(
            started,
            requests=requests_now - requests,
            requests_refused=refused_now - refused,
            seconds=time.monotonic() - clock,
        )
        emit(self._operator.team, result)
        if failure is None:
            self._unnoted[declared.name] = result
            if result.seconds >= WORTH_NOTING_S:
                self.note()
            self._tell(declared, result)
        return result, failure

    def note(self) -> None:
        """Note what is done, for the next try not to do it again."""
        for name, result in self._unnoted.items():
            self._context["task_state_store"].set(name, result.as_dict())
            self._noted = True
        self._unnoted.clear()

    def forget(self) -> None:
        """Forget what was noted: there will be no further try, unless somebody wants all done again."""
        if self._noted:
            self._context["task_state_store"].clear()

    def _tell(self, declared: Entity, result: Result) -> None:
        self._context["outlet_events"][self._operator.assets[declared.name]].extra = result.as_dict()

    def _done(self, declared: Entity) -> Result:
        if reason := reason_to_skip(declared, self._run):
            return self._skipped(declared, reason)
        with many_records():
            return self._carried_out(declared)

    def _carried_out(self, declared: Entity) -> Result:
        # Heavy, so only for an entity that is read.
        from wrike_provider.staging.store import EntityStore
        from wrike_provider.staging.structure import Structure

        state = self._context["asset_state_store"][self._operator.assets[declared.name]]
        remembered = state.get(WATERMARK_STATE)
        remembered = remembered if isinstance(remembered, dict) else {}
        staging = self._staging()
        place = f"{staging}:{self._operator.schema}"
        if self._structure is None:
            self._structure = Structure(staging, self._operator.schema)
        store = EntityStore(staging, self._operator.schema, declared)
        fresh = remembered.get("staging") != place or self._structure.lacks(declared)
        if self._run.verify:
            return self._skipped(declared, "not synced yet") if fresh else self._verified(declared, store, remembered)
        account = (self._account or {}).get("id")
        if not fresh and (why := outdated(remembered, self._structure.writes(declared), account)):
            self._log.warning("%s: %s All is read again.", declared.name, why)
            fresh = True
        began = instant(remembered, BEGINNING_STATE)
        if not fresh and began is not None and self._beginning(declared, store) < began:
            self._log.warning("%s: There are records from before %s. All is read again.", declared.name, began)
            fresh = True
        if fresh:
            state.delete(WATERMARK_STATE)
            remembered = {}
        prepare = None
        if fresh or not self._structure.complete:
            prepare = partial(self._make_tables, self._structure)
        result, changed = self._read(declared, store, remembered, prepare)
        if changed is not None:
            writes = store.writes or self._structure.writes(declared)
            known = {STAGED_ACCOUNT_STATE: account or remembered.get(STAGED_ACCOUNT_STATE), WRITES_STATE: writes}
            state.set(WATERMARK_STATE, {**remembered, "staging": place, **known, **changed})
        return result

    def _make_tables(self, structure: Structure) -> None:
        """Make what is missing for all entities that this task reads: one by one costs much more."""
        lacking = [
            each
            for each in map(entity, self._operator.assets)
            if not reason_to_skip(each, self._run) and structure.lacks(each)
        ]
        for each in lacking:
            # First of all: should this try end early, the next one finds the tables but must not trust them.
            self._context["asset_state_store"][self._operator.assets[each.name]].delete(WATERMARK_STATE)
        structure.make(lacking)

    def _read(
        self,
        declared: Entity,
        store: EntityStore,
        remembered: dict[str, Any],
        prepare: Callable[[], None] | None = None,
    ) -> tuple[Result, dict[str, Any] | None]:
        """Read an entity and write it; also says what is to be remembered, None when nothing."""
        from wrike_provider.operators.extraction import Extraction
        from wrike_provider.staging.parsed import Parser

        run = self._run
        may_vanish = 1.0 if run.accept_deletions else self._operator.may_vanish
        extraction = Extraction(declared, store, may_vanish, rebuild=run.full_refresh, prepare=prepare)
        if declared.details is not None:
            mark = Mark() if run.full_refresh else Mark.from_state(remembered)
            reading = DetailReading(self._wrike(), declared, declared.details, self._refused(remembered, complete=True))
            try:
                writer, mark = extraction.details(
                    reading, declared.details, entity(declared.details.of), mark, self._operator.detail_requests
                )
            except StagingMissingError as error:
                return self._skipped(declared, str(error)), None
            result = replace(Result.of(declared.name, BY_TURNS, None, writer), note=reading.refusals.note)
            return result, {**mark.as_state(), **self._as_state(reading.refusals, remembered, complete=True)}
        due = reconciliation_due(run, instant(remembered, "reconciled"), self._operator.reconcile)
        planned = plan(declared, run, instant(remembered, "until"), reconcile=due)
        window = planned.window
        if window.empty:
            return self._skipped(declared, f"staging is already ahead of {window.until:%Y-%m-%d %H:%M:%S} UTC"), None
        anew = run.full_refresh or not remembered
        refused = self._refused({} if anew else remembered, complete=planned.complete)
        beginning = self._beginning(declared, store) if window.since is None else None
        lists = self._reading(declared, refused, remembered, beginning, Parser(declared))
        if declared.changed_by is None:
            self._log.info("%s: reading all.", declared.name)
            writer = extraction.whole(lists, anew=anew, known=self._known(declared))
        else:
            self._log.info("%s: reading %s.", declared.name, window)
            try:
                if remembered.get(CUT_OFF_STATE) and planned.watermark is not None and not run.full_refresh:
                    # For good: to find it out anew, all of the list would be read.
                    raise CutOffError("Wrike cuts the list off.")
                writer = extraction.changes(lists, declared.changed_by, window, complete=planned.complete)
            except (WrikeBlockedError, CutOffError) as error:
                if not declared.owners or planned.watermark is None:
                    raise
                self._log.warning("%s: %s What belongs to each record is asked for instead.", declared.name, error)
                return self._at_owners(declared, store, remembered, error)
        self._log.info("%s: %s", declared.name, writer.counts)
        shown = "all" if declared.changed_by is None else str(window)
        result = Result.of(declared.name, shown, None if declared.changed_by is None else window, writer)
        result = replace(result, note=" ".join(filter(None, [*lists.notes, lists.refusals.note])))
        if planned.watermark is None:
            return result, None
        changed: dict[str, Any] = {
            "until": self._by_wrikes_clock(planned.watermark).isoformat(),
            BIN_STATE: lists.bin_since.isoformat() if lists.bin_since else None,
            **self._as_state(lists.refusals, remembered, complete=planned.complete),
        }
        if declared.owners:
            # Those whom they belong to may have been read at the same time, and tell the next run how old they are.
            noted = beginning.isoformat() if beginning is not None else None
            changed |= {OWNERS_STATE: None, CUT_OFF_STATE: False, BEGINNING_STATE: noted}
        if planned.complete:
            changed |= {"reconciled": run.started.isoformat(), RECORDS_STATE: result.read}
        return result, changed

    def _refused(self, remembered: dict[str, Any], *, complete: bool) -> set[str]:
        """What Wrike has refused to tell; asked for again once in a while, when all records are read."""
        since = instant(remembered, "without_since")
        if self._run.full_refresh or (complete and since is not None and self._run.started - since >= REFUSED_FOR):
            return set()
        return set(str(remembered.get("without") or "").split())

    def _as_state(self, refusals: Refusals, remembered: dict[str, Any], *, complete: bool) -> dict[str, Any]:
        without = " ".join(sorted(refusals.without))
        known = self._refused(remembered, complete=complete) == refusals.without
        since = remembered.get("without_since") if known else None
        return {"without": without, "without_since": since or (self._run.started.isoformat() if without else None)}

    def _by_wrikes_clock(self, watermark: datetime) -> datetime:
        """The watermark, not later than Wrike's own time when the run started: its records have no other.

        A data interval ends by the scheduler's clock, which may be ahead too.
        """
        ahead = self._hook.client.clock_ahead if self._hook else timedelta()
        if ahead:
            self._log.warning(
                "The clock of this machine is %d s ahead of Wrike's. Set it; until then more is read again.",
                ahead.total_seconds(),
            )
        return min(watermark, self._run.started - ahead)

    def _at_owners(
        self, declared: Entity, store: EntityStore, remembered: dict[str, Any], refusal: WrikeError
    ) -> tuple[Result, dict[str, Any] | None]:
        """Read an entity whose list is refused or cut off, one by one at what its records belong to."""
        result, marks, lacking = Result(declared.name, Outcome.SYNCED), {}, []
        known = remembered.get(OWNERS_STATE)
        for owner in declared.owners:
            state = known.get(owner.of) if isinstance(known, dict) and not self._run.full_refresh else None
            at = declared.at(owner)
            found, mark = self._read(at, store, state or {})
            if mark is None:
                # The team does not take them, or not yet.
                lacking.append(f"Those of {owner.of} were not asked for: {found.note}")
                continue
            result, marks[owner.of] = found.plus(result), mark
        if not marks:
            raise refusal
        result = replace(result, note=" ".join(filter(None, [result.note, *lacking])))
        return result, {OWNERS_STATE: marks, CUT_OFF_STATE: isinstance(refusal, CutOffError)}

    def _verified(self, declared: Entity, store: EntityStore, remembered: dict[str, Any]) -> Result:
        """Compare all that Wrike has of an entity with staging."""
        from wrike_provider.operators.verifying import verify

        self._log.info("%s: reading all, to compare it with staging.", declared.name)
        if declared.details is not None:
            written = store.written(entity(declared.details.of), declared.details)
            ids = sorted(written)
            pages = DetailReading(self._wrike(), declared, declared.details).about(ids, ids)
        else:
            refused = self._refused(remembered, complete=False)
            pages = self._reading(declared, refused, remembered, self._beginning(declared, store)).everything()
        found, later = verify(declared, store, pages, instant(remembered, "until"))
        if later:
            self._log.info("%s: %d records changed after the last sync and were not compared.", declared.name, later)
        self._log.info("%s", found)
        return Result(
            declared.name,
            Outcome.SYNCED if found.equal else Outcome.FAILED,
            window="compared with Wrike",
            note="" if found.equal else str(found),
            read=found.compared,
            differences={"count": found.count, **found.as_dict()},
        )

    def _skipped(self, declared: Entity, reason: str) -> Result:
        self._log.info("%s: skipped, %s.", declared.name, reason)
        return Result(declared.name, Outcome.SKIPPED, note=reason)

    def _reading(
        self,
        declared: Entity,
        refused: set[str],
        remembered: dict[str, Any],
        beginning: datetime | None,
        parse: Parse | None = None,
    ) -> Reading:
        account = self._account or {}
        records = remembered.get(RECORDS_STATE)
        return Reading(
            self._wrike(),
            declared,
            str(account.get("recycleBinId") or "") or None,
            instant(remembered, BIN_STATE),
            beginning or FOUNDED,
            records if isinstance(records, int) else None,
            refused,
            parse,
        )

    def _beginning(self, declared: Entity, store: EntityStore) -> datetime:
        """When the oldest record can have been made, for what is asked for span by span.

        An account that was moved or merged can be younger than what it holds.
        """
        told = past((self._account or {}).get("createdDate"))
        if declared.spans is None or told is None:
            return told or FOUNDED
        others = [declared, *(entity(owner.of) for owner in declared.owners)]
        with store.held():
            return min([told, *filter(None, map(store.oldest, others))])

    def _known(self, declared: Entity) -> list[dict[str, Any]] | None:
        """The records, when `connect` has read them in this run."""
        account = self._account if declared.name == "account" else None
        return [account] if account else None

    @cached_property
    def _account(self) -> dict[str, Any] | None:
        account = self._context["ti"].xcom_pull(task_ids=self._operator.connect_task_id, key=ACCOUNT_KEY)
        return account if isinstance(account, dict) else None

    def _wrike(self) -> WrikeHook:
        from wrike_provider.hooks.wrike import WrikeHook

        if self._hook is None:
            self._hook = WrikeHook(self._operator.wrike_conn_id)
        return self._hook

    @property
    def _requests(self) -> tuple[int, int]:
        """Requests so far, and those of them that were refused."""
        return (self._hook.requests, self._hook.requests_refused) if self._hook else (0, 0)

    def _staging(self) -> Destination:
        if self._destination is None:
            self._destination = staging(self._operator.staging_conn_id)
        return self._destination
