"""Errors of a run itself, neither Wrike's nor the staging database's."""

from __future__ import annotations

from collections.abc import Mapping

from wrike_provider.api.errors import WrikeRequestError


class BadParamsError(ValueError):
    """The params of a run contradict each other."""


class CutOffError(WrikeRequestError):
    """Wrike gives some of the records of one moment, and no way to the others."""


class TooManyVanishedError(Exception):
    """More records are missing than is likely: it may be their sharing that was lost, not they."""


class StagingDiffersError(Exception):
    """Staging is not what Wrike has."""


class SyncFailedError(Exception):
    """Entities of the team were not synced.

    :param message: what failed, and why.
    :param failed: why, by entity.
    :param authorise_again: whether somebody has to authorise again.
    """

    def __init__(self, message: str, failed: Mapping[str, str] | None = None, *, authorise_again: bool = False) -> None:
        super().__init__(message)
        self.failed = dict(failed or {})
        self.authorise_again = authorise_again


class NotificationFailedError(Exception):
    """Somebody was not told."""
