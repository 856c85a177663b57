"""What a run reads of an entity: decided from the kind of run, the watermark and the params."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from wrike_provider.entities.model import Entity
from wrike_provider.entities.requests import Window
from wrike_provider.operators.errors import BadParamsError
from wrike_provider.teams import VERIFY_PARAM, Reconcile

OVERLAP = timedelta(minutes=10)
"""How far a window reaches back before the watermark: Wrike's lists lag behind its writes, and clocks differ."""

PERIODS: Final[dict[Reconcile, timedelta | None]] = {
    Reconcile.DAILY: timedelta(days=1),
    Reconcile.WEEKLY: timedelta(days=7),
    Reconcile.MONTHLY: timedelta(days=30),
    Reconcile.NEVER: None,
}
"""How long after the last time all records are read again, to find those that are gone without a trace."""


NOT_ASKED_FOR: Final = "not among the entities that this run was asked for"
"""Why an entity is not read."""
PARAMS: Final = ("entities", "full_refresh", "since", "until", "accept_deletions", VERIFY_PARAM)
"""The params of a run."""


@dataclass(frozen=True, slots=True)
class Run:
    """The run, as far as windows depend on it.

    :param backfill: whether it is a backfill run.
    :param scheduled: whether the schedule started it.
    :param interval: its data interval, None when it has none.
    :param started: when the scan starts, whole seconds, UTC.
    :param entities: the entities asked for; empty: all.
    :param full_refresh: read everything anew.
    :param since: begin of the window asked for.
    :param until: end of the window asked for.
    :param accept_deletions: mark records as deleted however many have vanished.
    :param verify: compare staging with Wrike, and change nothing.
    """

    backfill: bool
    scheduled: bool
    interval: tuple[datetime, datetime] | None
    started: datetime
    entities: frozenset[str] = frozenset()
    full_refresh: bool = False
    since: datetime | None = None
    until: datetime | None = None
    accept_deletions: bool = False
    verify: bool = False

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Read the context of a task.

        :param context: the context.
        :raises BadParamsError: the params contradict each other, or there is no such one.
        """
        run_type = str(getattr(context["dag_run"].run_type, "value", context["dag_run"].run_type))
        start, end = context.get("data_interval_start"), context.get("data_interval_end")
        params = context["params"]
        # Whatever somebody sends by the API is among them.
        if unknown := sorted(set(params) - set(PARAMS)):
            raise BadParamsError(f"There is no param {', '.join(unknown)}; there are {', '.join(PARAMS)}.")
        run = cls(
            backfill=run_type == "backfill",
            scheduled=run_type == "scheduled",
            interval=(_whole(start), _whole(end)) if start and end else None,
            started=_whole(datetime.now(UTC)),
            entities=frozenset(params.get("entities") or ()),
            full_refresh=bool(params.get("full_refresh")),
            since=_param(params, "since"),
            until=_param(params, "until"),
            accept_deletions=bool(params.get("accept_deletions")),
            verify=bool(params.get(VERIFY_PARAM)),
        )
        if run.full_refresh and (run.since or run.until):
            raise BadParamsError("The params full_refresh and since/until exclude each other: choose one.")
        if run.verify and (run.full_refresh or run.since or run.until):
            raise BadParamsError("The param verify changes nothing: choose either it or full_refresh, since and until.")
        if run.since and run.until and run.since >= run.until:
            raise BadParamsError(f"The param since ({run.since}) has to be before until ({run.until}).")
        if run.since and run.since >= run.started:
            raise BadParamsError(f"The param since ({run.since}) has to be in the past.")
        return run


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read.

    :param window: span of change time.
    :param watermark: the watermark once the rows are committed; None: it stays.
    :param complete: whether all records are read, so that those that do not come are gone.
    """

    window: Window
    watermark: datetime | None = None
    complete: bool = False


def reason_to_skip(entity: Entity, run: Run) -> str:
    """Say why a run does not read an entity; empty when it does.

    :param entity: the entity.
    :param run: the run.
    """
    if run.entities and entity.name not in run.entities:
        return NOT_ASKED_FOR
    if run.backfill and entity.read_whole:
        return "Wrike has no filter by time of change for it, so there is nothing to backfill"
    if run.backfill and run.interval is None:
        return "the backfill run has no data interval"
    return ""


def reconciliation_due(run: Run, reconciled: datetime | None, reconcile: Reconcile) -> bool:
    """Whether it is time to read all records again.

    :param run: the run.
    :param reconciled: when that was done last; None: never, as far as is known.
    :param reconcile: how often it is to be done.
    """
    every = PERIODS[reconcile]
    return every is not None and (reconciled is None or run.started - reconciled >= every)


def plan(entity: Entity, run: Run, watermark: datetime | None, *, reconcile: bool = False) -> Plan:
    """Decide what a run reads of an entity.

    :param entity: the entity.
    :param run: the run.
    :param watermark: end of the last window whose rows are in staging; None: nothing is there.
    :param reconcile: whether it is time to read all records again.
    """
    if entity.read_whole:
        return Plan(Window(), watermark=run.started, complete=True)
    if run.backfill and run.interval:
        return Plan(Window(*run.interval))
    if run.since or run.until:
        return Plan(Window(run.since, run.until or run.started))
    complete = not entity.immutable
    if watermark is None or run.full_refresh or (complete and reconcile):
        return Plan(Window(), watermark=max(watermark or run.started, run.started), complete=complete)
    if run.scheduled and run.interval:
        until = run.interval[1]
        return Plan(Window(watermark - OVERLAP, until), watermark=max(watermark, until))
    # Without an end: what changes in this very second is read too.
    return Plan(Window(watermark - OVERLAP), watermark=max(watermark, run.started))


def _whole(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)


def _param(params: Mapping[str, Any], name: str) -> datetime | None:
    value = params.get(name)
    if not value:
        return None
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise BadParamsError(
            f"The param {name} is not an instant: {value!r}. Write it like 2026-01-31T00:00:00Z."
        ) from None
    if not 1970 < instant.year < 2100:
        # Wrike takes instants from 1970 to 2100 (Wrike API v4, "Data types").
        raise BadParamsError(f"The param {name} is too far away: {value!r}. Wrike knows the years 1971 to 2099.")
    return _whole(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
