"""What Airflow and its OpenLineage provider make of our assets."""

from __future__ import annotations

import pytest
from airflow.providers.openlineage.extractors.base import OperatorLineage
from airflow.providers.openlineage.extractors.manager import ExtractorManager
from airflow.sdk import Asset

from wrike_provider.entities import CATALOGUE
from wrike_provider.operators.team_dag import team_dag
from wrike_provider.teams import Team


def test_an_entity_is_a_dataset() -> None:
    task = team_dag(Team(name="acme")).get_task("changes.tasks")
    lineage = OperatorLineage()
    ExtractorManager().extract_inlets_and_outlets(lineage, task)
    assert [(dataset.namespace, dataset.name) for dataset in lineage.outputs] == [("wrike://acme", "tasks")]


def test_the_summary_reads_what_the_others_have_filled() -> None:
    task = team_dag(Team(name="acme")).get_task("summary")
    lineage = OperatorLineage()
    ExtractorManager().extract_inlets_and_outlets(lineage, task)
    assert sorted((dataset.namespace, dataset.name) for dataset in lineage.inputs) == sorted(
        ("wrike://acme", declared.name) for declared in CATALOGUE
    )


@pytest.mark.parametrize("uri", ["wrike://acme", "wrike://acme/", "wrike:///tasks", "wrike://acme/tasks/x"])
def test_an_asset_names_a_team_and_an_entity(uri: str) -> None:
    with pytest.raises(ValueError, match="wrike://<team>/<entity>"):
        Asset(uri)
