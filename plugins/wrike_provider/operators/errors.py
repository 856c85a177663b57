"""Errors of a run itself, neither Wrike's nor the staging database's."""

from __future__ import annotations


class BadParamsError(ValueError):
    """The params of a run contradict each other."""


class TooManyVanishedError(Exception):
    """More records are missing than is likely: it may be their sharing that was lost, not they."""


class StagingDiffersError(Exception):
    """Staging is not what Wrike has."""


class SyncFailedError(Exception):
    """Entities of the team were not synced."""
