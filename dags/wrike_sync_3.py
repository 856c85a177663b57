"""Makes one Airflow DAG per team of the variables file, for those teams that fall to this file."""

from pathlib import Path

from wrike_provider.operators.dag_file import dags_of

globals().update(dags_of(Path(__file__)))
