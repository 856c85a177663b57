"""What can go wrong on the way into staging."""

from __future__ import annotations

import re
from typing import Final

_LOGIN: Final = re.compile(r"://.*@")
"""In a URL that a driver quotes: name and password, which Airflow does not mask as they are written there."""


class StagingError(Exception):
    """Rows could not be written to, or read from, the staging database."""


class StagingConfigurationError(StagingError):
    """The staging Connection or its rights have to be corrected first."""


class StagingLockedError(StagingError):
    """Another program holds the staging file; it works again when that program lets go."""


class StagingFullError(StagingError):
    """There is no room for the rows."""


class StagingMissingError(StagingError):
    """Tables that another entity needs are not there."""


class BadRecordError(StagingError):
    """A record has no key, so that it cannot be stored."""


class BadExportError(StagingError):
    """Wrike's data export, or a file of it, is not what it should be."""


def explained(error: Exception, place: object) -> StagingError:
    """Say what is wrong with a staging database, and what to do.

    :param error: what was raised on the way.
    :param place: the database, for people.
    """
    if isinstance(error, StagingError):
        return error
    said = _messages(error)
    if "Could not set lock on file" in said or "being used by another process" in said:
        return StagingLockedError(
            f"Another program has the staging file {place} open. Close it there, or work on a copy. ({said})"
        )
    if any(
        sign in said
        for sign in ("No space left on device", "disk full", "Disk quota exceeded", "out of disk", "File too large")
    ):
        return StagingFullError(
            f"There is no room left for the staging database {place}. Make room and run again. ({said})"
        )
    if any(sign in said for sign in ("Permission denied", "permission denied", "Read-only file system")):
        return StagingConfigurationError(
            f"The staging database {place} may not be written to. Check its rights. ({said})"
        )
    if any(sign in said for sign in ("authentication failed", "no pg_hba.conf entry", "does not exist: FATAL")):
        return StagingConfigurationError(
            f"The staging database {place} lets nobody in with this login. Correct the staging Connection. ({said})"
        )
    return StagingError(f"The staging database {place} failed: {said}")


def _messages(error: BaseException) -> str:
    """The texts of an error and its causes, each once: dlt wraps what the database says several times."""
    said: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        text = _LOGIN.sub("://***@", " ".join(str(seen).split()))
        if text and not any(text in other for other in said):
            said = [other for other in said if other not in text]
            said.append(text)
        seen = seen.__cause__ or seen.__context__
    return " | ".join(said)[:2000]
