"""What can go wrong on the way into staging."""

from __future__ import annotations


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
