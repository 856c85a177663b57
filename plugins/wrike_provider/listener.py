"""Tells when a component of Airflow starts that is to import beforehand what tasks need."""

from __future__ import annotations

import sys
from typing import Any

from airflow.configuration import conf
from airflow.listeners import hookimpl

from wrike_provider.preload import load


@hookimpl
def on_starting(component: Any) -> None:  # noqa: ARG001
    """Import it when a scheduler with LocalExecutor starts.

    :param component: the job that starts; it does not know its own type yet, the command line does.
    """
    if "scheduler" in sys.argv[1:] and "LocalExecutor" in conf.get("core", "executor"):
        load()
