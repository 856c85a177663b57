"""What becomes of the fields of a record: which column takes each, and which child the elements of its arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wrike_provider.entities.model import Child, Column, Type
from wrike_provider.staging.unknown import Leftovers


@dataclass(slots=True)
class Plan:
    """What becomes of the fields of an object.

    :param columns: of the columns that hold a field their index, the field, and the column.
    :param arrays: by field the index of the child and what becomes of the elements.
    :param objects: by field what becomes of the object there.
    :param presence: index of the column that says whether the object is there.
    :param known: all these fields.
    """

    columns: list[tuple[int, str, Column]] = field(default_factory=list)
    arrays: dict[str, tuple[int, Elements]] = field(default_factory=dict)
    objects: dict[str, Plan] = field(default_factory=dict)
    presence: int | None = None
    known: frozenset[str] = frozenset()

    def inside(self, path: Iterable[str]) -> Plan:
        """Find, or make, the object at a path.

        :param path: names of the fields on the way.
        """
        found = self
        for name in path:
            found.known |= {name}
            found = found.objects.setdefault(name, Plan())
        return found


@dataclass(frozen=True, slots=True)
class Elements:
    """What becomes of the elements of an array.

    :param child: the table.
    :param inside: what becomes of the fields of an element; None: elements are plain values.
    :param leftovers: names what remains of an element.
    """

    child: Child
    inside: Plan | None
    leftovers: Leftovers

    @property
    def type(self) -> Type:
        """Type of plain values."""
        return self.child.columns[0].type

    @classmethod
    def of(cls, child: Child) -> Elements:
        """Plan what becomes of the elements.

        :param child: the table.
        """
        inside = None if child.scalar else plan_of(child.columns)
        return cls(child, inside, Leftovers(child.columns, prefix=f"{child.path}[]."))


def plan_of(columns: Sequence[Column], children: Sequence[Child] = ()) -> Plan:
    """Plan what becomes of the fields of an object.

    :param columns: the columns.
    :param children: the tables for its arrays.
    """
    top = Plan()
    for index, column in enumerate(columns):
        *way, name = column.path.split(".")
        if column.presence:
            top.inside((*way, name)).presence = index
        else:
            at = top.inside(way)
            at.columns.append((index, name, column))
            at.known |= {name}
    for index, child in enumerate(children):
        *way, name = child.path.split(".")
        at = top.inside(way)
        at.arrays[name] = (index, Elements.of(child))
        at.known |= {name}
    return top
