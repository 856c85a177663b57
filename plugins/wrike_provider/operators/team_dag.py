"""One DAG per team."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, TaskGroup

from wrike_provider.entities import Entity
from wrike_provider.entities.model import Area
from wrike_provider.operators.alerts import FailureAlert, deadline
from wrike_provider.operators.connect import ConnectOperator
from wrike_provider.operators.export import DATA_EXPORT, DataExportOperator
from wrike_provider.operators.extract import ExtractOperator
from wrike_provider.operators.gate import FeatureEnabledOperator
from wrike_provider.operators.params import run_params
from wrike_provider.operators.retries import RETRIES, RETRY_DELAY, RETRY_POLICY
from wrike_provider.operators.summary import SummaryOperator
from wrike_provider.teams import SUMMARY_TASK, Team


def asset(team: Team, entity: str) -> Asset:
    """The asset of a team's entity; other DAGs can be scheduled on it.

    :param team: the team.
    :param entity: name of the entity.
    """
    return Asset(f"wrike://{team.name}/{entity}")


def team_dags(teams: Iterable[Team], views: Path | None = None) -> list[DAG]:
    """Build the DAGs of teams.

    :param teams: the teams.
    :param views: folder of the files of views on top of staging.
    """
    # All of it stays: looking through it for garbage again and again would be an eighth of the time of 1,000 teams.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return [team_dag(team, views) for team in teams]
    finally:
        if collecting:
            gc.enable()


def team_dag(team: Team, views: Path | None = None) -> DAG:
    """Build the DAG of a team.

    :param team: the team.
    :param views: folder of the files of views on top of staging.
    """
    names = [entity.name for entity in team.taken]
    account = asset(team, "account")
    with DAG(
        team.dag_id,
        dag_display_name=f"Wrike: {team.account_name}",
        description=team.description or f"Sync the Wrike account {team.account_name} into staging.",
        doc_md=_dag_doc(team),
        schedule=CronDataIntervalTimetable(team.cron, timezone=team.timezone) if team.cron else None,
        start_date=datetime.combine(team.start_date, time(), team.zone),
        catchup=False,
        # One that reads, and the next: when a team is slower than its schedule, runs would only wait for each other.
        max_active_runs=2,
        deadline=deadline(team),
        tags=["wrike", *team.tags],
        default_args={
            "owner": team.owner,
            "pool": team.pool,
            "retries": RETRIES,
            "retry_delay": RETRY_DELAY,
            "retry_exponential_backoff": True,
            "retry_policy": RETRY_POLICY,
        },
        render_template_as_native_obj=False,
    ) as dag:
        gate = FeatureEnabledOperator(task_id="feature_enabled", switch=team.switch, doc_md=_GATE_DOC.format(team=team))
        connect = ConnectOperator(
            task_id="connect",
            wrike_conn_id=team.connection_id,
            account=account,
            entities=names,
            doc_md=_CONNECT_DOC.format(team=team),
        )
        lists = _entity_tasks(team)
        details = _detail_task(team, lists)
        tasks: list[ExtractOperator | DataExportOperator] = [*lists, *details, *_export_task(team)]
        summary = SummaryOperator(
            task_id=SUMMARY_TASK,
            tasks={task.task_id: list(task.assets) for task in tasks},
            account=account,
            assets=[asset for task in tasks for asset in task.assets.values()],
            staging_conn_id=team.staging.connection_id,
            schema=team.staging_schema,
            views=str(views) if views else None,
            connect_task_id=connect.task_id,
            trigger_rule="all_done",
            # Custom fields get their columns one summary after the other.
            max_active_tis_per_dag=1,
            on_failure_callback=FailureAlert(team) if team.notify else None,
            doc_md=_SUMMARY_DOC,
        )
        gate >> connect >> tasks >> summary
    # Last: tasks inherit params that are there when they are made, and Airflow would copy, check and store them with
    # each task, which is nine tenths of what a DAG costs. A run merges the DAG's params in any case.
    dag.params.update(run_params([*names, DATA_EXPORT] if team.data_export else names))
    return dag


def _entity_tasks(team: Team) -> list[ExtractOperator]:
    """Make the entity tasks: entities with a change filter have one each, the others share one per area."""
    tasks: list[ExtractOperator] = []
    with TaskGroup("whole", tooltip="Read whole, written where they differ", prefix_group_id=True):
        whole = [entity for entity in team.taken if entity.read_whole and not _of_work(entity)]
        by_area = {area: [entity for entity in whole if entity.area is area] for area in Area}
        tasks.extend(_entity_task(team, area.value, entities) for area, entities in by_area.items() if entities)
    with TaskGroup("changes", tooltip="Read from the watermark on", prefix_group_id=True):
        # The longest list first: what is left for the end then takes little time.
        tasks.extend(
            _entity_task(team, entity.name, [entity], priority_weight=2 if entity.sorts else 1)
            for entity in team.taken
            if not entity.read_whole
        )
    return tasks


def _detail_task(team: Team, sources: list[ExtractOperator]) -> list[ExtractOperator]:
    """Make the task for details of what others read; it waits for these, and goes on with what they have done."""
    entities = [entity for entity in team.taken if _of_work(entity)]
    if not entities:
        return []
    needed = {entity.details.of for entity in entities if entity.details}
    # Another rule would skip it as soon as one of the others has nothing to do.
    task = _entity_task(team, "details", entities, trigger_rule="all_done")
    [source for source in sources if needed & source.assets.keys()] >> task
    return [task]


def _export_task(team: Team) -> list[DataExportOperator]:
    if not team.data_export:
        return []
    return [
        DataExportOperator(
            task_id=DATA_EXPORT,
            team=team.name,
            assets={DATA_EXPORT: asset(team, DATA_EXPORT)},
            wrike_conn_id=team.connection_id,
            staging_conn_id=team.staging.connection_id,
            schema=team.export_schema,
            max_active_tis_per_dag=1,
            doc_md=_EXPORT_DOC.format(team=team),
        )
    ]


def _of_work(entity: Entity) -> bool:
    """Whether it is read after the entities with tasks of their own."""
    return entity.details is not None and entity.area is Area.WORK


def _entity_task(team: Team, task_id: str, entities: list[Entity], **kwargs: Any) -> ExtractOperator:
    return ExtractOperator(
        task_id=task_id,
        team=team.name,
        assets={entity.name: asset(team, entity.name) for entity in entities},
        wrike_conn_id=team.connection_id,
        staging_conn_id=team.staging.connection_id,
        schema=team.staging_schema,
        may_vanish=team.deletion_limit,
        reconcile=team.reconcile,
        detail_requests=team.detail_requests,
        connect_task_id="connect",
        max_active_tis_per_dag=1,
        **kwargs,
        doc_md="\n".join(
            (
                f"Reads from Wrike and writes into the schema `{team.staging_schema}`:",
                "",
                *(f"* `{entity.name}`: {entity.description}" for entity in entities),
                "",
                "What fails is named in the log; the next run reads what is missing. "
                "Only one task of a team works on an entity at a time.",
            )
        ),
    )


def _dag_doc(team: Team) -> str:
    return f"""### Wrike account {team.account_name}

{team.description}

| | |
|---|---|
| Endpoint | `{team.endpoint}`, switched by the Variable `{team.switch}` |
| Schedule | {f"`{team.cron}`, {team.timezone}" if team.cron else "by hand"} |
| Connection | `{team.connection_id}` |
| Rows | schema `{team.staging_schema}` of the database that the Connection `{team.staging.connection_id}` names |
{f"| Data export | schema `{team.export_schema}` there |" if team.data_export else ""}

`feature_enabled` skips the run when the switch is off; `connect` checks the token; the entity tasks fill the
tables; `summary` logs what was read and fails when an entity failed. A scheduled run reads what changed since the
last one. To read everything anew, trigger with *Full refresh*.
"""


_GATE_DOC = """Goes on only when the Variable `{team.switch}` is true. Missing, empty or unreadable means off:
everything after it is skipped, and nothing is read from Wrike."""

_CONNECT_DOC = """Checks that the token of the Connection `{team.connection_id}` works, and logs which account and user
it belongs to and whether the user is an administrator (others see only what is shared with them). Then a table: which
scope, plan or right each entity needs, whether the Connection's field *Scopes* names it (*not known* while that is
empty), and what the last run found."""

_EXPORT_DOC = """Puts the tables of Wrike's last completed data export into the schema `{team.export_schema}`. Wrike
makes one a day; one that is there already is not read again. Skipped while Wrike is still making the first one, and
where plan, right or scope do not include it. A table that fails keeps its rows, and the next run reads it."""

_SUMMARY_DOC = """Logs one table of all entities: records read, new, changed and gone, requests, seconds, window.
Notes the same in the table `sync_runs`. Fails when an entity failed, and names it."""
