"""A data export as Wrike tells of it, and what staging has of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from wrike_provider.api.client import Page

_WAITING = frozenset({"Scheduled", "InProgress"})


@dataclass(frozen=True, slots=True)
class Export:
    """The export that ``/data_export`` tells of.

    :param id: its id.
    :param completed: when it was completed, as Wrike writes it.
    :param files: addresses of its files, by the name of the table.
    :param why_not: why it cannot be read, for people; empty: it can.
    """

    id: str = ""
    completed: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    why_not: str = ""

    @classmethod
    def of(cls, page: Page) -> Self:
        """Read the answer.

        :param page: the answer.
        """
        told = page.data[0] if page.data and isinstance(page.data[0], dict) else {}
        status = str(told.get("status") or "InProgress")
        if status in _WAITING:
            return cls(why_not=f"Wrike is still making the export ({status}); the next run looks again")
        if status != "Completed":
            return cls(why_not=f"Wrike's last export is {status}; the next run looks again")
        listed = told.get("resources")
        resources = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        files = {str(one["name"]): str(one["url"]) for one in resources if one.get("name") and one.get("url")}
        completed = str(told.get("completedDate") or "")
        if len(files) < len(resources):
            return cls(why_not=f"the export of {completed} has tables without a name, address, or name of their own")
        return cls(str(told.get("id") or ""), completed, files, "" if files else f"the export of {completed} is empty")


@dataclass(frozen=True, slots=True)
class StagedTable:
    """A table of an export in staging.

    :param name: its name there.
    :param rows: how many rows its file had.
    """

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class StagedExport:
    """What staging has of an export; what the state of the asset remembers.

    :param staging: database and schema.
    :param id: id of the export.
    :param completed: when it was completed, as Wrike writes it.
    :param tables: the tables whose rows are committed, by their name in the export.
    :param described: whether the types of their columns are those of Wrike's schema.
    """

    staging: str
    id: str = ""
    completed: str = ""
    tables: dict[str, StagedTable] = field(default_factory=dict)
    described: bool = False

    @classmethod
    def from_state(cls, state: Any, staging: str) -> Self:
        """Read the state; one of another place tells nothing of this one.

        :param state: what :meth:`as_state` made; None: nothing.
        :param staging: database and schema.
        """
        if not isinstance(state, dict) or state.get("staging") != staging:
            return cls(staging)
        tables = {name: StagedTable(**table) for name, table in state["tables"].items()}
        return cls(staging, state["id"], state["completed"], tables, state.get("described", bool(tables)))

    def as_state(self) -> dict[str, Any]:
        """For the state."""
        return asdict(self)

    def of(self, export: Export) -> bool:
        """Whether it is that export.

        :param export: the export.
        """
        return (self.id, self.completed) == (export.id, export.completed)

    def begun(self, export: Export) -> Self:
        """Begin another export in the same place.

        :param export: the export.
        """
        return type(self)(self.staging, export.id, export.completed, described=self.described)
