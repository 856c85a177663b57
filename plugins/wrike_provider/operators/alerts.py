"""Tells a team's notifiers that a run has failed, that somebody has to authorise again, or that a run is late."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import conf
from airflow.sdk import get_parsing_context
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from wrike_provider.operators.errors import NotificationFailedError
from wrike_provider.teams import Team
from wrike_provider.teams.executor import runs_callbacks
from wrike_provider.teams.notifiers import make_notifier

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told; in templates of a notifier's arguments it is ``wrike``.

    :param team: the team's name.
    :param account_name: name of the Wrike account.
    :param title: one line.
    :param text: everything, in lines of plain text.
    :param authorise_again: whether only a person can help, who authorises again or corrects the Connection.
    :param run_url: the run, or the task that failed, in Airflow.
    :param page_url: the team on the page Wrike.
    :param failed: why, by entity.
    """

    team: str
    account_name: str
    title: str
    text: str
    authorise_again: bool
    run_url: str
    page_url: str
    failed: Mapping[str, str] = field(default_factory=dict)


class FailureAlert:
    """Tells a team's notifiers that a task has failed; an ``on_failure_callback``.

    :param team: the team.
    """

    def __init__(self, team: Team) -> None:
        self._team = team

    def __call__(self, context: Context) -> None:
        """Tell them.

        :param context: context of the task that failed.
        :raises NotificationFailedError: a notifier did not work; the others were told.
        """
        team, error = self._team, context.get("exception")
        again = bool(getattr(error, "authorise_again", False))
        title = "authorise again" if again else "the sync failed"
        run_url, page_url = context["ti"].log_url, _page_url(team.name)
        advice = "Authorise again, or correct the Connection, as the error says" if again else "Team"
        alert = Alert(
            team.name,
            team.account_name,
            f"Wrike, {team.account_name} (team {team.name}): {title}",
            f"{error or 'The task ended without an error of its own.'}\nRun: {run_url}\n{advice}: {page_url}",
            again,
            run_url,
            page_url,
            dict(getattr(error, "failed", {})),
        )
        tell([notifier.as_dict() for notifier in team.notify], alert, context)


def deadline(team: Team) -> DeadlineAlert | None:
    """Make the deadline of a team's runs, None when the team has none or the executor could not tell of it.

    :param team: the team.
    """
    # A task that reads its DAG needs none, and what it takes to find out about the executor is much.
    if team.must_finish_within is None or get_parsing_context().dag_id is not None or not runs_callbacks():
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=team.must_finish_within,
        callback=SyncCallback(
            run_is_late,
            {
                "team": team.name,
                "account_name": team.account_name,
                "within": str(team.must_finish_within),
                "notify": [notifier.as_dict() for notifier in team.notify],
            },
        ),
    )


def run_is_late(
    team: str, account_name: str, within: str, notify: Sequence[Mapping[str, Any]], context: dict[str, Any]
) -> None:
    """Tell a team's notifiers that a run has missed its deadline; Airflow's executor calls it.

    :param team: the team's name.
    :param account_name: name of the Wrike account.
    :param within: how long a run may take.
    :param notify: the team's notifiers.
    :param context: the run, as Airflow describes it to callbacks of deadlines.
    :raises NotificationFailedError: a notifier did not work; the others were told.
    """
    run = context["dag_run"]
    run_url = f"{_airflow_url()}/dags/{run['dag_id']}/runs/{run['dag_run_id']}"
    page_url = _page_url(team)
    alert = Alert(
        team,
        account_name,
        f"Wrike, {account_name} (team {team}): a sync is late",
        f"The run {run['dag_run_id']} has not ended {within} after it was queued.\nRun: {run_url}\nTeam: {page_url}",
        False,
        run_url,
        page_url,
    )
    log.error("%s. %s", alert.title, alert.text)
    tell(notify, alert, context)


def tell(notifiers: Sequence[Mapping[str, Any]], alert: Alert, context: Mapping[str, Any]) -> None:
    """Tell notifiers, one after the other; that one fails keeps no other from being told.

    :param notifiers: import path (``class``) and arguments of each.
    :param alert: what is told.
    :param context: what the notifiers' templates may use beside it.
    :raises NotificationFailedError: one or more did not work.
    """
    problems = []
    for notifier in notifiers:
        path = notifier["class"]
        try:
            make_notifier(path, notifier["arguments"])({**context, "wrike": alert})
        except Exception as error:
            log.exception("The notifier %s failed.", path)
            problems.append(f"{path}: {type(error).__name__}: {error}")
    if problems:
        raise NotificationFailedError("; ".join(problems))


def _airflow_url() -> str:
    return str(conf.get("api", "base_url", fallback="") or "http://localhost:8080").rstrip("/")


def _page_url(team: str) -> str:
    return f"{_airflow_url()}/wrike/#{team}"
