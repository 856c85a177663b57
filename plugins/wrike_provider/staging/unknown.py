"""What Wrike sends beyond the declarations: which keys, of what type, how often."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wrike_provider.entities.model import Column, Entity

MAX_KEYS: Final = 50
MAX_KEY_LENGTH: Final = 100

Found = tuple[str, str]
"""A key, dotted, ``[]`` behind an array, and the JSON type of its value."""

_JSON_TYPES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key that no column takes, or whose values did not fit their column.

    :param type: JSON type of its values; several are joined by ``|``.
    :param count: how often it came.
    """

    type: str
    count: int


class UnknownKeys(dict[str, UnknownKey]):
    """Counts keys, of the first :data:`MAX_KEYS` that come."""

    def note(self, found: Iterable[Found]) -> None:
        """Count what was found in a record.

        :param found: keys and types.
        """
        for long_key, kind in found:
            key = long_key[:MAX_KEY_LENGTH]
            known = self.get(key)
            if known is not None:
                kinds = known.type.split("|")
                together = known.type if kind in kinds else "|".join(sorted([*kinds, kind]))
                self[key] = UnknownKey(together, known.count + 1)
            elif len(self) < MAX_KEYS:
                self[key] = UnknownKey(kind, 1)


class Leftovers:
    """Names what remains of records and elements when the columns' values are taken out.

    :param columns: the declared columns.
    :param prefix: what the keys begin with.
    :param arrays: paths of the arrays that have tables of their own.
    """

    def __init__(self, columns: Collection[Column], prefix: str = "", arrays: Iterable[str] = ()) -> None:
        self._prefix = prefix
        self._arrays = frozenset(arrays)
        # Objects that the declaration looks into: there, what is new is a key inside and not the object.
        self._objects = {column.path for column in columns if column.presence}.union(
            path[:end]
            for path in (*(column.path for column in columns), *self._arrays)
            for end, letter in enumerate(path)
            if letter == "."
        )

    @classmethod
    def of(cls, entity: Entity) -> Leftovers:
        """Know what an entity's own table takes.

        :param entity: the entity.
        """
        return cls(entity.columns, arrays=[child.path for child in entity.children])

    def name(self, rest: Mapping[str, Any], path: str = "") -> Iterator[Found]:
        """Name what remains.

        :param rest: what remains.
        :param path: where it is, with a dot behind.
        """
        for key, value in rest.items():
            here = path + key
            if isinstance(value, dict) and value and here in self._objects:
                yield from self.name(value, f"{here}.")
            elif isinstance(value, list) and here in self._arrays:
                # Only elements that fit no row remain of an array with a table of its own.
                yield from ((f"{self._prefix}{here}[]", _json_type(element)) for element in value)
            else:
                yield f"{self._prefix}{here}", _json_type(value)


def _json_type(value: Any) -> str:
    return next((name for kind, name in _JSON_TYPES if isinstance(value, kind)), "null")
