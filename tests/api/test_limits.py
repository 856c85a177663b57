"""The request limit, shared by processes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import requests

from tests.api.server import Server, refusal
from wrike_provider.api.limits import SPACING_MS, limited_adapter

REQUESTS = 4
_CHILD = """
import sys, time
from pathlib import Path
import requests
from wrike_provider.api.limits import limited_adapter

url, folder, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
with requests.Session() as session:
    session.trust_env = False
    session.mount("http://", limited_adapter("one", folder, lambda request: request))
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(count):
        session.get(url)
        print(time.time(), flush=True)
"""


def test_the_spacing_stays_below_wrikes_limit() -> None:
    assert 350 <= 60_000 / SPACING_MS < 400


def test_two_processes_share_one_limit(server: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CHILD, server.url, str(tmp_path / "new" / "limits"), str(REQUESTS)]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for child in children:
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin
            child.stdin.write("\n")
            child.stdin.flush()
        sent = sorted(float(line) for child in children for line in child.communicate(timeout=30)[0].split())
    finally:
        for child in children:
            child.kill()
            child.wait()
    assert len(sent) == len(server.asked) == 2 * REQUESTS
    assert sent[-1] - sent[0] >= 0.9 * (2 * REQUESTS - 1) * SPACING_MS / 1000


def test_limits_of_different_names_do_not_hold_each_other_up(server: Server, tmp_path: Path) -> None:
    with requests.Session() as session:
        session.trust_env = False
        began = time.monotonic()
        for name in ("one", "two", "three", "four"):
            session.mount("http://", limited_adapter(name, tmp_path, lambda request: request))
            session.get(server.url)
        assert time.monotonic() - began < 3 * SPACING_MS / 1000
    assert len(list(tmp_path.glob("*.sqlite"))) == 4


def test_the_name_is_not_readable_in_the_folder(tmp_path: Path) -> None:
    limited_adapter("../../secret token", tmp_path, lambda request: request).close()
    assert not [file.name for file in tmp_path.iterdir() if "secret" in file.name]


def test_a_refusal_does_not_slow_the_others_down(server: Server, tmp_path: Path) -> None:
    server.will(refusal(429, "too_many_requests"))
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", limited_adapter("one", tmp_path, lambda request: request))
        began = time.monotonic()
        for _ in range(3):
            session.get(server.url)
    assert time.monotonic() - began < 6 * SPACING_MS / 1000


def test_a_request_is_signed_when_its_turn_has_come(server: Server, tmp_path: Path) -> None:
    signed: list[float] = []

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        signed.append(time.monotonic())
        request.headers["Authorization"] = f"Bearer {len(signed)}"
        return request

    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", limited_adapter("one", tmp_path, sign))
        for _ in range(3):
            session.get(server.url)
    assert [asked.authorization for asked in server.asked] == ["Bearer 1", "Bearer 2", "Bearer 3"]
    assert signed[-1] - signed[0] >= 0.9 * 2 * SPACING_MS / 1000, "a token may end while a request waits"
