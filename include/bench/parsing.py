"""Time to parse the DAG files, by the number of teams; dag-factory beside it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from include.bench.charts import Chart
from include.bench.environments import DAG_FACTORY, python
from include.bench.measure import run
from include.bench.part import Part, Ratio, Result, Told, table
from include.bench.world import environment
from include.local.home import ROOT

TEAMS = (10, 100, 1000)
_BAR_SECONDS = 15
_DAG_BAG = Path(__file__).parent / "peers" / "dag_bag.py"
_DAG_FILES = sorted((ROOT / "dags").glob("wrike_sync_*.py"))
_FACTORY_FILE = """from dagfactory import load_yaml_dags

load_yaml_dags(globals_dict=globals(), config_filepath={file!r})
"""
_EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"


def measure(size: float, folder: Path) -> Result:
    """Parse files of different numbers of teams, by both; and what the start of one task parses."""
    rows = []
    for number in TEAMS:
        teams = max(1, round(number * size))
        place = folder / str(number)
        place.mkdir()
        file = place / "teams.yaml"
        file.write_text(yaml.safe_dump({"teams": [_team(index) for index in range(teams)]}))
        ours = {**_settings(place), "WRIKE_TEAMS_FILE": str(file), "PYTHONPATH": str(ROOT)}
        whole = _parsed(sys.executable, _DAG_FILES, ours, place)
        last = f"wrike_{_team(teams - 1)['name']}"
        context = {**ours, "_AIRFLOW_PARSING_CONTEXT_DAG_ID": last}
        starts = [_parsed(sys.executable, [dag_file], context, place) for dag_file in _DAG_FILES]
        (start,) = (one for one in starts if one["dags"])
        factory = _parsed(str(python(DAG_FACTORY)), [_factory(file, place)], _settings(place), place)
        if (whole["dags"], whole["tasks"]) != (factory["dags"], factory["tasks"]) or start["dags"] != 1:
            raise RuntimeError(f"Not the same DAGs: {whole}, {start}, {factory}")
        rows.append({"teams": teams, "tasks": whole["tasks"], "ours": whole, "start": start, "factory": factory})
    return {"rows": rows}


def _team(index: int) -> dict[str, Any]:
    return {
        "name": f"team{index:04}",
        "account_name": f"Team {index}, Ltd",
        "description": f"The account of team {index}.",
        "endpoint": f"eu{index % 4}",
        "schedule": f"{index % 60} * * * *",
        "tags": [f"region{index % 7}"],
    }


def _settings(home: Path) -> dict[str, str]:
    # Without the time limit, which is beside the point here.
    return {**environment(), "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "0"}


def _parsed(interpreter: str, files: Sequence[Path], settings: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Parse files one after the other, each in a process of its own, as Airflow does; return the sums."""
    sums = Counter[str]()
    for file in files:
        _, output = run([interpreter, str(_DAG_BAG), str(file)], settings, folder / "dag_bag.log", cwd=folder)
        sums.update(json.loads(output.splitlines()[-1]))
    return dict(sums)


def _factory(teams: Path, folder: Path) -> Path:
    """Write the same DAGs for dag-factory, with empty operators in the place of ours; return its DAG file."""
    from wrike_provider.operators.team_dag import team_dag
    from wrike_provider.teams import read_teams

    dags = {}
    for team in read_teams(teams).teams:
        dag = team_dag(team)
        dags[dag.dag_id] = {
            "schedule": team.schedule,
            "description": dag.description,
            "doc_md": dag.doc_md,
            "tags": sorted(dag.tags),
            "catchup": False,
            "default_args": {"owner": team.owner, "start_date": str(team.start_date), "pool": team.pool, "retries": 5},
            "tasks": [
                {
                    "task_id": task.task_id,
                    "operator": _EMPTY,
                    "dependencies": sorted(task.upstream_task_ids),
                    "doc_md": task.doc_md,
                    "trigger_rule": task.trigger_rule.value,
                    "outlets": [outlet.uri for outlet in task.outlets],
                }
                for task in dag.tasks
            ],
        }
    config, file = folder / "dags.yaml", folder / "factory.py"
    config.write_text(yaml.safe_dump(dags))
    file.write_text(_FACTORY_FILE.format(file=str(config)))
    return file


def tell(result: Result) -> Told:
    """Tell a result."""
    rows = result["rows"]
    most = rows[-1]
    ours, theirs, start = (most[name]["seconds"] for name in ("ours", "factory", "start"))
    ratios = [
        Ratio(f"Seconds to parse {most['teams']:,} teams", ours, _BAR_SECONDS, unit=" s"),
        Ratio(f"dag-factory's time for {most['teams']:,} teams against ours", theirs / ours, None, unit=" x"),
        Ratio(f"Start of a task: time to parse its DAG out of {most['teams']:,} teams", start, None, unit=" s"),
    ]
    cells = [
        [
            f"{row['teams']:,} teams",
            f"{row['tasks']:,}",
            *(f"{row[name]['seconds']:.2f}" for name in ("ours", "factory", "start")),
        ]
        for row in rows
    ]
    chart = Chart(
        "Time to parse the DAG files",
        "seconds",
        [f"{row['teams']:,} teams" for row in rows],
        {
            label: [row[name]["seconds"] for row in rows]
            for label, name in (("this connector", "ours"), ("dag-factory", "factory"), ("start of one task", "start"))
        },
        logarithmic=True,
    )
    head = ["", "tasks", "this connector, s", "dag-factory, s", "start of one task, s"]
    return Told([_INTRODUCTION, table(head, cells)], ratios, chart)


_INTRODUCTION = """\
The eight DAG files that share the teams are parsed by Airflow's own DagBag, one after the other, each in a process in
which Airflow is loaded; the import of the operators counts each time. dag-factory makes DAGs of the same tasks,
dependencies, assets and documentation out of YAML, with empty operators in the place of ours, which need no import and
no arguments, from one file. A task that starts parses its DAG's file too, for its own DAG alone."""

PART = Part(5, "parsing", "Parsing the DAG files", measure, tell)
