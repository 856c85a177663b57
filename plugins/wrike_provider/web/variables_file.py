"""The variables file as the page shows it, with what only Airflow's DAG processor can find wrong in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from airflow.configuration import conf
from airflow.models.errors import ParseImportError
from sqlalchemy import select
from sqlalchemy.orm import Session

from wrike_provider.teams import TeamsFile, TeamsFileError, read_teams, teams_file_path

_CHECK: Final = "wrike_teams_check.py"
"""The file in the DAGs folder that checks the notifiers too, and fails with all problems."""
_PROBLEM: Final = re.compile(r".+:\d+: (?P<what>.+)")


def teams_file() -> TeamsFile:
    """The variables file as it is now."""
    path = _path()
    try:
        stat = path.stat()
    except OSError:
        return read_teams(path)
    return _read(path, stat.st_mtime_ns, stat.st_size)


def problems(session: Session, file: TeamsFile) -> list[str]:
    """Everything that is wrong in the variables file, a line each.

    To check a notifier, its code is imported. That is not for the API server, which runs none of what a DAG's author
    names, and need not have the notifier's provider: the import error of the DAG processor tells.

    :param session: of Airflow's database.
    :param file: the variables file, as it is now.
    """
    found = [str(problem) for problem in file.problems]
    # Lines may have moved since, and the file may be elsewhere there.
    known = {f"{problem.where}: {problem.what}".partition("\n")[0] for problem in file.problems}
    for line in _import_error(session).splitlines():
        matched = _PROBLEM.fullmatch(line)
        if matched and matched["what"] not in known:
            found.append(line)
    return found


def _import_error(session: Session) -> str:
    """What the DAG processor has found wrong, unless the file has changed since."""
    try:
        changed = datetime.fromtimestamp(_path().stat().st_mtime, UTC)
    except OSError:
        return ""
    errors = select(ParseImportError.stacktrace).where(
        ParseImportError.filename.endswith(_CHECK, autoescape=True), ParseImportError.timestamp >= changed
    )
    text = session.scalar(errors.order_by(ParseImportError.timestamp.desc()).limit(1)) or ""
    return text.rpartition(f"{TeamsFileError.__name__}: ")[2]


def _path() -> Path:
    return teams_file_path(Path(str(conf.get("core", "dags_folder"))) / "-")


@lru_cache(maxsize=1)
def _read(path: Path, changed: int, size: int) -> TeamsFile:  # noqa: ARG001
    return read_teams(path)
