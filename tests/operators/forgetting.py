"""Does what Airflow does with the assets of DAGs that are gone for a moment, and tells whose state it keeps.

Run with the environment of an Airflow whose database has the DAGs.
"""

import json
import sys

from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.asset import AssetModel, remove_references_to_deleted_dags
from airflow.models.asset_state_store import AssetStateStoreModel
from airflow.models.dag import DagModel
from airflow.utils.session import create_session
from sqlalchemy import select, update

scheduler = SchedulerJobRunner(Job())
# Assets become active with that.
scheduler._update_asset_orphanage()
with create_session() as session:
    names = {asset.id: asset.name for asset in session.scalars(select(AssetModel))}
    session.add_all(AssetStateStoreModel(asset_id=id_, key="watermark", value="{}") for id_ in names)
with create_session() as session:
    session.execute(update(DagModel).values(is_stale=True))
with create_session() as session:
    # When a DAG file is not there any more, of all DAGs that are stale.
    remove_references_to_deleted_dags(session)
scheduler._update_asset_orphanage()
with create_session() as session:
    kept = {names[id_] for id_ in session.scalars(select(AssetStateStoreModel.asset_id))}
json.dump({"all": sorted(names.values()), "forgotten": sorted(set(names.values()) - kept)}, sys.stdout)
