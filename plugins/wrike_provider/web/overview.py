"""What the page tells of each team: gathered in a query per kind of row and 500 teams, and one per endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow.models.connection import Connection
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.pool import Pool
from airflow.models.variable import Variable
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from airflow.utils.types import DagRunType
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wrike_provider.teams import SUMMARY_TASK, VERIFY_PARAM, Team
from wrike_provider.teams.switch import switched_on
from wrike_provider.web import connection_rows
from wrike_provider.web.states import ConnectionState, connection_state, in_a_backend, tried
from wrike_provider.web.variables_file import problems, teams_file

_IN_ONE_QUERY = 500


@dataclass(frozen=True, slots=True)
class Switch:
    """The switch of an endpoint.

    :param key: key of its Variable.
    :param on: whether it is on.
    :param fixed: where the value comes from when it cannot be set here, otherwise empty.
    """

    key: str
    on: bool
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class LastRun:
    """A last run of a team's DAG that is no backfill.

    :param run_id: its id.
    :param state: its state.
    :param at: when it began, or was to begin.
    :param sync: what its summary says, None when there is none (yet).
    """

    run_id: str
    state: str
    at: datetime | None
    sync: Mapping[str, Any] | None

    @property
    def blocked(self) -> dict[str, str]:
        """The entities that the plan, the scopes or the rights do not include, and Wrike's reasons."""
        found = (self.sync or {}).get("blocked")
        return found if isinstance(found, dict) else {}

    @property
    def synced(self) -> bool:
        """Whether it has written into staging."""
        found = (self.sync or {}).get("entities")
        return isinstance(found, dict) and "synced" in found.values()

    @property
    def refused_grant(self) -> str:
        """The grant that was not accepted; empty when the run has not failed because of credentials."""
        return str((self.sync or {}).get("refused_grant") or "")


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A line of the page.

    :param team: the team.
    :param connection: its Connection.
    :param switch: the switch of its endpoint.
    :param dag_known: whether Airflow has read its DAG.
    :param paused: whether its DAG is paused.
    :param next_run: when it is to run next.
    :param waits: whether its tasks wait for a pool that there is not.
    :param lacks_staging: whether there is no Connection to its staging database, as far as can be seen from here.
    :param last: its last run that was to sync.
    :param compared: its last run that has only compared, when that came later.
    """

    team: Team
    connection: ConnectionState
    switch: Switch
    dag_known: bool
    paused: bool
    next_run: datetime | None
    waits: bool
    lacks_staging: bool
    last: LastRun | None
    compared: LastRun | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page.

    :param rows: the teams.
    :param problems: of the variables file.
    :param spare: Connections of type Wrike that belong to no team, with their states.
    :param logins: origins of Wrike's login that their Connections name.
    """

    rows: Sequence[TeamRow]
    problems: Sequence[str]
    spare: Mapping[str, ConnectionState]
    logins: frozenset[str]


_HIDDEN = ConnectionState("not shown", "open", "Your Airflow user may not see this Connection.")


def overview(readable_dags: set[str], readable_connections: Callable[[Iterable[str]], set[str]]) -> Overview:
    """Gather it.

    :param readable_dags: the DAGs whose runs may be told.
    :param readable_connections: says which of some Connections may be told of.
    """
    file = teams_file()
    teams = file.teams
    ids = [team.dag_id for team in teams]
    with create_session(scoped=False) as session:
        wanted = _wanted(teams)
        ours = set(session.scalars(select(Connection.conn_id).where(Connection.conn_type == connection_rows.CONN_TYPE)))
        readable = readable_connections(ours.union(wanted))
        rows = _connections(session, [name for name in (*wanted, *sorted(ours.difference(wanted))) if name in readable])
        states = {name: connection_state(name, rows.get(name)) if name in readable else _HIDDEN for name in wanted}
        spare = {name: connection_state(name, row) for name, row in rows.items() if name not in states}
        dags = {
            row.dag_id: row
            for row in _chunks(session, DagModel, DagModel.dag_id, ids)
            if not row.is_stale and row.dag_id in readable_dags
        }
        runs, comparisons = _last_runs(session, [dag_id for dag_id in ids if dag_id in readable_dags])
        switches = _switches(session, teams)
        wrong = problems(session, file)
        pools = set(session.scalars(select(Pool.pool)))
        stagings = _missing(session, {team.staging.connection_id for team in teams})
    return Overview(
        [
            TeamRow(
                team,
                _tried(states[team.connection_id], comparisons.get(team.dag_id) or runs.get(team.dag_id)),
                switches[team.endpoint],
                dag_known=team.dag_id in dags,
                paused=team.dag_id in dags and bool(dags[team.dag_id].is_paused),
                next_run=dags[team.dag_id].next_dagrun_create_after if team.dag_id in dags else None,
                waits=team.pool not in pools,
                # Workers may have it in their environment alone: a run that has written tells so.
                lacks_staging=team.staging.connection_id in stagings
                and not (team.dag_id in runs and runs[team.dag_id].synced),
                last=runs.get(team.dag_id),
                compared=comparisons.get(team.dag_id),
            )
            for team in teams
        ],
        wrong,
        dict(sorted(spare.items())),
        frozenset(state.login for state in (*states.values(), *spare.values()) if state.login),
    )


def _wanted(teams: Iterable[Team]) -> list[str]:
    return sorted({team.connection_id for team in teams})


def _connections(session: Session, names: Sequence[str]) -> dict[str, Connection | Exception]:
    """Connections by their ids; in the place of one that cannot be decrypted, the error."""
    try:
        return {row.conn_id: row for row in _chunks(session, Connection, Connection.conn_id, names)}
    except connection_rows.UNREADABLE:
        # Airflow decrypts while it loads, so one that was saved with another Fernet key stops all.
        found = {name: _connection(session, name) for name in names}
        return {name: row for name, row in found.items() if row is not None}


def _connection(session: Session, name: str) -> Connection | Exception | None:
    try:
        row: Connection | None = session.scalar(select(Connection).where(Connection.conn_id == name))
    except connection_rows.UNREADABLE as error:
        return error
    return row


def _tried(state: ConnectionState, last: LastRun | None) -> ConnectionState:
    return state if last is None else tried(state, last.refused_grant)


def _missing(session: Session, names: Iterable[str]) -> set[str]:
    wanted = sorted(names)
    there = set(_chunks(session, Connection.conn_id, Connection.conn_id, wanted))
    return {name for name in wanted if name not in there and not in_a_backend(name)}


def _chunks(session: Session, wanted: Any, column: Any, values: Sequence[Any]) -> Iterable[Any]:
    """What is wanted of rows whose column has one of many values; databases do not take any number of them at once."""
    for start in range(0, len(values), _IN_ONE_QUERY):
        yield from session.scalars(select(wanted).where(column.in_(values[start : start + _IN_ONE_QUERY])))


def _switches(session: Session, teams: Sequence[Team]) -> dict[str, Switch]:
    keys = {team.endpoint: team.switch for team in teams}
    stored = {row.key: row for row in _chunks(session, Variable, Variable.key, sorted(keys.values()))}
    found = {}
    for endpoint, key in keys.items():
        row = stored.get(key)
        try:
            value = Variable.get_variable_from_secrets(key, team_name=row.team_name if row is not None else None)
        except Exception as error:
            found[endpoint] = Switch(key, on=False, fixed=f"cannot be read: {type(error).__name__}")
            continue
        fixed = "" if value is None or (row is not None and row.val == value) else "set by a secrets backend"
        found[endpoint] = Switch(key, switched_on(key, value)[0], fixed)
    return found


def _last_runs(session: Session, dag_ids: Sequence[str]) -> tuple[dict[str, LastRun], dict[str, LastRun]]:
    """The last runs that were to sync, by their DAGs; and those that came later and have only compared."""
    found: dict[str, LastRun] = {}
    comparisons: dict[str, LastRun] = {}
    # Databases write true in two ways.
    compares = func.coalesce(DagRun.conf[VERIFY_PARAM].as_string(), "").in_(("true", "1"))
    for start in range(0, len(dag_ids), _IN_ONE_QUERY):
        latest = (
            select(func.max(DagRun.id))
            .where(
                DagRun.dag_id.in_(dag_ids[start : start + _IN_ONE_QUERY]), DagRun.run_type != DagRunType.BACKFILL_JOB
            )
            .group_by(DagRun.dag_id, compares)
        )
        columns = (DagRun.id, DagRun.dag_id, DagRun.run_id, DagRun.state, DagRun.start_date, DagRun.run_after)
        wanted = select(*columns, compares.label("compares")).where(DagRun.id.in_(latest)).order_by(DagRun.id)
        runs = session.execute(wanted).all()
        syncs = {
            run_id: XComModel.deserialize_value(value)
            for run_id, value in session.execute(
                select(XComModel.dag_run_id, XComModel).where(
                    XComModel.dag_run_id.in_([run.id for run in runs]),
                    XComModel.task_id == SUMMARY_TASK,
                    XComModel.key == "return_value",
                )
            )
        }
        for run in runs:
            sync = syncs.get(run.id)
            last = LastRun(
                run.run_id, str(run.state), run.start_date or run.run_after, sync if isinstance(sync, dict) else None
            )
            if run.compares:
                comparisons[run.dag_id] = last
            else:
                found[run.dag_id] = last
                comparisons.pop(run.dag_id, None)
    return found, comparisons
