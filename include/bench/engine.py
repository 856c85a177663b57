"""Syncs entities as a task of a team's DAG does, without an Airflow around it: ``python -m include.bench.engine``.

The Connections `wrike_team` and `wrike_staging` come from the environment, as Airflow reads them. What Airflow would
remember between runs lies in a file. One line of JSON on standard output tells what was done.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from wrike_provider.preload import load

SCHEMA = "wrike_team"


class _State(dict[str, Any]):
    """A state store."""

    def set(self, key: str, value: Any) -> None:
        self[key] = json.loads(json.dumps(value))

    def delete(self, key: str) -> None:
        self.pop(key, None)


def sync(names: Sequence[str], account: Mapping[str, Any], states: dict[str, _State]) -> list[dict[str, Any]]:
    """Sync entities one after the other; raises what the first failing one raises.

    Args:
        names: the entities; none: all
        account: what the task `connect` has read of the account
        states: what Airflow remembers of each entity between runs
    """
    from wrike_provider.entities import CATALOGUE, entity
    from wrike_provider.operators.connect import ACCOUNT_KEY
    from wrike_provider.operators.sync import Sync
    from wrike_provider.teams import Reconcile

    names = names or [declared.name for declared in CATALOGUE]
    operator: Any = SimpleNamespace(
        team="team",
        assets={name: name for name in names},
        wrike_conn_id="wrike_team",
        staging_conn_id="wrike_staging",
        schema=SCHEMA,
        may_vanish=0.2,
        reconcile=Reconcile.NEVER,
        detail_requests=1,
        connect_task_id="connect",
        log=logging.getLogger("include.bench"),
    )
    context: Any = {
        "dag_run": SimpleNamespace(run_type="manual"),
        "data_interval_start": None,
        "data_interval_end": None,
        "params": {},
        "ti": SimpleNamespace(
            try_number=1, xcom_pull=lambda task_ids, key: {("connect", ACCOUNT_KEY): account}[task_ids, key]
        ),
        "task_state_store": _State(),
        "asset_state_store": states,
        "outlet_events": {name: SimpleNamespace() for name in names},
    }
    run = Sync(operator, context)
    done = []
    for name in names:
        result, failure = run.entity(entity(name))
        if failure is not None:
            raise failure
        done.append(result.as_dict())
    return done


@dataclass(frozen=True)
class _Timed:
    began: float
    ended: float
    results: list[dict[str, Any]]
    states: dict[str, _State]


def _timed(names: Sequence[str], account: Mapping[str, Any], states: dict[str, _State]) -> _Timed:
    began = time.monotonic()
    results = sync(names, account, states)
    return _Timed(began, time.monotonic(), results, states)


def main() -> None:
    """Read the command line and sync."""
    parser = argparse.ArgumentParser(prog="python -m include.bench.engine", description=__doc__)
    parser.add_argument("--account", type=Path, required=True, help="file with the account's record, as Wrike sends it")
    parser.add_argument("--states", type=Path, required=True, help="file with what is remembered; made when missing")
    parser.add_argument("--at-once", action="store_true", help="each entity in a process of its own")
    parser.add_argument("--unlimited", action="store_true", help="do not keep Wrike's request limit")
    parser.add_argument("entities", nargs="*", help="the entities (default: all)")
    options = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    states = defaultdict[str, _State](_State)
    if options.states.exists():
        states |= {name: _State(state) for name, state in json.loads(options.states.read_text()).items()}
    # As the processes are that a worker forks: it does this before anything of the connector is imported.
    load()
    loading = time.process_time()
    if options.unlimited:
        from wrike_provider.api import limits

        limits.SPACING_MS = 1
    account = json.loads(options.account.read_text())
    if options.at_once:
        with ProcessPoolExecutor(len(options.entities), get_context("fork")) as pool:
            done = list(pool.map(_timed, [[name] for name in options.entities], repeat(account), repeat(states)))
    else:
        done = [_timed(options.entities, account, states)]
    told = {
        "loading_cpu_seconds": loading,
        "began": min(one.began for one in done),
        "ended": max(one.ended for one in done),
        "results": [result for one in done for result in one.results],
    }
    options.states.write_text(json.dumps({name: state for one in done for name, state in one.states.items()}))
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()
    # As Airflow ends the process of a task: without what an interpreter does last.
    os._exit(0)


if __name__ == "__main__":
    main()
