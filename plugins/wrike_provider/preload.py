"""Imports what tasks need before they are forked: in the scheduler with LocalExecutor, and in Celery workers.

pandas, pyarrow and dlt cost each entity task three CPU seconds otherwise.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from airflow.configuration import conf
from airflow.listeners import hookimpl

MODULES = (
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "wrike_provider.operators.team_dag",
    "wrike_provider.operators.extraction",
    "wrike_provider.staging.structure",
    "wrike_provider.hooks.wrike",
    "dlt.destinations.impl.duckdb.duck",
)


@hookimpl
def on_starting(component: Any) -> None:  # noqa: ARG001
    """Import them when a scheduler with LocalExecutor starts.

    :param component: the job that starts; it does not know its own type yet, the command line does.
    """
    if "scheduler" in sys.argv[1:] and "LocalExecutor" in conf.get("core", "executor"):
        load()


def load() -> None:
    """Import them, and let dlt find out where it runs."""
    # A process with threads is not a good one to fork, and nothing here needs those of numpy's linear algebra.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for module in MODULES:
        importlib.import_module(module)
    from dlt.common.runtime.run_context import active

    # dlt looks for plugins and configuration once a process.
    active()
