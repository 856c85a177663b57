"""What became of an entity in a run; travels through XCom as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from wrike_provider.staging.writer import Counts

RESULTS_KEY = "results"


class Outcome(StrEnum):
    """How an entity ended."""

    SYNCED = "synced"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an entity.

    :param entity: its name.
    :param outcome: how it ended.
    :param window: what was read, for people.
    :param note: why it was skipped, blocked or failed.
    :param read: records read.
    :param inserted: records new in staging.
    :param updated: records changed in staging.
    :param unchanged: records that staging had just so.
    :param deleted: records marked as gone.
    :param requests: requests to Wrike.
    :param seconds: time that it took.
    """

    entity: str
    outcome: Outcome
    window: str = ""
    note: str = ""
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    requests: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, entity: str, window: str, counts: Counts) -> Self:
        """Make the result of an entity that was synced.

        :param entity: its name.
        :param window: what was read, for people.
        :param counts: what became of its records.
        """
        return cls(entity, Outcome.SYNCED, window=window, **asdict(counts))

    def after(self, *, requests: int, seconds: float) -> Self:
        """Add what it took.

        :param requests: requests to Wrike.
        :param seconds: time.
        """
        return replace(self, requests=requests, seconds=round(seconds, 2))

    def as_dict(self) -> dict[str, Any]:
        """For XCom."""
        return {**asdict(self), "outcome": self.outcome.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From XCom.

        :param data: what :meth:`as_dict` made.
        """
        return cls(**{**data, "outcome": Outcome(data["outcome"])})
