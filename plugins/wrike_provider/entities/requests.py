"""From a declaration and a window to the parameters of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wrike_provider.entities.model import SORT_ORDER, Entity


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of change time, whole seconds, UTC.

    :param since: first instant inside; None: from the beginning.
    :param until: first instant outside; None: without end.
    """

    since: datetime | None = None
    until: datetime | None = None

    @property
    def empty(self) -> bool:
        """Whether no instant is inside."""
        return self.since is not None and self.until is not None and self.since >= self.until

    def __str__(self) -> str:
        """Both ends, for a log line."""
        return f"{_shown(self.since, 'beginning')} to {_shown(self.until, 'now')}"


def parameters(
    entity: Entity, window: Window, *, without: Iterable[str] = (), gone: bool = False, back: bool = False
) -> dict[str, Any]:
    """Make the parameters that read an entity.

    :param entity: the entity.
    :param window: span of change time; only for entities that have a filter for it.
    :param without: optional fields and parameters not to ask for.
    :param gone: list the records that are gone instead of the others.
    :param back: latest change first; only for entities that are sorted.
    """
    without = set(without)
    params: dict[str, Any] = dict(entity.params)
    params |= {name: value for name, value in entity.optional_params.items() if name not in without}
    if back:
        params[SORT_ORDER] = "Desc"
    if entity.gone is not None:
        params[entity.gone] = gone
    if fields := [name for name in entity.fields if name not in without]:
        params["fields"] = fields
    if entity.changed_by is not None:
        bounds = {
            "start": wrike_instant(window.since) if window.since else entity.all_since,
            "end": wrike_instant(window.until) if window.until else None,
        }
        if interval := {name: bound for name, bound in bounds.items() if bound}:
            params[entity.changed_by] = interval
    return params


def wrike_instant(instant: datetime) -> str:
    """Write an instant as Wrike wants it: UTC, whole seconds (Wrike API v4, "Date formats").

    :param instant: with a time zone, UTC.
    """
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(instant: datetime | None, otherwise: str) -> str:
    return wrike_instant(instant) if instant else otherwise
