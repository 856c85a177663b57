"""Imports what tasks need before they are forked: in the scheduler with LocalExecutor, and in Celery workers.

pandas, pyarrow and dlt cost each entity task three CPU seconds otherwise.
"""

from __future__ import annotations

import gc
import importlib

MODULES = (
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "wrike_provider.operators.team_dag",
    "wrike_provider.operators.extraction",
    "wrike_provider.staging.structure",
    "wrike_provider.hooks.wrike",
    "dlt.destinations.impl.duckdb.duck",
)


def load() -> None:
    """Import them, and change nothing else: tasks of other DAGs are forked from here too."""
    collecting = gc.isenabled()
    # Modules stay: to look for garbage among them takes a fifth of the time.
    gc.disable()
    try:
        for module in MODULES:
            importlib.import_module(module)
    finally:
        # Not young any more: the first look at what is new would be one at all of them.
        gc.freeze()
        gc.unfreeze()
        if collecting:
            gc.enable()
