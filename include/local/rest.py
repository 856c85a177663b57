"""A small client of Airflow's public REST API (v2), for people's programs and tests; not for tasks."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from include.local.waiting import wait_until

_REQUEST_SECONDS = 60.0
_POLL_SECONDS = 1.0
_PAGE = 100
FINAL_RUN_STATES = frozenset({"success", "failed"})


class ApiError(RuntimeError):
    """Airflow refused a request.

    Attributes:
        status: HTTP status of the answer
    """

    def __init__(self, method: str, path: str, status: int, text: str) -> None:
        super().__init__(f"{method} {path}: HTTP {status}: {text[:500]}")
        self.status = status


@dataclass(frozen=True)
class Connection:
    """An Airflow Connection as one writes it; `extra` becomes JSON."""

    connection_id: str
    conn_type: str
    host: str | None = None
    login: str | None = None
    password: str | None = None
    schema: str | None = None
    port: int | None = None
    extra: Mapping[str, Any] | None = None
    description: str | None = None


@dataclass(frozen=True)
class TaskInstance:
    """State of one task in one run; `state` is None until it is scheduled, `pid` until a worker has begun."""

    task_id: str
    state: str | None
    try_number: int
    seconds: float | None
    pid: int | None = None


class AirflowApi:
    """Logged-in client; every method raises ApiError when Airflow refuses and requests' errors when it is not there.

    Args:
        url: address of the API server, without path
        user: name of a user of the simple auth manager
        password: the user's password
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        try:
            answer = self._send("POST", "/auth/token", json={"username": user, "password": password})
        except BaseException:
            self._session.close()
            raise
        self._session.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def close(self) -> None:
        """Close the connections to the server."""
        self._session.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the JSON answer of any GET below /api/v2."""
        return self._send("GET", f"/api/v2{path}", params=parameters)

    def set_connection(self, connection: Connection) -> None:
        """Create the Connection, or replace the one of the same id."""
        body = {
            "connection_id": connection.connection_id,
            "conn_type": connection.conn_type,
            "host": connection.host,
            "login": connection.login,
            "password": connection.password,
            "schema": connection.schema,
            "port": connection.port,
            "extra": json.dumps(dict(connection.extra)) if connection.extra is not None else None,
            "description": connection.description,
        }
        self._create_or_change("/connections", connection.connection_id, body)

    def connection_description(self, connection_id: str) -> str | None:
        """Return the description of a Connection ("" when it has none), or None when there is no such Connection."""
        try:
            found = self.get(f"/connections/{_part(connection_id)}")
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found["description"] or ""

    def patch_connection(self, connection_id: str, **fields: str) -> None:
        """Change some fields of a Connection."""
        body = {"connection_id": connection_id, "conn_type": "wrike", **fields}
        self._send(
            "PATCH", f"/api/v2/connections/{_part(connection_id)}", params={"update_mask": list(fields)}, json=body
        )

    def connection_extra(self, connection_id: str) -> dict[str, Any]:
        """Return the extra of a Connection as Airflow shows it: secrets are masked."""
        extra: dict[str, Any] = json.loads(self.get(f"/connections/{_part(connection_id)}")["extra"] or "{}")
        return extra

    def redirect(self, method: str, path: str) -> str:
        """Return where a page of the API server redirects to."""
        answer = self._session.request(method, self._url + path, allow_redirects=False, timeout=_REQUEST_SECONDS)
        if not answer.is_redirect:
            raise ApiError(method, path, answer.status_code, answer.text)
        return answer.headers["Location"]

    def delete_connection(self, connection_id: str) -> None:
        """Delete a Connection."""
        self._send("DELETE", f"/api/v2/connections/{_part(connection_id)}")

    def test_connection(self, connection: Connection) -> tuple[bool, str]:
        """Do what the Test button does; return whether it works and the message."""
        body = {
            "connection_id": connection.connection_id,
            "conn_type": connection.conn_type,
            "host": connection.host,
            "login": connection.login,
            "password": connection.password,
            "schema": connection.schema,
            "port": connection.port,
            "extra": json.dumps(dict(connection.extra or {})),
        }
        answer = self._send("POST", "/api/v2/connections/test", json=body)
        return answer["status"], answer["message"]

    def set_variable(self, key: str, value: str) -> None:
        """Create the Variable or change it."""
        self._create_or_change("/variables", key, {"key": key, "value": value})

    def variable(self, key: str) -> str | None:
        """Return the value of a Variable, or None when there is no such Variable."""
        try:
            value: str | None = self.get(f"/variables/{_part(key)}")["value"]
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return value

    def delete_variable(self, key: str) -> None:
        """Delete a Variable."""
        self._send("DELETE", f"/api/v2/variables/{_part(key)}")

    def set_pool(self, name: str, slots: int) -> None:
        """Create the pool or change its number of slots."""
        self._create_or_change("/pools", name, {"name": name, "slots": slots, "include_deferred": False})

    def dag_ids(self) -> set[str]:
        """Return the ids of all DAGs that Airflow has read and that are still there."""
        return {dag["dag_id"] for dag in self._all("/dags", "dags")}

    def parse_dag_files(self) -> None:
        """Have all DAG files that Airflow knows read again at once, and not when their turn comes."""
        for token in {dag["file_token"] for dag in self._all("/dags", "dags")}:
            self._send("PUT", f"/api/v2/parseDagFile/{_part(token)}")

    def import_errors(self) -> list[tuple[str, str]]:
        """Return the file name and the trace of every DAG file that cannot be read."""
        return [(each["filename"], each["stack_trace"]) for each in self._all("/importErrors", "import_errors")]

    def set_paused(self, dag_id: str, paused: bool) -> None:
        """Pause a DAG, or let it run."""
        self._send("PATCH", f"/api/v2/dags/{_part(dag_id)}", json={"is_paused": paused})

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> str:
        """Ask for a manual run with params `conf`; return the run's id."""
        body = {"logical_date": None, "conf": dict(conf or {})}
        run_id: str = self._send("POST", f"/api/v2/dags/{_part(dag_id)}/dagRuns", json=body)["dag_run_id"]
        return run_id

    def backfill(self, dag_id: str, since: str, until: str) -> list[str]:
        """Ask for a backfill of the intervals that begin from `since` to `until`; return the ids of its runs."""
        path = f"/dags/{_part(dag_id)}/dagRuns"
        before = {run["dag_run_id"] for run in self._all(path, "dag_runs", run_type="backfill")}
        self._send("POST", "/api/v2/backfills", json={"dag_id": dag_id, "from_date": since, "to_date": until})
        runs = self._all(path, "dag_runs", run_type="backfill", order_by="logical_date")
        return [run["dag_run_id"] for run in runs if run["dag_run_id"] not in before]

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run: queued, running, success or failed."""
        state: str = self.get(f"/dags/{_part(dag_id)}/dagRuns/{_part(run_id)}")["state"]
        return state

    def end_unfinished_runs(self, dag_id: str) -> None:
        """Mark runs of a DAG that have not ended, such as those of an Airflow that was stopped, as failed."""
        path = f"/dags/{_part(dag_id)}/dagRuns"
        for run in self._all(path, "dag_runs", state=["queued", "running"]):
            self._send("PATCH", f"/api/v2{path}/{_part(run['dag_run_id'])}", json={"state": "failed"})

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Return the present state of every task of a run."""
        path = f"/dags/{_part(dag_id)}/dagRuns/{_part(run_id)}/taskInstances"
        return [
            TaskInstance(each["task_id"], each["state"], each["try_number"], each["duration"], each["pid"])
            for each in self._all(path, "task_instances")
        ]

    def wait(
        self,
        runs: Mapping[str, str],
        seconds: float,
        progress: Callable[[str, list[TaskInstance]], None] | None = None,
    ) -> dict[str, str]:
        """Wait until runs have ended.

        Args:
            runs: run id of each DAG id
            seconds: how long to wait for all of them
            progress: called with the DAG id and its tasks about once a second, and once after the end

        Returns:
            the final state of each DAG id's run: success or failed

        Raises:
            TimeoutError: when a run has not ended in time
        """
        final: dict[str, str] = {}

        def look() -> bool:
            for dag_id, run_id in runs.items():
                if dag_id in final:
                    continue
                state = self.run_state(dag_id, run_id)
                if progress is not None:
                    progress(dag_id, self.task_instances(dag_id, run_id))
                if state in FINAL_RUN_STATES:
                    final[dag_id] = state
            return runs.keys() <= final.keys()

        def late() -> TimeoutError:
            return TimeoutError(f"Not ended after {seconds:.0f} s: {', '.join(sorted(runs.keys() - final.keys()))}")

        wait_until(look, seconds, late, _POLL_SECONDS)
        return final

    def log(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1) -> str:
        """Return the log of one try of a task, a line per event."""
        path = f"/dags/{_part(dag_id)}/dagRuns/{_part(run_id)}/taskInstances/{_part(task_id)}/logs/{try_number}"
        content = self.get(path, full_content=True)["content"]
        return "\n".join(_line(each) for each in content)

    def _all(self, path: str, key: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return all items of a paged collection."""
        items: list[dict[str, Any]] = []
        while True:
            page = self.get(path, limit=_PAGE, offset=len(items), **parameters)
            items += page[key]
            if not page[key] or len(items) >= page["total_entries"]:
                return items

    def _create_or_change(self, collection: str, name: str, body: dict[str, Any]) -> None:
        try:
            self._send("PATCH", f"/api/v2{collection}/{_part(name)}", json=body)
        except ApiError as error:
            if error.status != 404:
                raise
            self._send("POST", f"/api/v2{collection}", json=body)

    def _send(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self._session.request(
            method,
            self._url + path,
            headers={"Accept": "application/json"},
            timeout=_REQUEST_SECONDS,
            **arguments,
        )
        if not answer.ok:
            raise ApiError(method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None


def _part(name: str) -> str:
    """Return `name` as one part of a URL path."""
    return quote(name, safe="")


def _line(event: Any) -> str:
    """Return a log event (text, or a structured event) as a line, with the errors it tells of."""
    if isinstance(event, str):
        return event
    line = " ".join(str(event[key]) for key in ("timestamp", "level", "event") if event.get(key))
    errors = [f"{each['exc_type']}: {each['exc_value']}" for each in event.get("error_detail") or ()]
    return " | ".join([line, *errors])
