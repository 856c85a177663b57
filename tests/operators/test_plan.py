"""Which window a run reads, and where the watermark goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from wrike_provider.entities import CATALOGUE, entity
from wrike_provider.entities.requests import Window
from wrike_provider.operators.errors import BadParamsError
from wrike_provider.operators.params import run_params
from wrike_provider.operators.plan import OVERLAP, PARAMS, Plan, Run, plan, reason_to_skip, reconciliation_due
from wrike_provider.teams import Reconcile

NOW = datetime(2026, 5, 2, 12, 0, 7, tzinfo=UTC)
HOUR = (datetime(2026, 5, 2, 11, tzinfo=UTC), datetime(2026, 5, 2, 12, tzinfo=UTC))
MARK = datetime(2026, 5, 2, 10, 30, tzinfo=UTC)


def run(**changes: Any) -> Run:
    given: dict[str, Any] = {"backfill": False, "scheduled": False, "interval": None, "started": NOW, **changes}
    return Run(**given)


SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("of_run", "watermark", "expected"),
    [
        pytest.param(run(), None, Plan(Window(), NOW, complete=True), id="first run reads all"),
        pytest.param(run(), MARK, Plan(Window(MARK - OVERLAP), NOW), id="manual run reads to the very end"),
        pytest.param(
            run(scheduled=True, interval=HOUR), MARK, Plan(Window(MARK - OVERLAP, HOUR[1]), HOUR[1]), id="scheduled run"
        ),
        pytest.param(
            run(scheduled=True, interval=(HOUR[0], MARK - timedelta(minutes=5))),
            MARK,
            Plan(Window(MARK - OVERLAP, MARK - timedelta(minutes=5)), MARK),
            id="late scheduled run never moves the watermark back",
        ),
        pytest.param(
            run(scheduled=True, interval=HOUR), None, Plan(Window(), NOW, complete=True), id="first scheduled run"
        ),
        pytest.param(run(full_refresh=True), MARK, Plan(Window(), NOW, complete=True), id="full refresh"),
        pytest.param(run(backfill=True, interval=HOUR), MARK, Plan(Window(*HOUR)), id="backfill is its interval"),
        pytest.param(run(backfill=True, interval=HOUR), None, Plan(Window(*HOUR)), id="backfill without watermark"),
        pytest.param(run(since=SINCE, until=UNTIL), MARK, Plan(Window(SINCE, UNTIL)), id="params since and until"),
        pytest.param(run(since=SINCE), MARK, Plan(Window(SINCE, NOW)), id="param since"),
        pytest.param(run(until=UNTIL), MARK, Plan(Window(None, UNTIL)), id="param until"),
    ],
)
def test_entities_with_a_change_filter(of_run: Run, watermark: datetime | None, expected: Plan) -> None:
    assert plan(entity("tasks"), of_run, watermark) == expected


@pytest.mark.parametrize(
    ("of_run", "name", "expected"),
    [
        pytest.param(run(), "tasks", Plan(Window(), NOW, complete=True), id="all are read again"),
        pytest.param(
            run(scheduled=True, interval=HOUR), "comments", Plan(Window(), NOW, complete=True), id="by the schedule too"
        ),
        pytest.param(run(backfill=True, interval=HOUR), "tasks", Plan(Window(*HOUR)), id="not by a backfill"),
        pytest.param(run(since=SINCE), "tasks", Plan(Window(SINCE, NOW)), id="not with params"),
        pytest.param(run(), "audit_log", Plan(Window(MARK - OVERLAP), NOW), id="not what is only let go of"),
    ],
)
def test_reconciliation(of_run: Run, name: str, expected: Plan) -> None:
    assert plan(entity(name), of_run, MARK, reconcile=True) == expected


@pytest.mark.parametrize(
    ("reconcile", "ago", "due"),
    [
        (Reconcile.DAILY, timedelta(hours=23), False),
        (Reconcile.DAILY, timedelta(hours=24), True),
        (Reconcile.WEEKLY, timedelta(days=6, hours=23), False),
        (Reconcile.WEEKLY, timedelta(days=7), True),
        (Reconcile.MONTHLY, timedelta(days=29), False),
        (Reconcile.MONTHLY, timedelta(days=30), True),
        (Reconcile.NEVER, timedelta(days=9999), False),
    ],
)
def test_when_a_reconciliation_is_due(reconcile: Reconcile, ago: timedelta, due: bool) -> None:
    assert reconciliation_due(run(), NOW - ago, reconcile) is due
    assert reconciliation_due(run(), None, reconcile) is (reconcile is not Reconcile.NEVER)


def test_entities_read_whole_have_no_window() -> None:
    assert plan(entity("contacts"), run(scheduled=True, interval=HOUR), MARK) == Plan(Window(), NOW, complete=True)


@pytest.mark.parametrize(
    ("of_run", "name", "skipped"),
    [
        (run(), "contacts", False),
        (run(entities=frozenset({"tasks"})), "contacts", True),
        (run(entities=frozenset({"tasks"})), "tasks", False),
        (run(backfill=True, interval=HOUR), "contacts", True),
        (run(backfill=True, interval=HOUR), "tasks", False),
        (run(backfill=True), "tasks", True),
    ],
)
def test_reason_to_skip(of_run: Run, name: str, skipped: bool) -> None:
    assert bool(reason_to_skip(entity(name), of_run)) is skipped


def context(run_type: str = "manual", **params: Any) -> dict[str, Any]:
    return {
        "dag_run": SimpleNamespace(run_type=run_type),
        "data_interval_start": HOUR[0],
        "data_interval_end": HOUR[1],
        "params": params,
    }


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"full_refresh": True, "since": "2026-01-01T00:00:00Z"}, "exclude each other"),
        ({"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "has to be before"),
        ({"entitys": ["tasks"]}, "There is no param entitys; there are entities, full_refresh"),
        ({"since": "yesterday"}, "is not an instant: 'yesterday'"),
        ({"since": "2099-01-01T00:00:00Z"}, "has to be in the past"),
        ({"since": "2099-01-01T00:00:00Z", "until": "2099-01-02T00:00:00Z"}, "has to be in the past"),
        ({"since": "0001-01-01T00:00:00Z"}, "param since is too far away"),
        ({"until": "2999-01-01T00:00:00Z"}, "param until is too far away"),
    ],
)
def test_params_that_contradict_each_other(params: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadParamsError, match=complaint):
        Run.from_context(context(**params))


def test_context_is_read() -> None:
    read = Run.from_context(context("backfill", entities=["tasks"], since="2026-01-01T01:00:00.5+01:00"))
    assert (read.backfill, read.scheduled, read.interval) == (True, False, HOUR)
    assert (read.entities, read.since) == (frozenset({"tasks"}), SINCE)
    assert read.started.microsecond == 0
    assert read.started.tzinfo is UTC


def test_every_kind_of_entity_is_covered_here() -> None:
    assert {entity.read_whole for entity in CATALOGUE} == {True, False}


def test_the_params_of_a_run_are_those_of_the_form() -> None:
    assert set(run_params([])) == set(PARAMS)
