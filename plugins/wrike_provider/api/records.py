"""The records of an answer: mostly a list of objects, but whoever parses them may keep them otherwise."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Final

Record = dict[str, Any]
Records = Sequence[Record]


class Columns(Records):
    """Records that are kept by field, and are made into objects only when somebody wants these."""

    @abstractmethod
    def values(self, field: str) -> list[Any]:
        """The values of a field, one a record; None where it is not there.

        :param field: name of the field.
        """


class _Lull(tuple[Record, ...]):
    """No records."""

    __slots__ = ()


LULL: Final[Records] = _Lull()
"""Comes among pages when little is awaited any more: time to write what has come. Other pages can be empty too."""

Parse = Callable[[bytes], dict[str, Any] | None]
"""Parses an answer as a whole, its ``data`` to :class:`Columns`; None: it is not as expected."""


def values(records: Records, field: str) -> list[Any]:
    """The values of a field, one a record; None where it is not there.

    :param records: the records; one that is no object has no fields.
    :param field: name of the field.
    """
    if isinstance(records, Columns):
        return records.values(field)
    return [record.get(field) if isinstance(record, dict) else None for record in records]
