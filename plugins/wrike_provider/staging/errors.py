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


_MEANINGS: Final[tuple[tuple[tuple[str, ...], type[StagingError], str], ...]] = (
    (
        ("Could not set lock on file", "being used by another process"),
        StagingLockedError,
        "Another program has the staging file {} open. Close it there, or work on a copy.",
    ),
    (
        ("No space left on device", "disk full", "Disk quota exceeded", "out of disk", "File too large"),
        StagingFullError,
        "There is no room left for the staging database {}. Make room and run again.",
    ),
    (
        ("Permission denied", "permission denied", "Read-only file system"),
        StagingConfigurationError,
        "The staging database {} may not be written to. Check its rights.",
    ),
    (
        ("not a valid DuckDB database file", "[Errno 2] No such file", "[Errno 20] Not a directory", "Is a directory"),
        StagingConfigurationError,
        "The staging file {} is damaged or none of DuckDB's, or its folder cannot be made. Correct the staging "
        "Connection; or remove the file, and the next run makes it anew and reads everything.",
    ),
    (
        ("authentication failed", "no pg_hba.conf entry", "does not exist: FATAL"),
        StagingConfigurationError,
        "The staging database {} lets nobody in with this login. Correct the staging Connection.",
    ),
)
"""What a database's words mean: signs, of which one is enough, the kind of error, and what to do."""


def explained(error: Exception, place: object) -> StagingError:
    """Say what is wrong with a staging database, and what to do.

    :param error: what was raised on the way.
    :param place: the database, for people.
    """
    if isinstance(error, StagingError):
        return error
    said = _messages(error)
    for signs, kind, meaning in _MEANINGS:
        if any(sign in said for sign in signs):
            return kind(f"{meaning.format(place)} ({said})")
    return StagingError(f"The staging database {place} failed: {said}")


def _messages(error: BaseException) -> str:
    """The texts of an error and its causes, each once: dlt wraps what the database says several times."""
    said: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        # In front of it dlt speaks of credentials and the internet, whatever happened.
        text = " ".join(str(seen).split()).rpartition("The actual reason given is: ")[2]
        text = _LOGIN.sub("://***@", text)
        if text and not any(text in other for other in said):
            said = [other for other in said if other not in text]
            said.append(text)
        seen = seen.__cause__ or seen.__context__
    return " | ".join(said)[:2000]
