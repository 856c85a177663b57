"""What the executor of this Airflow can do for a team."""

from __future__ import annotations

from functools import cache


@cache
def runs_callbacks() -> bool:
    """Whether the executor runs callbacks, which a missed deadline needs.

    With one that does not, Airflow 3.3's scheduler ends when a deadline is missed, and ends again when it is started.
    """
    # Imports what Airflow's server consists of.
    from airflow.exceptions import AirflowConfigException
    from airflow.executors.executor_loader import ExecutorLoader

    try:
        # Found without the database, which is closed where DAG files are read.
        ExecutorLoader.get_executor_names(validate_teams=False)
        return ExecutorLoader.import_default_executor_cls()[0].supports_callbacks
    except (ImportError, AirflowConfigException):
        return False
