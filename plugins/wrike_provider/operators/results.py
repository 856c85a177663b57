"""What became of an entity in a run; travels through XCom as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from wrike_provider.entities.requests import Window
    from wrike_provider.staging.writer import EntityWriter

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
    :param note: why it was skipped, blocked or failed; if synced, what could not be read.
    :param since: begin of the span of change time that was read, ISO 8601; empty: from the beginning.
    :param until: its end, ISO 8601; empty: without end.
    :param started: when it was begun, ISO 8601.
    :param pages: answers with records.
    :param read: records read.
    :param inserted: records new in staging.
    :param updated: records changed in staging.
    :param unchanged: records that staging had just so.
    :param deleted: records marked as gone.
    :param requests: requests to Wrike.
    :param requests_refused: those of them that Wrike answered with 429.
    :param seconds: time that it took.
    :param error: name of the exception's class when it failed.
    :param unknown_keys: keys that no column takes: type and count of each.
    :param differences: what differs from Wrike, when that was looked at.
    """

    entity: str
    outcome: Outcome
    window: str = ""
    note: str = ""
    since: str = ""
    until: str = ""
    started: str = ""
    pages: int = 0
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    requests: int = 0
    requests_refused: int = 0
    seconds: float = 0.0
    error: str = ""
    unknown_keys: dict[str, Any] = field(default_factory=dict)
    differences: dict[str, Any] | None = None

    @classmethod
    def of(cls, entity: str, shown: str, window: Window | None, writer: EntityWriter) -> Self:
        """Make the result of an entity that was synced.

        :param entity: its name.
        :param shown: what was read, for people.
        :param window: the span of change time that was read, None where there is none.
        :param writer: what became of its records.
        """
        since, until = (window.since, window.until) if window else (None, None)
        return cls(
            entity,
            Outcome.SYNCED,
            window=shown,
            since=since.isoformat() if since else "",
            until=until.isoformat() if until else "",
            pages=writer.pages,
            unknown_keys=writer.unknown_keys_as_dict(),
            **asdict(writer.counts),
        )

    def plus(self, other: Result) -> Self:
        """Add what became of further records of the entity.

        :param other: that.
        """
        counts = ("pages", "read", "inserted", "updated", "unchanged", "deleted")
        return replace(
            self,
            **{name: getattr(self, name) + getattr(other, name) for name in counts},
            note=" ".join(dict.fromkeys(filter(None, [other.note, self.note]))),
            unknown_keys={**self.unknown_keys, **other.unknown_keys},
        )

    def after(self, started: datetime, *, requests: int, seconds: float, requests_refused: int = 0) -> Self:
        """Add what it took.

        :param started: when it was begun.
        :param requests: requests to Wrike.
        :param seconds: time.
        :param requests_refused: requests that Wrike answered with 429.
        """
        return replace(
            self,
            started=started.isoformat(),
            requests=requests,
            requests_refused=requests_refused,
            seconds=round(seconds, 2),
        )

    def as_dict(self) -> dict[str, Any]:
        """For XCom."""
        return {**asdict(self), "outcome": self.outcome.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From XCom.

        :param data: what :meth:`as_dict` made.
        """
        return cls(**{**data, "outcome": Outcome(data["outcome"])})
