"""Figures of what was synced, for Airflow's own metrics: StatsD, Datadog or OpenTelemetry, when one is configured."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.common.compat.sdk import conf
from airflow.sdk.observability import stats

from wrike_provider.operators.results import Result


def emit(team: str, result: Result) -> None:
    """Send what became of an entity.

    Each figure has the tags team and entity. For collectors without tags it is sent a second time with both in its
    name, as Airflow does with its own (``[metrics] legacy_names_on``).

    :param team: the team's name.
    :param result: what became of the entity.
    """
    legacy = conf.getboolean("metrics", "legacy_names_on")
    tags = {"team": team, "entity": result.entity}
    prefix = f"wrike.{team}.{result.entity}"
    counted = {
        "requests": result.requests,
        "requests_refused": result.requests_refused,
        "records_read": result.read,
        "records_written": result.inserted + result.updated + result.deleted,
    }
    for name, count in counted.items():
        if count:
            stats.incr(f"wrike.{name}", count, tags=tags)
            if legacy:
                stats.incr(f"{prefix}.{name}", count)
    took = timedelta(seconds=result.seconds)
    outcome = result.outcome.value
    stats.incr("wrike.syncs", tags={**tags, "outcome": outcome})
    stats.timing("wrike.sync_duration", took, tags=tags)
    if legacy:
        stats.incr(f"{prefix}.syncs.{outcome}")
        stats.timing(f"{prefix}.sync_duration", took)
