"""What is imported before tasks start, and where."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

_ASK = """
import sys
sys.argv = ["airflow", *sys.argv[1:]]
from wrike_provider import listener
listener.on_starting(component=None)
"""
_SKIP = """
import logging
from types import SimpleNamespace
from wrike_provider.entities import entity
from wrike_provider.operators.sync import Sync
operator = SimpleNamespace(team="team", log=logging.getLogger(), assets={"folders": "folders"})
context = {
    "dag_run": SimpleNamespace(run_type="manual"), "data_interval_start": None, "data_interval_end": None,
    "params": {"entities": ["tasks"]}, "ti": SimpleNamespace(try_number=1),
    "outlet_events": {"folders": SimpleNamespace()},
}
result, _ = Sync(operator, context).entity(entity("folders"))
assert result.outcome == "skipped", result
"""
_SHOW = """
import gc, sys
assert gc.isenabled()
print("seen:", *sorted({"pandas", "dlt", "duckdb", "pyarrow"} & set(sys.modules)))
"""


def test_reading_the_dag_files_imports_nothing_heavy() -> None:
    """Airflow reads them again and again, and so does each task that starts."""
    code = f"import runpy\nfor file in sys.argv[1:]: runpy.run_path(file)\n{_SHOW}"
    files = [str(ROOT / "dags" / name) for name in ("wrike_sync_1.py", "wrike_teams_check.py")]
    command = [sys.executable, "-c", f"import sys\n{code}", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "seen:"


def test_nor_does_an_entity_that_a_run_skips() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SKIP + _SHOW], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.splitlines()[-1] == "seen:"


@pytest.mark.parametrize(
    ("command", "executor", "found"),
    [
        ("scheduler", "LocalExecutor", "dlt duckdb pandas pyarrow"),
        ("scheduler", "CeleryExecutor,LocalExecutor", "dlt duckdb pandas pyarrow"),
        ("scheduler", "CeleryExecutor", ""),
        ("api-server", "LocalExecutor", ""),
        ("dag-processor", "LocalExecutor", ""),
    ],
)
def test_only_a_scheduler_that_forks_tasks_imports_what_they_need(command: str, executor: str, found: str) -> None:
    environment = {**os.environ, "AIRFLOW__CORE__EXECUTOR": executor}
    done = subprocess.run(
        [sys.executable, "-c", _ASK + _SHOW, command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.rpartition("seen:")[2].strip() == found


def test_celery_workers_import_the_same() -> None:
    ask = "import wrike_provider.preloaded\n" + _SHOW
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.rpartition("seen:")[2].strip() == "dlt duckdb pandas pyarrow"


def test_airflow_knows_the_listener() -> None:
    from wrike_provider import listener
    from wrike_provider.plugin import WrikePlugin

    assert WrikePlugin().listeners == [listener]


_UNTOUCHED = """
import os
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
print("touched:", sorted(set(os.environ.items()) ^ before), PluggableRunContext in Container())
"""
_OF_A_TASK = """
import sys
from pathlib import Path
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.runtime.run_context import active
if sys.argv[1] == "late":
    active()
from wrike_provider.staging.database import Database
from wrike_provider.staging.destination import StagingConnection, destination
made = Database(destination(StagingConnection("duckdb", sys.argv[2]), Path()), "wrike_team", "team")
with made.pipeline() as pipeline:
    print("restores:", pipeline.config.restore_from_destination)
context = Container()[PluggableRunContext]
print("runtime:", context.context.runtime_config.dlthub_telemetry, context.context.runtime_config.log_level)
print("providers:", [provider.name for provider in context.providers.providers if "Airflow" in provider.name])
"""


def test_what_is_imported_for_other_dags_too_changes_nothing_for_them() -> None:
    """Others use dlt too, and numpy."""
    ask = f"import os\nbefore = set(os.environ.items())\nfrom wrike_provider.preload import load\nload()\n{_UNTOUCHED}"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "touched: [] False"


@pytest.mark.parametrize("before", ["early", "late"])
def test_a_task_tells_dlt_how_it_is_used(before: str, tmp_path: Path) -> None:
    """Also where dlt has found out how it is used, before a task is forked."""
    done = subprocess.run(
        [sys.executable, "-c", _OF_A_TASK, before, str(tmp_path / "staging.duckdb")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines()[-3:] == ["restores: False", "runtime: False ERROR", "providers: []"]
