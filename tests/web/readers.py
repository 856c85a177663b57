"""Runs several readers (:mod:`tests.web.reader`) at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.local.rest import Connection
from wrike_provider.auth.broker import GIVE_UP_AFTER_S

if TYPE_CHECKING:
    from include.local.airflow import Airflow
    from include.sandbox.client import SandboxClient

STRESS_S = float(os.environ.get("WRIKE_STRESS_S", "20"))
"""For how long they read, seconds; several minutes show more."""
LIFETIME_S = 5.0
_ROOT = Path(__file__).parents[2]


def start(api: str, brokers: Sequence[str], connection_id: str, secret: str, count: int) -> list[subprocess.Popen[str]]:
    """Start readers.

    :param api: base URL of the API.
    :param brokers: URLs of the page in each API server.
    :param connection_id: the Connection.
    :param secret: its broker secret.
    :param count: how many.
    """
    command = [sys.executable, "-m", "tests.web.reader", api, ",".join(brokers), connection_id, str(STRESS_S)]
    started = []
    for _ in range(count):
        process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdin
        process.stdin.write(f"{secret}\n")
        process.stdin.flush()
        started.append(process)
    return started


def finish(started: Sequence[subprocess.Popen[str]]) -> list[dict[str, Any]]:
    """Wait for readers and read what they say.

    :param started: the readers.
    """
    results = []
    try:
        for process in started:
            out, err = process.communicate(timeout=STRESS_S + GIVE_UP_AFTER_S + 60)
            assert process.returncode == 0, err
            results.append(json.loads(out))
    finally:
        for process in started:
            process.kill()
            process.wait()
    return results


def connect(airflow: Airflow, wrike: SandboxClient, connection_id: str) -> None:
    """Make a Connection to the first account of a sandbox, not authorised.

    :param airflow: Airflow.
    :param wrike: the sandbox.
    :param connection_id: id of the Connection.
    """
    app = wrike.accounts()["aurora"]
    wrike.register_redirect_uri(f"{airflow.url}/wrike/callback")
    airflow.api.set_connection(
        Connection(
            connection_id,
            "wrike",
            login=app["client_id"],
            password=app["client_secret"],
            extra={"login_url": wrike.url},
        )
    )


def assert_one_refresh_per_expiry(before: dict[str, Any], after: dict[str, Any], took: float) -> None:
    """Check that tokens were refreshed when they ended, once each, and no dead refresh token was ever shown.

    :param before: the sandbox's statistics before.
    :param after: and after.
    :param took: seconds in between.
    """
    assert after["dead_refresh"] == before["dead_refresh"]
    early = after["early"][len(before["early"]) :]
    assert len(early) == after["refresh"] - before["refresh"]
    # Not before the token that is replaced had ended, but for the sixtieth of its life that is kept for the way.
    assert max(early) <= LIFETIME_S / 60
    assert STRESS_S / LIFETIME_S - 2 <= len(early) <= took / (LIFETIME_S * 59 / 60) + 1
