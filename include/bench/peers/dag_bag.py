"""Parses a DAG file as Airflow's DAG processor does, and tells how long that took.

Runs in our environment and in that of dag-factory. Command line: the DAG file.
"""

import json
import sys
import time
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag


def main() -> None:
    """Parse the file."""
    file = Path(sys.argv[1])
    bag = DagBag(file, collect_dags=False)
    began, busy = time.monotonic(), time.process_time()
    bag.process_file(str(file), only_if_updated=False, safe_mode=False)  # type: ignore[no-untyped-call]
    told = {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - busy,
        "dags": len(bag.dags),
        "tasks": sum(len(dag.task_ids) for dag in bag.dags.values()),
    }
    if bag.import_errors:
        raise SystemExit("\n".join(bag.import_errors.values()))
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main()
